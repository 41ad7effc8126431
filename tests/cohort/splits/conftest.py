from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LINK_SCHEMA, LinkedGroups, linked_groups

Row = tuple[str, str | None, str | None, str | None]
Made = tuple[Cohort, LinkedGroups]
Make = Callable[..., Made]


def made(
    rows: Iterable[Row], pairs: Iterable[tuple[str, str]] = (), *, classes: tuple[str, ...] = ("hem", "all")
) -> Made:
    """Return a cohort from rows of id, label, patient and place, and its groups by pairs of ids."""
    schema = {"id": pl.String, "label": pl.String, "patient": pl.String, "place": pl.String}
    cells = pl.DataFrame(list(rows), schema=schema, orient="row")
    cohort = Cohort.from_cells(
        "small", Path("pictures"), cells.with_columns(path=pl.format("{}.png", "id")), Classes(classes)
    )
    links = pl.DataFrame([(*pair, "exact bytes") for pair in pairs], schema=LINK_SCHEMA, orient="row")
    return cohort, linked_groups(cohort, links)


@pytest.fixture(scope="session")
def make() -> Make:
    """Make a cohort and its linked groups from rows of (id, label, patient, place) and pairs of ids."""
    return made


@pytest.fixture(scope="session")
def clinic() -> Made:
    """Twelve patients of ten cells, half of them ``all``; a01 is tied to a02, h01 to h02 and h02 to h03."""
    rows: list[Row] = []
    for label, letter in (("hem", "h"), ("all", "a")):
        for patient in range(1, 7):
            name = f"{letter}{patient:02d}"
            rows += [(f"{name}_{cell}", label, name, "early" if patient < 4 else "late") for cell in range(10)]
    return made(rows, [("a01_0", "a02_0"), ("a01_1", "a02_5"), ("h01_0", "h02_0"), ("h02_1", "h03_1")])
