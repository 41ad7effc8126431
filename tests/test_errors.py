from __future__ import annotations

import pytest

from leukoscope.errors import (
    BundleError,
    DataError,
    LeakageError,
    LeukoscopeError,
    SettingsError,
    WeightsError,
    nearest,
)


@pytest.mark.parametrize("kind", [DataError, SettingsError, LeakageError, WeightsError, BundleError])
def test_every_error_is_one_and_exits_with_2(kind: type[LeukoscopeError]) -> None:
    assert issubclass(kind, LeukoscopeError)
    assert kind.exit_code == 2


def test_an_error_says_what_where_how_many_more_and_what_to_do() -> None:
    error = DataError("The label is missing.", where="labels.csv, row 7", more=2, do="Fill it in.")
    assert str(error) == ("The label is missing.\n  where: labels.csv, row 7 (and 2 more)\n  what to do: Fill it in.")
    assert (error.what, error.where, error.more, error.do) == (
        "The label is missing.",
        "labels.csv, row 7",
        2,
        "Fill it in.",
    )


def test_an_error_without_place_is_one_line() -> None:
    assert str(SettingsError("There is no recipe 'qick'.")) == "There is no recipe 'qick'."


def test_one_place_is_not_called_more() -> None:
    assert str(DataError("The label is missing.", where="row 7")) == "The label is missing.\n  where: row 7"


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("cmnc", ["pbc", "cnmc"], "Did you mean 'cnmc'? Known: cnmc, pbc."),
        ("zzz", ["pbc", "cnmc"], "Known: cnmc, pbc."),
        ("zzz", [], "Known: none."),
    ],
)
def test_a_wrong_name_gets_the_nearest_right_one(name: str, known: list[str], said: str) -> None:
    assert nearest(name, known) == said
