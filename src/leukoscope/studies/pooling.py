"""All folds of a study together: each cell stands in one test part, so that all of them can be scored as one.

Cells are called at the threshold of the fold that tested them. Probabilities of several networks stand in one ranking,
so that a pooled ROC AUC is mostly a little lower than the mean within folds. Intervals resample linked groups of
patients; they know nothing of what other networks, trained on other patients, would have said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from leukoscope.errors import DataError
from leukoscope.evaluation import Score, Scores, evaluate
from leukoscope.evaluation.names import OF_PATIENTS, PATIENT_SCORE
from leukoscope.files import remove, write_table
from leukoscope.predictions.table import Predictions
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.run import Run
from leukoscope.studies.comparison.scored_run import ScoredRun
from leukoscope.studies.running import FINISHED
from leukoscope.studies.table import FOLD

COLUMNS: dict[str, pl.DataType] = {
    "variant": pl.String(),
    "seed": pl.Int64(),
    "unit": pl.String(),
    "rows": pl.Int64(),
    "clusters": pl.Int64(),
    "resampled": pl.String(),
    "class": pl.String(),
    "title": pl.String(),
    "support": pl.Int64(),
    "score": pl.String(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "reason": pl.String(),
}
"""The columns of ``pooled.csv``.

A row a variant, seed and score, of all ``rows`` (cells or patients: ``unit``) that were tested, each once; ``class``
with its ``title`` and ``support`` where the score is that of one class. ``low`` to ``high`` is the 95 % interval from
resamples of ``clusters`` units (``resampled``: linked group of patients, patient, cell); ``reason`` is why there is no
value or no interval. Scores that begin with ``patient_`` are of patients' calls from their cells.
"""

Row = dict[str, Any]


def pooled_table(folder: StudyFolder, table: pl.DataFrame) -> pl.DataFrame:
    """Return the scores of all folds together, for each variant and seed of which every fold is finished.

    Args:
        folder: The study's folder.
        table: What ``study_table`` returned.

    Returns:
        The columns of ``COLUMNS``; no row for a study without folds.
    """
    rows: list[Row] = []
    if FOLD in table.columns:
        for (variant, seed), own in table.group_by("variant", "seed", maintain_order=True):
            if set(own["status"]) == {FINISHED}:
                runs = [ScoredRun(name, Run(folder.run(name)), "test") for name in own["name"]]
                rows += [{"variant": variant, "seed": seed, **row} for row in _rows(runs)]
    return pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], schema=COLUMNS)


def write_pooled(folder: StudyFolder, table: pl.DataFrame) -> None:
    """Write ``pooled.csv``, where all folds of a variant and seed are finished; else there is none."""
    pooled = pooled_table(folder, table)
    if pooled.height:
        write_table(folder.pooled, pooled)
    else:
        remove(folder.pooled)


def together(parts: Iterable[Predictions]) -> Predictions:
    """Return the predictions of several test parts as one table.

    Args:
        parts: One or more, of the same classes; their ``called`` says what was called.

    Raises:
        DataError: a row stands in two of them.
    """
    known = list(parts)
    table = pl.concat([part.table for part in known], how="diagonal")
    twice = table.filter(~pl.col("id").is_first_distinct())
    if twice.height:
        what = f"{twice['id'][0]!r} stands in two test parts: these are not the folds of one division."
        raise DataError(what, more=twice.height - 1, where="predictions")
    return Predictions(table, known[0].classes, known[0].unit)


def _rows(runs: Sequence[ScoredRun]) -> list[Row]:
    cells = evaluate(together(run.predictions for run in runs))
    rows = [_row(cells, name, score) for name, score in cells.scores.items()]
    for name, title in zip(cells.classes.names, cells.classes.titles, strict=True):
        own = cells.per_class[name]
        head = {"class": name, "title": title, "support": own.support}
        rows += [{**_row(cells, score, value), **head} for score, value in own.scores.items()]
    return rows + _of_patients(runs)


def _of_patients(runs: Sequence[ScoredRun]) -> list[Row]:
    """Return the scores of patients, each called at its fold's threshold; none where they stand in several."""
    named = [name for run in runs for name in run.patient_names]
    if runs[0].predictions.unit == "patient" or not named or len(named) > len(set(named)):
        return []
    said = together(run.patients for run in runs)
    if not said.table.height:  # patients whose cells are of several classes have no class of their own
        return []
    patients = evaluate(said)
    known = {name: patients.scores[name] for name in OF_PATIENTS if name in patients.scores}
    return [_row(patients, f"{PATIENT_SCORE}{name}", score) for name, score in known.items()]


def _row(scores: Scores, name: str, score: Score) -> Row:
    size = {"unit": scores.unit, "rows": scores.cells, "clusters": scores.groups, "resampled": scores.interval.unit}
    return {**size, "score": name, "value": score.value, "low": score.low, "high": score.high, "reason": score.reason}
