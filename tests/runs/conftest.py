"""An audit to be written: pictures on disk, a cohort of them, and findings that show some."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from leukoscope.audit import Audit, Finding
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.pictures.intake import take_in

SIZE = 60


@dataclass(frozen=True)
class Written:
    """A cohort on disk with its pictures table and an audit of it."""

    cohort: Cohort
    pictures: pl.DataFrame
    found: Audit


def cell(number: int) -> np.ndarray:
    """Return a bright square on black, at a place of its own, with a mark in its upper left corner."""
    pixels = np.zeros((SIZE, SIZE, 3), np.uint8)
    left, top = 14 + number, 10 + 2 * number
    pixels[top : top + 24, left : left + 24] = (160, 60, 120 + 8 * number)
    pixels[top : top + 8, left : left + 8] = (250, 220, 240)
    return pixels


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Six cells of three patients, the last a damaged file; a near pair, single cells and a note."""
    root = tmp_path / "data"
    root.mkdir()
    for number in range(5):
        Image.fromarray(cell(number)).save(root / f"c{number}.png")
    (root / "c5.png").write_bytes(b"no picture")
    rows: list[dict[str, Any]] = [
        {
            "id": f"c{number}",
            "path": f"c{number}.png",
            "label": ("hem", "all")[number % 2],
            "patient": f"P{number // 2}",
        }
        for number in range(6)
    ]
    classes = Classes(("hem", "all"), ("hem", "leukaemic blast"))
    intake = take_in(Cohort.from_cells("bench", root, pl.DataFrame(rows), classes, notes=["A guess."]))
    pair = {"id_a": "c0", "id_b": "c2", "kind": "near", "correlation": 0.987, "degrees": 180.0, "flipped": True}
    beyond = pl.DataFrame({"id": ["c1", "c5"], "path": ["c1.png", "c5.png"], "beyond": [7, 2]})
    groups = pl.DataFrame({"group": ["P0+P1"], "patients": [["P0", "P1"]]})
    findings = (
        Finding("linked", "note", "A note.", 1, {"groups": groups}, pictures=(("c2", "c0"),)),
        Finding("beyond_crop", "warning", "Beyond.", 2, {"cells": beyond}, "Look.", pictures=(("c1",), ("c5",))),
        Finding(
            "twins", "error", "A twin.", 1, {"pairs": pl.DataFrame([pair])}, "Part them.", pictures=(("c0", "c2"),)
        ),
    )
    counts = {
        "cells": 6,
        "usable": 5,
        "excluded": 1,
        "unlabelled": 0,
        "unreadable": 1,
        "identical_pairs": 0,
        "patients": 3,
        "classes": [
            {"class": "hem", "title": "hem", "cells": 3, "patients": 3, "own": 0},
            {"class": "all", "title": "leukaemic blast", "cells": 2, "patients": 2, "own": 0},
        ],
    }
    return Written(intake.cohort, intake.pictures, Audit("bench", counts, findings))
