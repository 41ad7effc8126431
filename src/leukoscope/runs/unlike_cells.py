"""How many of the test cells are unlike the training cells, and which are the most."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl
import torch

from leukoscope.bundles.reference import Reference
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.flagged import flagged_share
from leukoscope.evaluation.units import Floats
from leukoscope.files import write_table
from leukoscope.models.network import Network
from leukoscope.reports.sheets import picture_sheet
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.preparation import Prepared
from leukoscope.runs.reference_cells import drawn_cells, looked, pixels_of

SHOWN = 12


def write_unlike(
    folder: RunFolder, prepared: Prepared, network: Network, reference: Reference | None, device: torch.device
) -> dict[str, Any]:
    """Count how many test cells are out of distribution; write, and show, those most unlike the training cells.

    Args:
        folder: The run's folder.
        prepared: What the run works on.
        network: The trained network.
        reference: From ``reference_of``.
        device: Where to compute.

    Returns:
        The section ``out_of_distribution`` of ``scores.json``; nothing where there is no reference.
    """
    if reference is None:
        return {}
    test = looked(prepared, network, drawn_cells(prepared, "test", by_class=False), device)
    distances, classes = reference.distances(test.looks), prepared.intake.cohort.classes
    unlike = _most_unlike(test.cells, distances)
    write_table(folder.unlike, unlike)
    pictures = pixels_of(prepared, unlike["id"].to_list())
    picture_sheet(pictures, _captions(unlike, classes), folder.figures / "unlike.png")
    return {"out_of_distribution": _section(reference, test.cells, distances, classes)}


def _most_unlike(cells: pl.DataFrame, distances: Floats) -> pl.DataFrame:
    """Return the cells that are furthest from the training cells: ``id``, ``patient``, ``label``, ``distance``."""
    table = cells.select("id", "patient", "label").with_columns(distance=pl.Series(distances))
    return table.sort("distance", "id", descending=[True, False]).head(SHOWN)


def _captions(unlike: pl.DataFrame, classes: Classes) -> list[str]:
    rows = unlike.select("id", "label", "distance").iter_rows()
    return [f"distance {distance:.2f} (limit 1)\nis: {classes.title(label)}\n{name}" for name, label, distance in rows]


def _section(reference: Reference, cells: pl.DataFrame, distances: Floats, classes: Classes) -> dict[str, Any]:
    fitted = reference.fitted
    flagged = fitted.flags(distances)
    return {
        "training_cells": len(fitted.spaces[0].known),
        "reference_cells": reference.cells.height,
        "quantile": fitted.quantile,
        "validation": {"cells": fitted.cells, "patients": fitted.patients},
        "test": {
            "cells": len(flagged),
            "patients": cells["patient"].drop_nulls().n_unique() or None,
            "flagged_cells": int(flagged.sum()),
            "flagged": asdict(flagged_share(flagged, cells, classes)),
        },
        "notes": list(fitted.notes),
    }
