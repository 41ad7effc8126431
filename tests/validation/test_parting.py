from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LINK_SCHEMA, LinkedGroups, linked_groups
from leukoscope.cohort.of_patients import of_patients
from leukoscope.errors import DataError
from leukoscope.validation.parting import PART, REST, of_part, parted, parting_notes

CLASSES = Classes(("hem", "all"))
SIDES = (
    "With a share of {share} the part has {part} linked groups of {of} and the rest has {rest} linked groups of {of}; "
)
NEEDED = "recalibration needs 5 linked groups or more, and two classes, on either side."


def cohort(patients: int = 24, cells: int = 3, *, known: bool = True) -> Cohort:
    rows = [(f"{who}-{cell}", ("hem", "all")[who % 2], f"P{who}") for who in range(patients) for cell in range(cells)]
    table = pl.DataFrame(rows, schema=["id", "label", "patient"], orient="row").with_columns(path="id")
    return Cohort.from_cells("there", Path("/data"), table if known else table.drop("patient"), CLASSES)


def linked(of: Cohort, *pairs: tuple[str, str]) -> LinkedGroups:
    rows = [(one, other, "near", 0.99) for one, other in pairs]
    return linked_groups(of, pl.DataFrame(rows, schema=LINK_SCHEMA, orient="row"))


@pytest.mark.parametrize("seed", range(5))
def test_linked_patients_stay_together_and_classes_are_shared_out(seed: int) -> None:
    there = cohort()
    table = parted(there, linked(there, ("0-0", "2-1"), ("2-0", "5-0")), 0.5, seed)
    assert table.height == 72
    assert table.group_by("group").agg(pl.col("part").n_unique())["part"].to_list() == [1] * 22
    of_three = table.filter(pl.col("patient").is_in(["P0", "P2", "P5"]))["part"]
    assert of_three.n_unique() == 1
    held = table.group_by("part", "label").len()["len"].to_list()
    assert max(held) - min(held) <= 6


def test_the_draw_depends_on_the_seed_and_not_on_the_order() -> None:
    there = cohort()
    first = parted(there, linked(there), 0.4, 1)
    turned = there.select(there.cells["id"])
    assert parted(turned, linked(turned), 0.4, 1).equals(first)
    assert not parted(there, linked(there), 0.4, 2).equals(first)


def test_the_parts_are_counted() -> None:
    there = cohort()
    table = parted(there, linked(there), 0.25, 0)
    assert of_part(table, PART) == {"cells": 18, "patients": 6, "groups": 6}
    assert of_part(table, REST) == {"cells": 54, "patients": 18, "groups": 18}
    assert parting_notes(table) == ("It rests on 6 linked groups of patients: on others it may turn out otherwise.",)


def test_where_only_patients_have_labels_they_are_divided_too() -> None:
    there = of_patients(cohort())
    table = parted(there, linked(there), 0.5, 0)
    assert table["label"].null_count() == 0
    assert of_part(table, PART)["patients"] == 12


def test_pictures_are_divided_where_no_patient_is_known() -> None:
    there = cohort(known=False)
    table = parted(there, linked(there, ("0-0", "2-1")), 0.5, 0)
    assert table.filter(pl.col("id").is_in(["0-0", "2-1"]))["part"].n_unique() == 1
    (note,) = parting_notes(table)
    assert note == (
        "No patients are known, so pictures were divided: cells of one patient may be on both sides, and what "
        "recalibration gains may be overstated."
    )
    assert of_part(table, PART)["patients"] is None


@pytest.mark.parametrize(("patients", "share", "sides"), [(8, 0.5, (4, 4)), (24, 0.1, (2, 22))])
def test_too_few_on_one_side_are_refused(patients: int, share: float, sides: tuple[int, int]) -> None:
    there = cohort(patients)
    with pytest.raises(DataError) as raised:
        parted(there, linked(there), share, 0)
    said = SIDES.format(share=share, part=sides[0], rest=sides[1], of="hem, all")
    assert str(raised.value) == f"{said}{NEEDED}\n  what to do: Take another share or seed, or a larger cohort."


def test_a_single_class_is_refused() -> None:
    there = cohort(40)
    healthy = there.select(there.cells.filter(pl.col("label") == "hem")["id"])
    with pytest.raises(DataError) as raised:
        parted(healthy, linked(healthy), 0.5, 0)
    said = SIDES.format(share=0.5, part=10, rest=10, of="hem")
    assert str(raised.value) == f"{said}{NEEDED}\n  what to do: Take another share or seed, or a larger cohort."
