from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import PATIENT_LINK_COLUMNS, Cohort
from leukoscope.cohort.links import LINK_SCHEMA, LinkedGroups, linked_groups

Row = tuple[str, str | None, str | None, str | None]
Made = tuple[Cohort, LinkedGroups]
Make = Callable[..., Made]
Known = tuple[str, str, int, str]


def pairs_of(pairs: Iterable[tuple[str, str] | tuple[str, str, float]]) -> pl.DataFrame:
    """Return links: two ids are identical pictures; with a correlation they are a near pair."""
    rows = [(*pair[:2], "exact bytes", None) if len(pair) == 2 else (*pair[:2], "near", pair[2]) for pair in pairs]
    return pl.DataFrame(rows, schema=LINK_SCHEMA, orient="row")


def made(
    rows: Iterable[Row],
    pairs: Iterable[tuple[str, str] | tuple[str, str, float]] = (),
    *,
    classes: tuple[str, ...] = ("hem", "all"),
    training_only: Iterable[str] = (),
    known: Iterable[Known] = (),
) -> Made:
    """Return a cohort from rows of id, label, patient and place, and its groups by pairs of ids.

    ``training_only`` are ids; ``known`` are links between patients: two of them, pictures, kind.
    """
    schema = {"id": pl.String, "label": pl.String, "patient": pl.String, "place": pl.String}
    cells = pl.DataFrame(list(rows), schema=schema, orient="row").with_columns(path=pl.format("{}.png", "id"))
    if training_only := set(training_only):
        cells = cells.with_columns(training_only=pl.col("id").is_in(training_only))
    cohort = Cohort.from_cells("small", Path("pictures"), cells, Classes(classes))
    links = [(*link, "said so") for link in known]
    cohort = replace(cohort, patient_links=pl.DataFrame(links, schema=PATIENT_LINK_COLUMNS, orient="row"))
    return cohort, linked_groups(cohort, pairs_of(pairs))


@pytest.fixture(scope="session")
def make() -> Make:
    """Make a cohort and its linked groups from rows of (id, label, patient, place) and pairs of ids."""
    return made


@pytest.fixture(scope="session")
def links_of() -> Callable[..., pl.DataFrame]:
    """Make a table of links from pairs of ids, near ones with their correlation."""
    return pairs_of


@pytest.fixture(scope="session")
def clinic() -> Made:
    """Twelve patients of ten cells, half of them ``all``; a01 is tied to a02, h01 to h02 and h02 to h03."""
    rows: list[Row] = []
    for label, letter in (("hem", "h"), ("all", "a")):
        for patient in range(1, 7):
            name = f"{letter}{patient:02d}"
            rows += [(f"{name}_{cell}", label, name, "early" if patient < 4 else "late") for cell in range(10)]
    return made(rows, [("a01_0", "a02_0"), ("a01_1", "a02_5"), ("h01_0", "h02_0"), ("h02_1", "h03_1")])
