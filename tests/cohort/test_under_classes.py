from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.class_maps import ClassMap
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.under_classes import UNMAPPED, class_map_for, under_classes
from leukoscope.errors import DataError, SettingsError

OURS = Classes(("hem", "all"))
THEIRS = Cohort.from_cells(
    "theirs",
    Path("/data"),
    pl.DataFrame({"id": ["1", "2", "3"], "path": ["1", "2", "3"], "label": ["all", "aml", None]}),
    Classes(("all", "aml")),
)


def test_equal_names_are_taken_and_the_rest_is_left_out_in_its_place() -> None:
    chosen = class_map_for(THEIRS, OURS, None, None, of="ours")
    assert chosen == ClassMap({"all": "all"})
    found = under_classes(THEIRS, chosen, OURS)
    assert found.classes == OURS
    assert found.cells.select("id", "label", "excluded").rows() == [
        ("1", "all", None), ("2", None, UNMAPPED), ("3", None, UNMAPPED),
    ]  # fmt: skip


def test_a_map_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SettingsError) as raised:
        class_map_for(THEIRS, OURS, {"all": "alls"}, None, of="ours")
    assert str(raised.value) == (
        "The class map leads to 'alls', which is no class of 'ours'.\n"
        "  what to do: Did you mean 'all'? Known: all, hem."
    )
    with pytest.raises(SettingsError) as raised:
        class_map_for(THEIRS, OURS, {"all": "all"}, "kind", of="ours")
    assert str(raised.value).startswith("The cells of 'theirs' have no column 'kind' to map by.")


def test_a_map_of_no_cell_is_refused() -> None:
    with pytest.raises(DataError) as raised:
        under_classes(THEIRS, ClassMap({"cll": "all"}), OURS)
    assert str(raised.value) == (
        "No cell of 'theirs' is in the class map, by the column 'label'.\n"
        "  what to do: Its values: all, aml; the map names: cll."
    )
