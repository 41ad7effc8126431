from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe
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


def test_a_study_leaves_the_run_on_the_papers_own_split_out() -> None:
    assert load_recipe("baldi2021-scratch-256").as_published is not None
    assert [run.recipe.as_published for run in plan("baldi2021-scratch-256", 2).runs] == [None, None]


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


def test_weights_are_scored_again_beside_each_run() -> None:
    made = plan("drawn", 2, {"model.dropout": [0.0, 0.5]}, rescore={"test_time.rotations": [4, 8]})
    assert [(run.name, run.weights_of) for run in made.runs[:4]] == [
        ("dropout=0.0-seed0", None),
        ("dropout=0.0,rotations=4-seed0", "dropout=0.0-seed0"),
        ("dropout=0.0,rotations=8-seed0", "dropout=0.0-seed0"),
        ("dropout=0.5-seed0", None),
    ]
    assert made.runs[2].variant == "dropout=0.0, rotations=8"
    assert made.runs[2].recipe == load_recipe(made.runs[0].recipe, {"test_time.rotations": 8})
    assert len(made.runs) == 12
    assert made.settings == ["model.dropout", "test_time.rotations"]


def test_what_is_chosen_is_tried_on_the_first_seed_alone() -> None:
    made = plan("drawn", [3, 5], {"model.dropout": [0.0, 0.5]}, choose={"stages.0.rates": ["1e-3", "1e-4"]})
    assert list(made.trials) == ["dropout=0.0", "dropout=0.5"]
    trials = made.trials["dropout=0.5"]
    assert [(trial.name, trial.seed) for trial in trials] == [
        ("dropout=0.5,rates=1e-3-seed3", 3),
        ("dropout=0.5,rates=1e-4-seed3", 3),
    ]
    assert [trial.recipe.stages[0].rates for trial in trials] == [1e-3, 1e-4]
    assert [run.name for run in made.runs] == [f"dropout={share}-seed{seed}" for seed in (3, 5) for share in (0.0, 0.5)]
    assert made.runs[0].recipe.stages[0].rates == 2e-3


def test_one_recipe_of_the_grid_alone_is_rescored_or_chosen_for() -> None:
    made = plan(
        "drawn",
        1,
        {"recipe": ["drawn", "quick"]},
        rescore={"quick:test_time.rotations": [4]},
        choose={"drawn:stages.0.rates": [1e-3, 1e-4]},
    )
    assert [run.name for run in made.runs] == [
        "recipe=drawn-seed0",
        "recipe=quick-seed0",
        "recipe=quick,rotations=4-seed0",
    ]
    assert [len(run.trials) for run in made.runs] == [2, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"rescore": {"stages.0.epochs": [3]}},
            "'stages.0.epochs' cannot be changed without training anew.\n  where: stages.0.epochs",
        ),
        (
            {"rescore": {"test_time.rotations": [1]}},
            (
                "The recipe 'drawn' has test_time.rotations=1 itself: there is nothing to score otherwise.\n"
                "  where: rescore\n"
                "  what to do: --rescore RECIPE:test_time.rotations=1 is for the runs of one recipe alone."
            ),
        ),
        (
            {"rescore": {"quik:test_time.rotations": [4]}},
            "This study has no recipe 'quik'.\n  where: quik:test_time.rotations\n  what to do: Known: drawn.",
        ),
        (
            {"choose": {"stages.0.rates": []}},
            "A setting has no value.\n  where: stages.0.rates\n  what to do: --choose 'stages.0.rates=a,b'",
        ),
        (
            {"choose": {"stages.0.rates": [1.0, 1.0]}},
            "A value is there more than once: 1.0.\n  where: stages.0.rates",
        ),
        (
            {"choose": {"split.test": [0.2, 0.3]}},
            (
                "'split.test' cannot be chosen: its values cannot be compared on one validation part.\n"
                "  where: split.test\n  what to do: Put the values into the grid: --grid."
            ),
        ),
        (
            {"grid": {"threshold.value": [0.5]}, "rescore": {"threshold.value": [0.4]}},
            (
                "This setting is in the grid, and to be rescored.\n  where: threshold.value\n"
                "  what to do: Leave one of them out."
            ),
        ),
        ({"choose": {"model.dropout": [0.1, 2]}}, "A setting is wrong:"),
    ],
)
def test_what_cannot_be_rescored_or_chosen_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        plan("drawn", 2, **arguments)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def test_nothing_is_chosen_by_epochs_that_are_not_there() -> None:
    with pytest.raises(SettingsError) as caught:
        plan("lyon-fusion", 1, choose={"model.measures": [True, False]})
    assert str(caught.value) == (
        "The recipe 'lyon-fusion' has no epochs, so nothing can be chosen by its best one.\n  where: choose\n"
        "  what to do: Put the values into the grid: --grid."
    )
