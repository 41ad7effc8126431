"""A published protocol, repeated to be compared with: every epoch is examined on the half that is reported.

Grisi & Schmidt-Mengin (2021) learn from one half of the patients, examine the network on the other half after each
epoch, and report the mean of the ten best values of a metric, averaged over ten runs; Prellberg & Kramer (2019) report
the best of six epochs on the preliminary test (``about.best_epochs`` of their recipes says how many). What chooses is
what is reported, so the figure is no estimate for a new patient. It is computed here by trainings of its own, which
leave a history and nothing else: no bundle, no report, no predictions that could be taken for a run's.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import SettingsError
from leukoscope.files import locked, read_json, read_table, remove, write_json, write_table
from leukoscope.models.seen import seen_by_weights
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import EnsembleRecipe, Recipe
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.first_weights import with_weights_at_hand
from leukoscope.runs.options import Options
from leukoscope.runs.preparation import prepare
from leukoscope.runs.task import task_of
from leukoscope.runs.training_place import TrainingPlace
from leukoscope.studies.plan import Planned
from leukoscope.studies.record import read_record
from leukoscope.studies.running import FAILED, FINISHED, NOT_BEGUN, Done
from leukoscope.studies.summary import over_runs, overlap_of
from leukoscope.training.device import choose_device
from leukoscope.training.display import SilentDisplay, TerminalDisplay
from leukoscope.training.history import VALIDATION
from leukoscope.training.metrics import SMALLEST_IS_BEST

WARNING = "peeking: chosen on the part it reports"
RECORD, HISTORY, CHECKPOINTS = "peeking.json", "history.csv", "checkpoints"
TABLE: dict[str, pl.DataType] = {
    "name": pl.String(),
    "variant": pl.String(),
    "seed": pl.Int64(),
    "metric": pl.String(),
    "epochs": pl.Int64(),
    "values": pl.Int64(),
    "best_values": pl.Float64(),
    "best": pl.Float64(),
    "protocol": pl.String(),
}
SUMMARY: dict[str, pl.DataType] = {
    "variant": pl.String(),
    "metric": pl.String(),
    **{f"peeking_{name}": pl.Float64() for name in ("mean", "deviation", "low", "high")},
    "peeking_values": pl.Int64(),
    "peeking_runs": pl.Int64(),
    **{f"honest_{name}": pl.Float64() for name in ("mean", "deviation", "low", "high")},
    **{f"honest_patients_{name}": pl.Float64() for name in ("low", "high")},
    "honest_runs": pl.Int64(),
    "protocol": pl.String(),
}
Row = dict[str, Any]


def do_peek(
    planned: Planned, cohort: Cohort, folder: StudyFolder, options: Options, *, show: bool = False
) -> tuple[Done, str | None]:
    """Train as published: learn from all but the test part of the run's own split, examine on it after each epoch.

    The halves are those of the honest run of the same seed: its training and validation patients together, and its test
    patients. No stage ends early, since the part that would end it is the one that is reported; facts that are
    joined after the last epoch (late fusion) are left out, since epochs are what is compared. Killed and called
    again, it goes on with the interrupted epoch; what is finished is left alone.

    Args:
        planned: The run whose recipe, seed and split are taken.
        cohort: The cohort as it was read.
        folder: The study's folder.
        options: Everything else; its store is that of the study.
        show: Show progress on the terminal.

    Returns:
        How it ended, and why where it failed.
    """
    own = folder.peeking / planned.name
    if status_of_peeking(folder, planned.name) == FINISHED:
        return "finished before", None
    try:
        with locked(own):
            parts = _train(planned, cohort, own, options, show=show)
    except Exception as error:  # whatever ends one training, the others go on; the page names it
        said = str(error) or type(error).__name__
        write_json(own / RECORD, {"format": 1, "status": FAILED, "error": said, "trace": traceback.format_exc()})
        return "failed", said
    remove(own / CHECKPOINTS)
    best = planned.recipe.about.best_epochs
    write_json(
        own / RECORD, {"format": 1, "status": FINISHED, "protocol": WARNING, "parts": parts, "best_epochs": best}
    )
    return "finished", None


def status_of_peeking(folder: StudyFolder, name: str) -> str:
    """Return how far the training of a run's name is: ``not begun`` (or stopped), ``failed``, ``finished``."""
    record = folder.peeking / name / RECORD
    return str(read_json(record)["status"]) if record.is_file() else NOT_BEGUN


def _train(planned: Planned, cohort: Cohort, own: Path, options: Options, *, show: bool) -> dict[str, Any]:
    """Train on what the honest run trains and validates on; return what the parts hold."""
    assert options.store is not None, "a study has a store"
    recipe = planned.recipe
    if isinstance(recipe, EnsembleRecipe) or not recipe.stages:
        what = "This recipe has no epochs after which its network could be examined."
        raise SettingsError(what, where=planned.variant, do="Leave --peek out.")
    asked = _as_published(with_weights_at_hand(recipe, options.weights))
    seen = seen_by_weights(asked.model, options.weights)
    prepared = prepare(asked, cohort, store=options.store, allow_leakage=options.allow_leakage, seen=seen)
    display = TerminalDisplay() if show else SilentDisplay()
    halves = replace(prepared, split=as_halves(prepared.split))
    task_of(halves).learn(TrainingPlace(own, options.weights, choose_device(options.device), display))
    return prepared.split.counts(prepared.intake.cohort)


def as_halves(split: Split) -> Split:
    """Return a split without a seal: all but the test part is learnt from, the test part is examined each epoch.

    Nothing but ``do_peek`` may make one. It was checked as the honest split that it comes from, so no patient and no
    linked group is on both sides.

    Args:
        split: The checked split of an honest run.
    """
    seen = {"train": "train", "validation": "train", "test": "validation"}
    return replace(split, table=split.table.with_columns(pl.col("part").replace_strict(seen)))


def best_values(history: pl.DataFrame, metric: str, most: int) -> list[float]:
    """Return the best values of a metric over all epochs, the best first.

    Args:
        history: A training's history, a row an epoch.
        metric: Its name there without ``validation_``; of a loss, small values are the best.
        most: How many, where there are as many epochs.

    Example:
        >>> best_values(pl.DataFrame({"validation_loss": [0.7, 0.2, None, 0.5]}), "loss", 2)
        [0.2, 0.5]
    """
    values = history[VALIDATION + metric].drop_nulls()
    return values.sort(descending=metric not in SMALLEST_IS_BEST).head(most).to_list()


def peeking_table(folder: StudyFolder) -> pl.DataFrame:
    """Return one row a finished training and metric, with the columns of ``TABLE``.

    ``best_values`` is the mean of its best values, of as many as the recipe's ``about.best_epochs`` says and there are
    (``values``); ``best`` is the best one. ``protocol`` says in every row that it was peeked.
    """
    rows = []
    for run in read_record(folder)["runs"]:
        own = folder.peeking / run["name"]
        if status_of_peeking(folder, run["name"]) == FINISHED:
            rows += _rows(run, read_table(own / HISTORY), read_json(own / RECORD))
    return pl.DataFrame(rows, schema=TABLE)


def peeking_summary(peeked: pl.DataFrame, honest: pl.DataFrame, overlap: float = 0.0) -> pl.DataFrame:
    """Return, for each variant and metric, the peeked figure over runs beside the honest one.

    Args:
        peeked: What ``peeking_table`` returned.
        honest: What ``summary_table`` returned.
        overlap: What ``summary.overlap_of`` returned.

    Returns:
        The columns of ``SUMMARY``: of each the mean, deviation and interval over runs (of the honest one over patients
        too) and the number of runs; ``peeking_values`` is of how many values each peeked figure is the mean.
    """
    known = {(row["variant"], row["score"]): row for row in honest.iter_rows(named=True)}
    rows = []
    for (variant, metric), own in peeked.group_by("variant", "metric", maintain_order=True):
        over = over_runs(own["best_values"].to_list(), str(metric), overlap)
        beside = known.get((variant, metric), {})
        rows.append(
            {
                "variant": variant,
                "metric": metric,
                "peeking_values": own["values"].min(),
                **{f"peeking_{name}": over[name] for name in ("mean", "deviation", "low", "high", "runs")},
                **{f"honest_{name}": beside.get(name) for name in ("mean", "deviation", "low", "high", "runs")},
                **{f"honest_{name}": beside.get(name) for name in ("patients_low", "patients_high")},
                "protocol": WARNING,
            }
        )
    return pl.DataFrame(rows, schema=SUMMARY)


def write_peeking(folder: StudyFolder, honest: pl.DataFrame) -> None:
    """Write ``peeking.csv`` and ``peeking_summary.csv``, where anything was peeked at."""
    peeked = peeking_table(folder)
    if peeked.height:
        write_table(folder.peeking_table, peeked)
        overlap = overlap_of(read_record(folder))
        write_table(folder.peeking_summary, peeking_summary(peeked, honest, overlap))


def _rows(run: Row, history: pl.DataFrame, record: Row) -> list[Row]:
    rows = []
    for column in history.columns:
        metric = column.removeprefix(VALIDATION)
        values = best_values(history, metric, record["best_epochs"]) if column.startswith(VALIDATION) else []
        if values:
            head = {name: run[name] for name in ("name", "variant", "seed")}
            figures = {"values": len(values), "best_values": _mean(values), "best": values[0]}
            rows.append({**head, "metric": metric, "epochs": history.height, **figures, "protocol": record["protocol"]})
    return rows


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _as_published(recipe: Recipe) -> Recipe:
    """Return the recipe without what would look at the reported part, or comes after the last epoch."""
    changes: dict[str, Any] = {f"stages.{place}.patience": None for place in range(len(recipe.stages))}
    return load_recipe(recipe, changes | ({"facts": {}} if recipe.facts.fusion == "late" else {}))
