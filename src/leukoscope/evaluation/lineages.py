"""How many of the errors stay within a lineage: mistaking a cell for its neighbour in maturation is the lesser one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from leukoscope.cohort.groups import ClassGroups
from leukoscope.evaluation.evaluate import material_of
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.shares import share_of_rows
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import Ints
from leukoscope.predictions.table import Predictions


@dataclass(frozen=True)
class LineageErrors:
    """Errors within lineages and across them.

    Args:
        names: The lineages by title; a class of none stands alone.
        table: Rows by true lineage (row) and called lineage (column).
        errors: Rows that were called another class than theirs.
        within: Of these, those called a class of their own lineage.
        share: ``within`` of ``errors``, with its interval.
        by_chance: What that share would be, had each error fallen on another class as often as that class is called;
            None where there is no error.
    """

    names: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    errors: int
    within: int
    share: Score
    by_chance: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values: ``lineages`` in ``scores.json``."""
        return {**asdict(self), "names": list(self.names), "table": [list(row) for row in self.table]}


def lineage_errors(predictions: Predictions, groups: ClassGroups, how: Resampling | None = None) -> LineageErrors:
    """Count the errors that stay within a lineage.

    Args:
        predictions: Labelled, of more than two classes.
        groups: Their lineages count here.
        how: How the interval is made; as ``evaluate`` does where None.

    Raises:
        DataError: no row has a label.
    """
    material = material_of(predictions)
    lineages = groups.lineage_of(predictions.classes)
    order = list(dict.fromkeys(lineages))
    place = np.array([order.index(name) for name in lineages])
    truth, called = place[material.truth], place[material.called]
    table = np.zeros((len(order), len(order)), dtype=np.int64)
    np.add.at(table, (truth, called), 1)
    wrong = material.truth != material.called
    within = wrong & (truth == called)
    part, whole = (np.bincount(material.units.code[rows], minlength=material.units.number) for rows in (within, wrong))
    titles = {lineage.name: lineage.title for lineage in groups.lineages}
    own = dict(zip(predictions.classes.names, predictions.classes.titles, strict=True))
    return LineageErrors(
        names=tuple(titles.get(name) or own[name] for name in order),
        table=tuple(tuple(row) for row in table.tolist()),
        errors=int(wrong.sum()),
        within=int(within.sum()),
        share=share_of_rows(part, whole, material, how or Resampling()),
        by_chance=_by_chance(material, place, wrong),
    )


def _by_chance(material: Material, lineage: Ints, wrong: np.ndarray) -> float | None:
    calls = np.bincount(material.called, minlength=len(lineage)).astype(np.float64)
    kin = (lineage[:, None] == lineage[None, :]) & ~np.eye(len(lineage), dtype=bool)
    others = calls.sum() - calls
    share = np.divide(kin @ calls, others, out=np.zeros(len(lineage)), where=others > 0)
    return float(share[material.truth[wrong]].mean()) if wrong.any() else None
