"""What stands beside the scores of an ensemble: calibration, rates, the average, costs, what was shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from leukoscope.files import write_table
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.runs.against_average import against_average
from leukoscope.runs.bagging_of import bagging_of
from leukoscope.runs.ensemble_calibration import calibration_tables
from leukoscope.runs.ensemble_rates import curves_table, rates_table
from leukoscope.runs.ensemble_table import Scored, best_on_validation
from leukoscope.runs.ensembled_rule import Task
from leukoscope.runs.member_costs import costs_table
from leukoscope.runs.spoken import Spoken, spoken


def write_beside(place: EnsembleFolder, task: Task, scored: Sequence[Scored]) -> None:
    """Write the tables that stand beside ``members.csv``; one that is there is left alone, so that costs stay.

    ``rates.csv`` and ``curves.csv`` need two classes, ``costs.csv`` runs, ``bagging.csv`` bagged ones.

    Args:
        place: The ensemble's folder; predictions of its rules are there.
        task: What the rules worked on.
        scored: Members and rules with their scores.
    """
    said = spoken(task, scored, place.rules)
    if not (place.calibration.is_file() and place.reliability.is_file()):
        calibration, bins = calibration_tables(said)
        write_table(place.calibration, calibration)
        write_table(place.reliability, bins)
    _once(place.against_average, lambda: against_average(task, said))
    if task.test.classes.binary:
        _once(place.rates, lambda: rates_table(said, best_on_validation(scored, "member")))
        _once(place.curves, lambda: curves_table(said))
    if task.runs is not None:
        _once(place.costs, lambda: _costs(task, said))
        if (shown := bagging_of(task.test.names, task.runs)) is not None:
            write_table(place.bagging, shown)


def _costs(task: Task, said: Sequence[Spoken]) -> pl.DataFrame:
    rules = [one.name for one in said if one.kind == "rule"]
    return costs_table(task.test.names, task.runs or [], rules)


def _once(path: Path, table: Callable[[], pl.DataFrame]) -> None:
    if not path.is_file():
        write_table(path, table())
