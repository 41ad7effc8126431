"""The cells of a patient who was diagnosed: what each adds to the patient's logit, and which could not be read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from torch import Tensor

from leukoscope.cohort.classes import Classes
from leukoscope.models.contributions import instance_contributions
from leukoscope.models.patient_model import PatientModel

CELLS: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "path": pl.String(),
    "explained": pl.String(),
    "evidence": pl.Float64(),
    "rank": pl.Int64(),
    "share": pl.Float64(),
    "problem": pl.String(),
}
"""The columns of the table of cells, in order; where known, those of ``flag_columns`` stand before the last."""


def cells_table(
    name: str, pictures: Sequence[tuple[str, str | None]], evidence: np.ndarray | None, explained: str | None
) -> pl.DataFrame:
    """Return the rows of one patient's pictures.

    Args:
        name: The patient.
        pictures: Path and problem of each picture, in order; None where it was read.
        evidence: (n,) float64, of those that were read; None where the patient has no prediction.
        explained: The class that the evidence is of; None likewise.

    Returns:
        A row a picture: ``patient``, ``path``, ``explained``, ``evidence`` (what the cell adds to the logit that the
        pictures give that class; above 0 speaks for it), ``rank`` (1 speaks most for it), ``share`` (of the patient's
        evidence either way, 0 to 1), ``problem``. Of a picture that was not read only the names and the problem.
    """
    paths, problems = zip(*pictures, strict=True) if pictures else ((), ())
    rows = pl.DataFrame(
        {"patient": [name] * len(paths), "path": paths, "problem": problems},
        schema={column: CELLS[column] for column in ("patient", "path", "problem")},
    )
    read = np.flatnonzero([problem is None for problem in problems]) if evidence is not None else np.empty(0)
    told = _ranked(np.empty(0) if evidence is None else evidence)
    told = told.with_columns(pl.lit(explained, pl.String).alias("explained"), pl.Series("row", read, dtype=pl.UInt32))
    return rows.with_row_index("row").join(told, on="row", how="left", maintain_order="left").select(*CELLS)


def evidence_of_views(model: PatientModel, views: Sequence[Tensor], facts: Tensor | None, output: int) -> np.ndarray:
    """Return what each cell adds to the patient's logit, (n,) float64: the mean over the views of the cells.

    Args:
        model: The network, in evaluation mode.
        views: For each view the instances of all cells, (n, m, w).
        facts: (1, f) float32, encoded; None where none join within the network.
        output: Which logit, as of ``instance_contributions``.
    """
    found = [instance_contributions(model, seen, facts, output).values.sum(dim=1).cpu().numpy() for seen in views]
    return np.asarray(np.mean(found, axis=0), dtype=np.float64)


def explained_class(classes: Classes, logits: Tensor) -> tuple[int, str]:
    """Return which of a patient's logits, (1, outputs), is explained, and the class it is of.

    Of two classes it is the positive one's, of more that of the most probable one.
    """
    if classes.positive is not None:
        return 0, classes.positive
    output = int(logits[0].argmax())
    return output, classes.names[output]


def _ranked(evidence: np.ndarray) -> pl.DataFrame:
    order = np.argsort(-evidence, kind="stable")
    rank = np.empty(len(evidence), dtype=np.int64)
    rank[order] = np.arange(1, len(evidence) + 1)
    either_way = float(np.abs(evidence).sum())
    share = np.abs(evidence) / either_way if either_way else np.zeros(len(evidence))
    return pl.DataFrame({"evidence": evidence, "rank": rank, "share": share})
