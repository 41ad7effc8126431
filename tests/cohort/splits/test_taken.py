from __future__ import annotations

import pytest

from leukoscope.cohort.splits import SPLITTERS, settings_of
from leukoscope.cohort.splits.taken import AS_IN_RECIPES, refuse_untaken
from leukoscope.errors import SettingsError


@pytest.mark.parametrize(
    ("kind", "name", "takers", "known"),
    [
        ("holdout", "folds", "folds", "by, on_twins, seed, stratify, test, validation"),
        ("holdout", "fold", "folds or leave_one_out or file", "by, on_twins, seed, stratify, test, validation"),
        ("official", "file", "file", "by, on_twins, places, seed, stratify, validation"),
        ("file", "test", "holdout or repeated", "by, file, fold, on_twins, seed, stratify, validation"),
    ],
)
def test_a_setting_of_another_kind_is_refused_with_the_kinds_that_take_it(
    kind: str, name: str, takers: str, known: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        refuse_untaken(kind, ["by", name])
    assert str(raised.value) == (
        f"A split of the kind {kind!r} has no setting {name!r}.\n  where: split.{name}\n"
        f"  what to do: It belongs to the kind {takers}. Settings of {kind}: {known}."
    )


def test_a_setting_of_no_kind_is_refused() -> None:
    with pytest.raises(SettingsError) as raised:
        refuse_untaken("holdout", ["colour"])
    assert raised.value.do == "Settings of holdout: by, on_twins, seed, stratify, test, validation."


@pytest.mark.parametrize("kind", SPLITTERS)
def test_what_a_kind_takes_is_not_refused(kind: str) -> None:
    own = {AS_IN_RECIPES.get(name, name) for name in settings_of(kind)}
    assert refuse_untaken(kind, {"kind", "on_twins", *own}) is None  # type: ignore[func-returns-value]


def test_an_inner_fold_needs_inner_folds() -> None:
    with pytest.raises(SettingsError) as raised:
        refuse_untaken("folds", ["folds", "inner_fold"])
    assert str(raised.value) == (
        "An inner fold is named, but there are no inner folds.\n  where: split.inner_fold\n"
        "  what to do: Say how many there are: inner=4."
    )
