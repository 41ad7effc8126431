"""A study as an object: its table, its summary, its runs, what failed."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.errors import counted
from leukoscope.evaluation.names import TITLES
from leukoscope.files import read_table
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.reports.study_words import over_words
from leukoscope.runs.run import Run
from leukoscope.studies.peeking import status_of_peeking
from leukoscope.studies.record import read_record
from leukoscope.studies.running import FAILED, FINISHED
from leukoscope.studies.table import study_table

SHOWN = ("balanced_accuracy", "roc_auc", "weighted_f1")


@dataclass(frozen=True)
class Study:
    """What a sweep left behind, or is leaving.

    Args:
        folder: The study's folder.

    Raises:
        DataError: the folder holds no study.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))
        read_record(self.place)

    @property
    def place(self) -> StudyFolder:
        """The names of the files in the folder."""
        return StudyFolder(self.folder)

    @property
    def record(self) -> dict[str, Any]:
        """The plan (``study.json``)."""
        return read_record(self.place)

    @property
    def table(self) -> pl.DataFrame:
        """One row a run, as the run folders are now; see ``table.study_table``."""
        return study_table(self.place)

    @property
    def summary(self) -> pl.DataFrame:
        """One row a variant and score (``summary.csv``); see ``summary.COLUMNS``."""
        return read_table(self.place.summary)

    @property
    def classes(self) -> pl.DataFrame | None:
        """One row a variant, class and score (``classes.csv``); see ``class_scores.COLUMNS``."""
        return _table(self.place.classes)

    @property
    def groups(self) -> pl.DataFrame | None:
        """One row a variant, group of classes and score (``groups.csv``); see ``group_scores.COLUMNS``."""
        return _table(self.place.groups)

    @property
    def pooled(self) -> pl.DataFrame | None:
        """The scores of all folds together (``pooled.csv``); see ``pooling.COLUMNS``; None where folds are missing."""
        return _table(self.place.pooled)

    @property
    def peeking(self) -> pl.DataFrame | None:
        """The published protocol's figures beside the honest ones (``peeking_summary.csv``); None where not asked."""
        return _table(self.place.peeking_summary)

    @property
    def failed(self) -> list[str]:
        """The names of the runs that failed, and of the trainings that repeat the published protocol."""
        table = self.table
        peeking = [name for name in table["name"] if status_of_peeking(self.place, name) == FAILED]
        failed = table.filter(pl.col("status") == FAILED)["name"].to_list()
        return [*failed, *(f"{self.place.peeking.name}/{name}" for name in peeking)]

    @property
    def runs(self) -> list[Run]:
        """The finished runs, in the order of the plan."""
        names = self.table.filter(pl.col("status") == FINISHED)["name"]
        return [Run(self.place.run(name)) for name in names]

    @property
    def page(self) -> Path:
        """The page to open in a browser."""
        return self.place.page

    def __repr__(self) -> str:
        record, table = self.record, self.table
        finished = table.filter(pl.col("status") == FINISHED).height
        head = f"Study {self.folder}: {record['recipe']}, {counted(table.height, 'run')}, {finished} finished"
        lines = [head + (f", {len(self.failed)} FAILED" if self.failed else "")]
        leaking = table["leakage"].drop_nulls().unique(maintain_order=True).to_list()
        lines += [f"  LEAKAGE: {reason}" for reason in leaking]
        lines += _summary_lines(self.summary, over_words(record)) if self.place.summary.is_file() else []
        lines += [] if self.pooled is None else _pooled_lines(self.pooled)
        lines += [] if self.peeking is None else _peeking_lines(self.peeking)
        errors = table.filter(pl.col("status") == FAILED).select("name", "error").iter_rows()
        lines += [f"  failed: {name}: {str(error).splitlines()[0]}" for name, error in errors]
        return "\n".join([*lines, f"  page: {self.page}"])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def _table(path: Path) -> pl.DataFrame | None:
    return read_table(path) if path.is_file() else None


def _summary_lines(summary: pl.DataFrame, over: str) -> list[str]:
    lines = []
    for (variant,), own in summary.group_by("variant", maintain_order=True):
        shown = own.filter(pl.col("score").is_in(SHOWN) & (pl.col("runs") > 0))
        said = [
            f"{TITLES[row['score']]} {_over(row['mean'], row['low'], row['high'])}"
            for row in shown.iter_rows(named=True)
        ]
        runs = shown["runs"].max()
        text = f" (95 % interval over {_number(runs, over)})" if isinstance(runs, int) else "no run is finished"
        lines.append(f"  {variant}: {'; '.join(said)}{text}")
    return lines


def _number(runs: int, over: str) -> str:
    return counted(runs, "run") if over == "runs" else f"{runs} {over}"


def _pooled_lines(pooled: pl.DataFrame) -> list[str]:
    lines = []
    shown = pooled.filter(pl.col("class").is_null() & pl.col("score").is_in(SHOWN))
    for (variant, seed), own in shown.group_by("variant", "seed", maintain_order=True):
        known = own.filter(pl.col("value").is_not_null()).iter_rows(named=True)
        said = "; ".join(f"{TITLES[row['score']]} {_over(row['value'], row['low'], row['high'])}" for row in known)
        number = counted(own["rows"][0], own["unit"][0])
        lines.append(f"  {variant}, all folds of seed {seed} together, {number} once each: {said}")
    return lines


def _peeking_lines(peeking: pl.DataFrame) -> list[str]:
    lines = []
    for row in peeking.filter(pl.col("metric").is_in(SHOWN[:2])).iter_rows(named=True):
        honest = "no honest run is finished"
        if row["honest_mean"] is not None:
            honest = f"honest {_over(row['honest_mean'], row['honest_low'], row['honest_high'])}"
        how = f"as published, mean of the {row['peeking_values']} best epochs, {row['peeking_mean']:.3f}"
        lines.append(f"  {row['variant']}: {TITLES[row['metric']]} {how} ({row['protocol']}); {honest}")
    return lines


def _over(mean: float, low: float | None, high: float | None) -> str:
    return f"{mean:.3f}" if low is None else f"{mean:.3f} ({low:.3f} to {high:.3f})"
