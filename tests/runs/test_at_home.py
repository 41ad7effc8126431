from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.drift import aspect_of
from leukoscope.pictures.facts import SCHEMA
from leukoscope.predictions.table import Predictions
from leukoscope.runs.at_home import at_home

CLASSES = Classes(("hem", "all"))
RULE = {"maximize": "balanced_accuracy", "sensitivity": None, "value": None}
PLATT = Calibrator("platt", CLASSES.names, 40, slope=0.5)


def home(**card: Any) -> dict[str, Any]:
    ids = [str(number) for number in range(8)]
    cells = pl.DataFrame({"id": ids, "path": ids, "label": [*["hem", "all"] * 3, "hem", None]})
    columns = {"id": ids, "brightness": [100.0] * 4 + [50.0] * 4, "format": ["PNG"] * 8, "mode": ["RGB"] * 8}
    schema = {"id": pl.String(), **SCHEMA}
    pictures = pl.DataFrame({**{name: [None] * 8 for name in schema}, **columns}, schema=schema)
    table = pl.DataFrame({"id": ids, "part": ["train"] * 4 + ["test"] * 4, "group": ids})
    said = pl.DataFrame({"id": ids[4:], "label": ["hem", "all", "hem", None], "p_all": [0.1, 0.9, 0.2, 0.3]})
    test = Predictions(said.with_columns(p_hem=1 - pl.col("p_all")), CLASSES)
    known = SimpleNamespace(**{"calibrator": None, "threshold": 0.5} | card)
    cohort = Cohort.from_cells("own", Path("/data"), cells, CLASSES)
    return at_home(cohort, pictures, Split(table, "holdout", "cell", 0), test, card=known, rule=RULE)  # type: ignore[arg-type]


def test_the_pictures_of_each_part_whose_class_is_known() -> None:
    found = home()
    assert {part: short["number"] for part, short in found["pictures"].items()} == {"train": 4, "test": 3}
    light = aspect_of(found["pictures"]["train"], "brightness")
    assert light is not None
    assert light.mean == 100
    assert found["threshold"] == RULE


def test_the_answers_are_those_that_the_bundle_states() -> None:
    plain, calibrated = (
        aspect_of(home(**card)["answers"], "positive") for card in ({}, {"calibrator": PLATT.as_json()})
    )
    assert plain is not None
    assert calibrated is not None
    assert plain.quantiles[-1] == pytest.approx(0.9)
    assert calibrated.quantiles[-1] == pytest.approx(0.75)  # the root of nine to one
    assert home(threshold=0.95)["answers"]["called"] == {"hem": 1.0, "all": 0.0}
