from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.audit.evidence import Evidence, gather
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort

CELL = {"label": "all", "patient": None, "place": None, "source": None, "excluded": None}
PICTURE: dict[str, Any] = {
    "width": 450,
    "height": 450,
    "mode": "RGB",
    "format": "PNG",
    "remarks": None,
    "problem": None,
    "black_background": True,
    "box_left": 150,
    "box_top": 150,
    "box_right": 300,
    "box_bottom": 300,
    "bytes": 10_000,
    "not_black": 22_500,
    "mean_red": 120.0,
    "mean_green": 80.0,
    "mean_blue": 130.0,
    "brightness": 98.0,
    "contrast": 30.0,
    "background_share": 0.9,
    "jpeg_quality": None,
}
OWN = {"id", "picture", "pixels", "path", *CELL, *PICTURE}


@dataclass(frozen=True)
class Bench:
    """A cohort and its table of pictures."""

    cohort: Cohort
    pictures: pl.DataFrame

    def evidence(self, **settings: Any) -> Evidence:
        return gather(self.cohort, self.pictures, **settings)


def laid_out(
    rows: list[dict[str, Any]],
    *,
    classes: Classes | None = None,
    patients: pl.DataFrame | None = None,
    root: Path = Path("pictures"),
    **known: Any,
) -> Bench:
    """Return a bench from what differs from an ordinary cell and picture; equal ``picture`` means equal bytes.

    What is no column of either becomes one of the cells; ``known`` goes to the cohort (``tables``, ``reader``, ...).
    """
    cells = [
        {
            "path": row.get("path", f"{row['id']}.png"),
            "id": row["id"],
            **{key: row.get(key, CELL[key]) for key in CELL},
            **{key: value for key, value in row.items() if key not in OWN},
        }
        for row in rows
    ]
    facts = [
        {
            "id": row["id"],
            "sha256": row.get("picture", row["id"]),
            "pixels_sha256": None if row.get("problem") else row.get("pixels", row.get("picture", row["id"])),
            **{key: row.get(key, PICTURE[key]) for key in PICTURE},
        }
        for row in rows
    ]
    text = dict.fromkeys(("label", "patient", "place", "source", "excluded"), pl.String)
    cohort = Cohort.from_cells(
        "bench",
        root,
        pl.DataFrame(cells, schema_overrides=text, infer_schema_length=None),
        classes or Classes(("hem", "all"), ("normal cell", "leukaemic blast")),
        patients=patients,
    )
    words = dict.fromkeys(("remarks", "problem", "pixels_sha256"), pl.String)
    return Bench(replace(cohort, **known), pl.DataFrame(facts, schema_overrides=words, infer_schema_length=None))


@pytest.fixture(scope="session")
def lay_out() -> Callable[..., Bench]:
    """Lay out a cohort and its pictures: ``lay_out([{"id": "a", "patient": "1", "width": 300}, ...])``."""
    return laid_out


@pytest.fixture(scope="session")
def clean() -> list[dict[str, Any]]:
    """Rows in which nothing is wrong: three patients of each class with ten cells each."""
    return [
        {"id": f"{label}{patient}_{cell}", "label": label, "patient": f"{label}{patient}"}
        for label in ("hem", "all")
        for patient in range(3)
        for cell in range(10)
    ]
