"""Finished runs without any training: drawn predictions, scored as a run's are, in folders as a run leaves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.storage import save_cohort
from leukoscope.evaluation import evaluate
from leukoscope.files import write_json
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.folder import RunFolder, versions

CLASSES = Classes(("hem", "all"))
PATIENTS = 12
MakeRun = Callable[..., Path]
MakeStudy = Callable[..., Path]


def drawn(seed: int, rows: int, edge: float, unit: str, *, linked: bool, known: bool) -> Predictions:
    """Return predictions of twelve patients; ``rows`` moves the cells, ``edge`` is how well they are told apart."""
    of_rows, of_run = np.random.default_rng([rows, 1]), np.random.default_rng([seed, rows, 2])
    truth = np.arange(PATIENTS) % 2
    code = np.repeat(np.arange(PATIENTS), of_rows.integers(3, 9, PATIENTS)) if unit == "cell" else np.arange(PATIENTS)
    patients = of_rows.normal(0, 0.8, PATIENTS)
    share = expit(edge * (truth[code] - 0.5) + patients[code] + of_run.normal(0, 0.9, len(code)))
    names = [f"P{one}" for one in code]
    table = {
        "id": [f"{names[row]}/{rows}-{row}" for row in range(len(code))] if unit == "cell" else names,
        "patient": names if known else None,
        "group": [f"G{one // 4 if linked and one < 4 else one}" for one in truth[code] * 100 + code] if known else None,
        "part": "test",
        "label": np.array(CLASSES.names)[truth[code]],
        "p_hem": 1 - share,
        "p_all": share,
    }
    return Predictions(pl.DataFrame(table), CLASSES, unit)  # type: ignore[arg-type]


def write_run(
    folder: Path,
    *,
    seed: int = 0,
    edge: float = 2.0,
    rows: int = 0,
    unit: str = "cell",
    linked: bool = False,
    known: bool = True,
    changes: Mapping[str, Any] | None = None,
    leakage: str | None = None,
    status: str = "finished",
    data: str = "drawn",
) -> Path:
    """Write the folder of a run and return it."""
    place, said = RunFolder(folder), drawn(seed, rows, edge, unit, linked=linked, known=known)
    recipe = load_recipe("drawn", {**(changes or {}), "seed": seed})
    record = {
        "format": 1, "status": status, "name": folder.name, "recipe": "drawn", "seed": seed, "leakage": leakage,
        "asked": recipe.model_dump(mode="json"), "versions": versions(), "weights": None,
        "data": {"name": data, "cells": said.table.height}, "split": {"statement": "0 shared, 0 linked"},
    }  # fmt: skip
    write_json(place.record, record)
    cells = said.table.select("id", pl.col("id").alias("path"), "label", "patient")
    save_cohort(
        Cohort("drawn", folder, cells, pl.DataFrame({"patient": []}, {"patient": pl.String()}), CLASSES), place.cohort
    )
    scored = evaluate(said, threshold=0.4, replicates=0).as_json()
    threshold = {"value": 0.4, "rule": "the largest balanced accuracy", "achieved": 0.8}
    parts = {"test": scored, "validation": scored}
    write_json(place.scores, {"format": 1, "leakage": leakage, "unit": unit, "threshold": threshold, "parts": parts})
    for part in parts:
        place.predictions(part).parent.mkdir(parents=True, exist_ok=True)
        said.save(place.predictions(part))
    return folder


@pytest.fixture(scope="session")
def make_run() -> MakeRun:
    """Return what writes the folder of a finished run; see ``write_run``."""
    return write_run


@pytest.fixture(scope="session")
def make_study() -> MakeStudy:
    """Return what writes a study: settings of ``make_run`` by the variant's name, the seeds, and those not finished."""

    def make(
        folder: Path, variants: Mapping[str, Mapping[str, Any]], seeds: Sequence[int], stopped: Sequence[str] = ()
    ) -> Path:
        runs = [
            {"name": f"{variant}-seed{seed}", "variant": variant, "seed": seed}
            for seed in seeds
            for variant in variants
        ]
        for run in runs:
            settings = dict(variants[run["variant"]])
            settings["rows"] = settings.get("rows", 0) + (run["seed"] if settings.pop("moving", False) else 0)
            status = "failed" if run["name"] in stopped else "finished"
            write_run(folder / "runs" / run["name"], seed=run["seed"], status=status, **settings)
        write_json(folder / "study.json", {"format": 1, "runs": runs})
        return folder

    return make
