from __future__ import annotations

import pytest

from leukoscope.cohort.splits import SPLITTERS, settings_of
from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import SplitSettings
from leukoscope.runs.preparation import split_settings

OTHER_NAMES = {"path": "file"}


def test_a_kind_gets_what_it_takes_and_nothing_that_was_not_said() -> None:
    assert split_settings(SplitSettings(), 7) == {"by": "patient", "validation": 0.2, "seed": 7}
    folds = SplitSettings(kind="folds", folds=3, fold=2, inner=4, stratify="sex", seed=1)
    common = {"by": "patient", "validation": 0.2, "seed": 1, "stratify": "sex"}
    assert split_settings(folds, 7) == {**common, "folds": 3, "fold": 2, "inner": 4, "inner_fold": 0}
    assert split_settings(folds, 7, several=True) == {**common, "folds": 3, "inner": 4}
    left_out = SplitSettings(kind="leave_one_out", patient="17")
    assert split_settings(left_out, 0) == {
        "by": "patient",
        "validation": 0.2,
        "seed": 0,
        "patient": "17",
        "fold": 0,
    }


def test_a_file_must_be_named() -> None:
    with pytest.raises(SettingsError) as raised:
        split_settings(SplitSettings(kind="file"), 0)
    assert str(raised.value) == (
        "split.kind is 'file' but split.file names none.\n  what to do: --set split.file=split.csv"
    )
    assert split_settings(SplitSettings(kind="file", file="a.csv", fold=1), 0)["path"] == "a.csv"


def test_every_setting_of_every_kind_can_be_said_in_a_recipe() -> None:
    known = set(SplitSettings.model_fields)
    for kind in SPLITTERS:
        assert {OTHER_NAMES.get(name, name) for name in settings_of(kind)} <= known, kind
    assert set(SPLITTERS) == set(SplitSettings.model_fields["kind"].annotation.__args__)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (SplitSettings(folds=3), "folds"),
        (SplitSettings(kind="folds", repeat=1), "repeat"),
        (SplitSettings(kind="folds", patient="P01"), "patient"),
        (SplitSettings(kind="repeated", file="split.csv"), "file"),
        (SplitSettings(places={"test": ["late"]}), "places"),
    ],
)
def test_a_setting_that_the_kind_does_not_take_is_refused(settings: SplitSettings, name: str) -> None:
    with pytest.raises(SettingsError) as raised:
        split_settings(settings, 0)
    assert raised.value.what == f"A split of the kind {settings.kind!r} has no setting {name!r}."


def test_an_inner_fold_without_inner_folds_is_refused() -> None:
    with pytest.raises(SettingsError, match="An inner fold is named, but there are no inner folds"):
        split_settings(SplitSettings(kind="folds", folds=3, inner_fold=1), 0)


def test_a_recipe_with_every_setting_spelled_out_is_taken() -> None:
    for kind in SPLITTERS:
        settings = SplitSettings(kind=kind, file="a.csv" if kind == "file" else None)  # type: ignore[arg-type]
        spelled_out = SplitSettings.model_validate(settings.model_dump(mode="json"))
        assert split_settings(spelled_out, 0) == split_settings(settings, 0)


def test_the_share_that_a_recipe_holds_out_does_not_hinder_another_kind() -> None:
    recipe = load_recipe("quick", {"split.kind": "file", "split.file": "a.csv"})
    assert recipe.split.test == 0.25
    assert split_settings(recipe.split, 0)["path"] == "a.csv"
