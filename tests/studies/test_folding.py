from __future__ import annotations

import pytest

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_any
from leukoscope.studies.folding import as_fold
from leukoscope.studies.plan import plan


def test_each_fold_of_one_division_is_a_run_of_every_variant() -> None:
    made = plan("drawn", grid={"model.dropout": [0.0, 0.5]}, folds=3)
    assert [run.name for run in made.runs] == [
        f"dropout={share}-seed0-fold{fold}" for fold in range(3) for share in (0.0, 0.5)
    ]
    assert list(made.variants) == ["dropout=0.0", "dropout=0.5"]
    assert [run.fold for run in made.runs] == [0, 0, 1, 1, 2, 2]
    assert {run.recipe.seed for run in made.runs} == {0}
    splits = {run.recipe.split.model_dump_json(exclude={"fold"}) for run in made.runs}
    assert len(splits) == 1
    assert {(run.recipe.split.kind, run.recipe.split.folds) for run in made.runs} == {("folds", 3)}
    assert [run.recipe.split.fold for run in made.runs] == [0, 0, 1, 1, 2, 2]


def test_every_seed_has_all_folds_of_a_division_of_its_own_unless_the_split_is_fixed() -> None:
    moving = plan("grisi2021", [3, 4], folds=2).runs
    assert [run.name for run in moving] == ["seed3-fold0", "seed3-fold1", "seed4-fold0", "seed4-fold1"]
    assert [(run.recipe.seed, run.recipe.split.seed) for run in moving] == [(3, None), (3, None), (4, None), (4, None)]
    still = plan("grisi2021", [3, 4], folds=2, split_seed="fixed").runs
    assert [(run.recipe.seed, run.recipe.split.seed) for run in still] == [(3, 0), (3, 0), (4, 0), (4, 0)]


def test_weights_are_scored_again_fold_by_fold() -> None:
    made = plan("drawn", folds=2, rescore={"test_time.rotations": [4]})
    assert [(run.name, run.weights_of) for run in made.runs] == [
        ("seed0-fold0", None),
        ("rotations=4-seed0-fold0", "seed0-fold0"),
        ("seed0-fold1", None),
        ("rotations=4-seed0-fold1", "seed0-fold1"),
    ]


def test_of_a_recipe_s_own_split_what_folds_have_too_is_kept() -> None:
    changes = ["split.kind=repeated", "split.test=0.5", "split.repeats=20", "split.validation=0.3", "split.by=cell"]
    split = as_fold(load_any("drawn", [*changes, "split.seed=8", "split.on_twins=drop"]), 5, 2).split
    assert (split.kind, split.folds, split.fold) == ("folds", 5, 2)
    assert (split.by, split.validation, split.seed, split.on_twins) == ("cell", 0.3, 8, "drop")
    assert (split.test, split.repeats) == (None, 10)


def test_recipes_of_several_models_are_folded_too() -> None:
    runs = plan("baldi2021-ensemble", folds=2).runs
    assert [(run.recipe.split.kind, run.recipe.split.fold) for run in runs] == [("folds", 0), ("folds", 1)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"folds": 1},
            "Cross-validation needs two folds or more; got 1.\n  where: folds\n  what to do: --folds 5",
        ),
        (
            {"folds": 5, "grid": {"split.fold": [0, 1]}},
            (
                "The folds are the runs of every variant, so 'split.fold' cannot vary beside them.\n"
                "  where: split.fold\n  what to do: Leave it out of the grid, or leave out --folds."
            ),
        ),
        (
            {"folds": 5, "choose": {"stages.0.rates": [1e-3, 1e-4]}},
            (
                "Nothing can be chosen in a study of folds: what validates in one fold is tested in the others.\n"
                "  where: choose\n"
                "  what to do: Put the values into the grid (--grid), or choose in a study without --folds."
            ),
        ),
        (
            {"seeds": 5, "changes": {"split.kind": "folds"}},
            (
                "Every seed would deal the cells anew and test fold 0 alone: 5 runs are no cross-validation.\n"
                "  where: split.kind\n"
                "  what to do: --folds 5 tests all folds of one division; --split-seed fixed keeps to one fold."
            ),
        ),
    ],
)
def test_folds_that_are_none_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        plan("drawn", **arguments)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_one_fold_with_several_seeds_is_allowed_where_that_is_what_was_asked() -> None:
    still = plan("drawn", 2, changes={"split.kind": "folds"}, split_seed="fixed").runs
    assert [run.recipe.split.seed for run in still] == [0, 0]
    named = plan("drawn", 2, {"split.fold": [0, 1]}, changes={"split.kind": "folds"}).runs
    assert [run.recipe.split.fold for run in named] == [0, 1, 0, 1]
    by = plan("drawn", 1, {"split.by": ["patient", "cell"]}, folds=2).runs
    assert [run.recipe.split.by for run in by] == ["patient", "cell", "patient", "cell"]
