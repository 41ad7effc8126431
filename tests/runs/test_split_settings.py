from __future__ import annotations

import pytest

from leukoscope.cohort.splits import SPLITTERS, settings_of
from leukoscope.errors import SettingsError
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
