from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.eligible import eligible, kept_together, share, with_validation
from leukoscope.errors import SettingsError

Made = tuple[Cohort, LinkedGroups]


def test_what_is_kept_together_depends_on_what_is_known(make: Callable[..., Made], clinic: Made) -> None:
    assert kept_together(clinic[0], "patient") == "patient"
    assert kept_together(clinic[0], "cell") == "cell"
    assert kept_together(make([("a", "all", None, None)])[0], "patient") == "cell"
    # A patient whose cells have no class does not help.
    assert kept_together(make([("a", "all", None, None), ("b", None, "1", None)])[0], "patient") == "cell"


def test_the_key_is_the_linked_group_or_the_picture(make: Callable[..., Made]) -> None:
    made = make([("a", "all", "1", None), ("b", "all", "1", None), ("c", "hem", "2", None)], [("b", "c")])
    assert eligible(*made, "patient")["key"].to_list() == ["1+2", "1+2", "1+2"]
    assert eligible(*made, "cell")["key"].to_list() == ["a", "b+c", "b+c"]
    assert eligible(*made, "cell")["group"].to_list() == ["1+2", "1+2", "1+2"]


def test_validation_is_drawn_only_where_there_is_none(clinic: Made) -> None:
    cells = eligible(*clinic, "patient")
    drawn, seed = with_validation(cells.with_columns(part=pl.lit("train")), clinic[0], validation=0.5, seed=4)
    assert (seed, sorted(set(drawn["part"]))) == (4, ["train", "validation"])
    again, seed = with_validation(drawn, clinic[0], validation=0.5, seed=4)
    assert seed is None
    assert again.equals(drawn)


@pytest.mark.parametrize("value", [0, 1, -0.1, float("nan")])
def test_a_share_lies_between_0_and_1(value: float) -> None:
    assert share("test", 0.25) == 0.25
    with pytest.raises(SettingsError, match="The share 'test' must lie between 0 and 1, both excluded; got"):
        share("test", value)
