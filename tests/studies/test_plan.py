from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.errors import SettingsError
from leukoscope.studies.plan import plan


def test_every_combination_stands_with_every_seed_and_seeds_come_first() -> None:
    made = plan("grisi2021", [3, 8], {"bag.aggregator": ["max", {"top_k": {"k": 10}}], "bag.cells": [5, None]})
    assert [run.name for run in made.runs[:4]] == [
        "aggregator=max,cells=5-seed3",
        "aggregator=max,cells=all-seed3",
        "aggregator=top_k-k=10,cells=5-seed3",
        "aggregator=top_k-k=10,cells=all-seed3",
    ]
    assert [run.seed for run in made.runs] == [3] * 4 + [8] * 4
    last = made.runs[-1]
    assert last.variant == "aggregator=top_k(k=10), cells=all"
    assert (last.recipe.bag.aggregator, last.recipe.bag.cells, last.recipe.seed) == ({"top_k": {"k": 10}}, None, 8)
    assert list(made.variants) == [run.variant for run in made.runs[:4]]


def test_without_a_grid_the_recipe_is_the_only_variant() -> None:
    made = plan("drawn", 2, changes={"seed": 7})
    assert [(run.name, run.variant, run.recipe.seed) for run in made.runs] == [
        ("seed7", "drawn", 7),
        ("seed8", "drawn", 8),
    ]


def test_the_seed_is_the_number_of_the_draw_of_repeated_halves() -> None:
    runs = plan("grisi2021", [0, 12]).runs
    assert [(run.recipe.split.seed, run.recipe.split.repeat, run.recipe.split.repeats) for run in runs] == [
        (0, 0, 10),
        (0, 12, 13),
    ]


def test_a_fixed_split_is_that_of_the_recipe_s_own_seed() -> None:
    for recipe in ("grisi2021", "drawn"):
        runs = plan(recipe, [4, 5], changes={"seed": 2}, split_seed="fixed").runs
        assert [(run.recipe.split.seed, run.recipe.split.repeat) for run in runs] == [(2, 0), (2, 0)]


def test_the_seed_moves_a_hold_out_unless_the_recipe_states_its_seed() -> None:
    assert [run.recipe.split.seed for run in plan("drawn", 2).runs] == [None, None]
    assert [run.recipe.split.seed for run in plan("drawn", 2, changes=["split.seed=9"]).runs] == [9, 9]


def test_what_the_grid_says_of_the_split_counts() -> None:
    runs = plan("grisi2021", 2, {"split.repeat": [5, 6]}).runs
    assert [run.recipe.split.repeat for run in runs] == [5, 6, 5, 6]


def test_recipes_themselves_can_vary(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text("base: grisi2021\nname: mine\nbag: {aggregator: mean}\n", encoding="utf-8")
    runs = plan("grisi2021", 1, {"recipe": ["grisi2021-max", str(own)]}, changes=["stages.0.epochs=2"]).runs
    assert [run.recipe.bag.aggregator for run in runs] == ["max", "mean"]
    assert {run.recipe.stages[0].epochs for run in runs} == {2}
    assert runs[0].name == "recipe=grisi2021-max-seed0"
    assert "/" not in runs[1].name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"seeds": 0},
            "A study needs seeds of 0 or more; got 0.\n  where: seeds\n  what to do: --seeds 5",
        ),
        (
            {"seeds": [1, 2, 1]},
            "The seed 1 is there more than once.\n  where: seeds\n  what to do: --seeds 0,1,2",
        ),
        (
            {"grid": {"seed": [1, 2]}},
            "Seeds are no part of the grid.\n  where: seed\n  what to do: --seeds 0,1,2",
        ),
        (
            {"grid": {"model.dropout": []}},
            "A setting of the grid has no value.\n  where: model.dropout\n  what to do: --grid 'model.dropout=a,b'",
        ),
        (
            {"grid": {"model.dropout": [0.1, 0.1]}},
            "A value of the grid is there more than once: 0.1.\n  where: model.dropout",
        ),
        (
            {"split_seed": "runs"},
            "The seed of the split is either of the run or fixed; got 'runs'.\n  what to do: --split-seed run | fixed",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        plan("drawn", **{"seeds": 2, **arguments})  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_a_wrong_value_of_the_last_run_is_told_before_the_first() -> None:
    with pytest.raises(SettingsError, match=r"model\.dropout: should be less than 1; got 2"):
        plan("drawn", 2, {"model.dropout": [0.1, 2]})
