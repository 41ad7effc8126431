"""The survey of shortcuts: which of them tell the class of a cell or of a patient, and how well."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from threadpoolctl import threadpool_limits

from leukoscope.audit.shortcuts.cells import cell_statistics, cell_table
from leukoscope.audit.shortcuts.encoding import varies
from leukoscope.audit.shortcuts.patients import patient_statistics, patient_table
from leukoscope.audit.shortcuts.probe import Told, can_be_probed, probe, probe_together
from leukoscope.audit.shortcuts.sampling import MOST
from leukoscope.audit.shortcuts.statistic import Statistic, Unit
from leukoscope.cohort.cohort import Cohort

Trial = tuple[Unit, pl.DataFrame, tuple[Statistic, ...]]


@dataclass(frozen=True)
class Survey:
    """What the probe found.

    Args:
        told: Each statistic by itself, the best first.
        together: What a network can see of them, all together: of cells if these have classes, else of patients; None
            where it cannot be tried.
        drawn: How many cells were drawn of how many; None where all were looked at.
        tried: Whether there were patients (or cells) enough for any trial.
    """

    told: tuple[Told, ...] = ()
    together: Told | None = None
    drawn: tuple[int, int] | None = None
    tried: bool = True


# So few numbers gain nothing from threads, which spend their time waiting for each other.
@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]
def survey(cells: pl.DataFrame, cohort: Cohort, *, most: int = MOST) -> Survey:
    """Try every statistic that a cohort has, on cells and on patients, as far as these have classes.

    Args:
        cells: The usable cells: the cohort's columns, those of the pictures table, ``unit`` and ``group``.
        cohort: The cohort.
        most: How many cells are looked at; of more some are drawn.
    """
    labelled = cells.filter(pl.col("label").is_not_null())
    people = patient_table(cells, cohort)
    by_patient = can_be_probed(people)
    trials: list[Trial] = []
    if can_be_probed(labelled):
        table = cell_table(labelled, cohort, most=most)
        # The number of a patient's pictures is tried on patients where that can be done.
        wanted = [one for one in cell_statistics(table) if not (by_patient and one.columns == ("pictures",))]
        trials.append(("cell", table, _varying(table, wanted)))
    if by_patient:
        trials.append(("patient", people, _varying(people, list(patient_statistics(cohort)))))
    told = [one for unit, table, statistics in trials for one in probe(table, statistics, cohort.classes, unit)]
    drawn = (most, labelled.height) if trials and trials[0][0] == "cell" and labelled.height > most else None
    together = _together(trials[0], cohort) if trials else None
    return Survey(tuple(sorted(told, key=_best_first)), together, drawn, bool(trials))


def _varying(table: pl.DataFrame, statistics: list[Statistic]) -> tuple[Statistic, ...]:
    return tuple(one for one in statistics if varies(table, one.columns))


def _together(trial: Trial, cohort: Cohort) -> Told | None:
    unit, table, statistics = trial
    seen = tuple(one for one in statistics if one.seen)
    return probe_together(table, seen, cohort.classes, unit) if seen else None


def _best_first(one: Told) -> tuple[float, str, str]:
    return -one.auc, one.unit, one.statistic
