"""The page "Subject numbers are not persons" against the pictures at hand."""

from __future__ import annotations

import math
import re
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import read_cohort
from leukoscope.runs.looking import look
from leukoscope.twins import Twins

ROW = re.compile(r"^\| `(UID_\w+)` \| `(UID_\w+)` \| ([\d.]+) \|", re.MULTILINE)
TOLERANCE = 0.002  # other builds of the libraries interpolate a little otherwise


@pytest.fixture
def told() -> dict[tuple[str, str], float]:
    """The pairs of the page, and how alike they are."""
    page = Path(__file__).parents[2] / "docs" / "subject-numbers-are-not-persons.md"
    return {(one, other): float(value) for one, other, value in ROW.findall(page.read_text(encoding="utf-8"))}


def found_among(cohort: Cohort) -> tuple[Twins, dict[tuple[str, str], float]]:
    """Return the twins of a cohort, and those that stand under two subjects with how alike they are."""
    twins = look(cohort).twins
    assert twins is not None
    patient = dict(cohort.cells.select("id", "patient").iter_rows())
    pairs = twins.pairs.select("id_a", "id_b", "correlation").rows()
    return twins, {(one, other): value for one, other, value in pairs if patient[one] != patient[other]}


def agree(told: dict[tuple[str, str], float], found: dict[tuple[str, str], float]) -> None:
    assert told.keys() == found.keys()
    assert all(math.isclose(told[pair], found[pair], abs_tol=TOLERANCE) for pair in told)


def test_the_cells_of_the_page_stand_under_two_subjects(real_data: Path, told: dict[tuple[str, str], float]) -> None:
    cohort = read_cohort(real_data / "cnmc", "cnmc")
    named = pl.Series(sorted({name for pair in told for name in pair}))
    agree(told, found_among(cohort.select(named))[1])


@pytest.mark.torture
def test_the_page_lists_every_cell_that_stands_under_two_subjects(
    real_data: Path, told: dict[tuple[str, str], float]
) -> None:
    cohort = read_cohort(real_data / "cnmc", "cnmc")
    twins, found = found_among(cohort)
    agree(told, found)
    assert (twins.pairs.height, len(found)) == (93, 24)
    upright = (twins.pairs["degrees"] < 1) | (twins.pairs["degrees"] > 359)
    assert upright.all()
    assert not twins.pairs["flipped"].any()
    label = dict(cohort.cells.select("id", "label").filter(pl.col("label").is_not_null()).iter_rows())
    assert all(label[one] == label[other] for one, other in twins.pairs.select("id_a", "id_b").iter_rows())
