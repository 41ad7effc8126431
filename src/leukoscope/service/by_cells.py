"""A patient by a bundle of cells: the mean of the cells' probabilities, as everywhere in the house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.units import Floats
from leukoscope.explanation.interval import LEVEL, MEANING, REPLICATES, bounds
from leukoscope.inference.flags import FLAG
from leukoscope.inference.patient_sums import PatientSums
from leukoscope.predictions.table import probability_column
from leukoscope.randomness import generator
from leukoscope.service.cells import cell_rows, notes_on_cells
from leukoscope.service.framed import Framed
from leukoscope.service.plain import number, shares_of
from leukoscope.service.progress import Progress
from leukoscope.service.served import Served

RULE = "The model judges single cells: the patient's probability is the mean of the cells' probabilities."
DECIDED = "The operating point that it is held against was chosen for single cells."
DRAWN_AS = "the patient's cells"


async def patient_of_cells(served: Served, framed: Sequence[Framed], progress: Progress) -> dict[str, Any]:
    """Return what a bundle of cells says of the patient whose cells these are.

    Args:
        served: The bundle.
        framed: The pictures.
        progress: Of the request.
    """
    bundle, classes = served.bundle, served.bundle.classes
    said = await served.seen([one.ways for one in framed if one.problem is None], progress)
    cells = cell_rows(framed, said, classes, served.marks)
    row = mean_row(said, classes, bundle.threshold)
    explained = str(classes.positive or row["called"])
    for cell, evidence in _evidence(cells, said, classes, explained):
        cell["evidence"] = evidence
    patient = {
        "called": row["called"],
        "probabilities": shares_of(row, classes),
        "interval": _interval(said, explained),
        "threshold": bundle.threshold,
        "band": None,
        "referred": None,
        "remarks": [],
        "cells": said.height,
        "unreadable": len(framed) - said.height,
        "strange_cells": int(said[FLAG].sum()) if FLAG in said.columns else None,
        "shares_called": shares_called(said, classes),
        "problem": None,
    }
    decided = [] if bundle.threshold is None else [DECIDED]
    notes = [RULE, *decided, *notes_on_cells(cells, said, served)]
    return {"patient": patient, "cells": cells, "explained": explained, "notes": notes}


def mean_row(said: pl.DataFrame, classes: Classes, threshold: float | None) -> dict[str, Any]:
    """Return one patient's row of ``PatientSums.table``.

    Args:
        said: What was said of the patient's cells, 1 or more.
        classes: The classes.
        threshold: The cells'.
    """
    nothing = pl.lit(None, pl.String)
    sums = PatientSums(classes, threshold)
    sums.add(said.with_columns(patient=pl.lit("patient"), label=nothing, problem=nothing))
    table = sums.table()
    assert table is not None, "there is a cell"
    return table.row(0, named=True)


def shares_called(said: pl.DataFrame, classes: Classes) -> dict[str, float]:
    """Return the share of cells that were called each class, 0 to 1."""
    counts = dict(said["called"].value_counts().iter_rows())
    return {name: counts.get(name, 0) / said.height for name in classes.names}


def _evidence(
    cells: list[dict[str, Any]], said: pl.DataFrame, classes: Classes, explained: str
) -> list[tuple[dict[str, Any], float | None]]:
    """Return each cell's evidence: of two classes the positive one's logit, of more its probability of the called."""
    column = "logit" if classes.binary else probability_column(explained)
    told = iter(said[column].to_list())
    return [(cell, number(next(told)) if cell["problem"] is None else None) for cell in cells]


def _interval(said: pl.DataFrame, explained: str) -> dict[str, Any] | None:
    """Return how far the mean depends on which cells were photographed: the bootstrap over cells (Efron 1979)."""
    values: Floats = said[probability_column(explained)].to_numpy()
    if len(values) < 2:  # noqa: PLR2004 - one cell says nothing of others
        return None
    drawn = generator(0, DRAWN_AS, "patient").integers(len(values), size=(REPLICATES, len(values)))
    low, high = bounds(np.asarray(values[drawn].mean(axis=1)))
    return {"low": low, "high": high, "level": LEVEL, "of": explained, "what": MEANING}
