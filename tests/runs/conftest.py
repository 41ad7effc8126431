"""An audit to be written: pictures on disk, a cohort of them, and findings that show some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from leukoscope import train
from leukoscope.audit import Audit, Finding
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.files import read_json, write_json
from leukoscope.pictures.intake import take_in
from leukoscope.predictions.foreign import read_foreign
from leukoscope.predictions.table import Predictions
from leukoscope.runs.ensembling import Ensemble, ensemble
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.rescoring import rescore_run
from leukoscope.runs.run import Run

SIZE = 60
REFERRING: dict[str, Any] = {
    "drawn.patients": 16,
    "drawn.cells": 12,
    "drawn.size": 32,
    "framing": [{"resize": 32}],
    "stages.0.epochs": 2,
    "model.backbone": "test_resnet",
    "model.cut": None,
    "split.test": 0.4,
    "split.validation": 0.4,
    "refer": {"calibrate": "platt", "accuracy": 0.7},
}


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


def score(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """Return a score as ``scores.json`` has it."""
    return {"value": value, "low": low, "high": high, "reason": None}


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A run's folder as a finished run leaves it, two epochs, with what a tracking service is told."""
    folder = tmp_path / "runs" / "first"
    record = {
        "format": 1,
        "status": "finished",
        "name": "first",
        "recipe": "drawn",
        "seed": 3,
        "asked": {
            "name": "drawn",
            "about": {"purpose": "The whole path.", "paper": None},
            "task": "cells",
            "framing": [{"resize": 32}],
            "facts": {"inputs": {"count (10^9/l)": "log"}},
            "stages": [{"epochs": 2, "rates": 1e-3, "patience": None, "average": True}],
            "augmentation": [],
        },
        "data": {"name": "drawn"},
        "versions": {"leukoscope": "0.1.0"},
        "leakage": None,
        "started": "2026-11-21T06:33:38+00:00",
        "finished": "2026-11-21T06:35:42+00:00",
        "split": {"statement": "8 patients in train | 4 patients in test, 0 shared, 0 linked"},
        "best_epoch": 2,
    }
    part = {"cells": 60, "patients": 4, "scores": {"roc_auc": score(0.75, 0.5, 0.875), "mcc": score(None)}}
    parts = {
        "validation": {**part, "patient_scores": None},
        "test": {**part, "patient_scores": {"roc_auc": score(1.0)}},
    }
    write_json(folder / "run.json", record)
    write_json(folder / "scores.json", {"leakage": None, "threshold": {"value": 0.25}, "parts": parts})
    (folder / "history.csv").write_text("epoch,stage,loss,validation_roc_auc\n1,1,0.5,\n2,1,0.25,0.75\n", "utf-8")
    (folder / "report.html").write_text("<p>report", "utf-8")
    (folder / "recipe.yaml").write_text("name: drawn\n", "utf-8")
    return folder


@pytest.fixture
def leaking(finished: Path) -> Path:
    """The same run with a leaking split."""
    for name in ("run.json", "scores.json"):
        write_json(finished / name, {**read_json(finished / name), "leakage": "to see"})
    return finished


def write_model(path: Path, seed: int, *, classes: Sequence[str] = ("hem", "all"), patients: int = 24) -> Path:
    """Write what a model that is too sure of itself says of five cells of each patient."""
    code = np.repeat(np.arange(patients), 5)
    truth, random = code % len(classes), np.random.default_rng(seed)
    hard = np.random.default_rng(0).normal(0, 0.6, (patients, len(classes)))[code]
    logits = 4 * (np.eye(len(classes))[truth] * 1.5 + hard + random.normal(0, 1, hard.shape))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    columns = {"id": [f"c{place}" for place in range(len(code))], "patient": [f"P{one}" for one in code],
               "part": np.where(code // len(classes) % 2 == 0, "validation", "test"),
               "label": np.array(classes)[truth]}  # fmt: skip
    pl.DataFrame(columns | {f"p_{name}": shares[:, k] for k, name in enumerate(classes)}).write_csv(path)
    return path


@pytest.fixture(scope="session")
def model_table() -> Callable[..., Path]:
    """``write_model``: a table of predictions of validation and test."""
    return write_model


@pytest.fixture(scope="session")
def of_tables(tmp_path_factory: pytest.TempPathFactory) -> Ensemble:
    """Three tables of predictions, and two rules that learn nothing."""
    place = tmp_path_factory.mktemp("of_tables")
    models = [write_model(place / f"net{seed}.csv", seed) for seed in (1, 2, 3)]
    return ensemble(models, place / "out", rules=("most_confident", "average"))


@pytest.fixture(scope="session")
def rule_said(of_tables: Ensemble) -> Callable[[str, str], Predictions]:
    """What a rule of ``of_tables`` says of a part."""
    return lambda rule, part: read_foreign(of_tables.rule(rule) / "predictions" / f"{part}.parquet")


@pytest.fixture(scope="session")
def referring_run(tmp_path_factory: pytest.TempPathFactory, quickly: Callable[[], AbstractContextManager[None]]) -> Run:
    """A run on drawn cells that calibrates and refers, with reference cells; no pages."""
    with quickly():
        return train("drawn", out=tmp_path_factory.mktemp("referring") / "run", changes=REFERRING, device="cpu")


@pytest.fixture(scope="session")
def stricter_run(referring_run: Run, quickly: Callable[[], AbstractContextManager[None]]) -> Run:
    """The same weights with another referral, few reference cells and none of their pictures."""
    changes = {"refer.accuracy": 0.9, "reference.cells": 7, "reference.pictures": False}
    with quickly():
        return rescore_run(*(RunFolder(referring_run.folder.with_name(name)) for name in ("run", "stricter")), changes)


@pytest.fixture(scope="session")
def plain_run(referring_run: Run, quickly: Callable[[], AbstractContextManager[None]]) -> Run:
    """The same weights without calibration, referral and reference cells."""
    changes = ["refer.accuracy=null", "refer.calibrate=none", "reference.cells=0"]
    with quickly():
        return rescore_run(*(RunFolder(referring_run.folder.with_name(name)) for name in ("run", "plain")), changes)
