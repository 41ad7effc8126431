"""What each epoch gave, and everything that follows from it: the best epoch, when rates fall, when a stage is over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from leukoscope.recipes.schema import ScheduleSettings, StageSettings

VALIDATION = "validation_"
PLATEAU = "plateau"
Row = dict[str, Any]


@dataclass(frozen=True)
class History:
    """The finished epochs.

    Where a training stands is never stored beside it but follows from these rows, so that a resumed training cannot
    disagree with itself.

    Args:
        metric: The metric that says which epoch is the best, by its name in ``rows`` without ``validation_``.
        smallest: Whether small values of it are the good ones.
        rows: One dictionary an epoch: ``epoch`` (1 and on, over all stages), ``stage`` (1 and on), ``loss``,
            ``validation_<metric>`` (None where it is not defined), ``rate_<part>`` (None where a part is not trained).
    """

    metric: str
    smallest: bool = False
    rows: tuple[Row, ...] = field(default=())

    def with_row(self, row: Row) -> History:
        """Return the history with one more epoch."""
        return replace(self, rows=(*self.rows, row))

    @property
    def best(self) -> Row | None:
        """The row of the best epoch, the first of equals; None before the first."""
        rated = [row for row in self.rows if row[VALIDATION + self.metric] is not None]
        return min(rated, key=self._badness, default=None)

    def stage_rows(self, number: int) -> list[Row]:
        """Return the rows of one stage (1 and on)."""
        return [row for row in self.rows if row["stage"] == number]

    def stage_over(self, number: int, stage: StageSettings) -> bool:
        """Return whether a stage has had its epochs, or its patience has run out.

        Args:
            number: The stage, 1 and on.
            stage: Its settings. With ``patience`` p it ends after p of its own epochs in a row of which none was better
                than every epoch before, those of earlier stages included.
        """
        rows = self.stage_rows(number)
        if len(rows) >= stage.epochs:
            return True
        if stage.patience is None or not rows or self.best is None:
            return False
        since: int = rows[-1]["epoch"] - max(self.best["epoch"], rows[0]["epoch"] - 1)
        return since >= stage.patience

    def falls(self, number: int, schedule: ScheduleSettings) -> int:
        """Return how often the rates have fallen in a stage, for its next epoch; 0 where no plateau is watched.

        Counted as Keras's ``ReduceLROnPlateau`` does (cooldown 0): an epoch that is better than every epoch of the
        stage before it begins the count anew, any other adds one; ``patience`` of them make the rates fall, and the
        count begins anew. Epochs of earlier stages do not count, as each call of Keras's ``fit`` begins anew. Unlike
        Keras (``min_delta`` 1e-4), any improvement is one, as it is for the best epoch. Epochs of the warm-up can be
        the best and are not counted.

        Args:
            number: The stage, 1 and on.
            schedule: The stage's: ``kind``, ``patience`` and ``warmup`` count here.
        """
        if schedule.kind != PLATEAU:
            return 0
        best, waited, fallen = math.inf, 0, 0
        for done, row in enumerate(self.stage_rows(number)):
            badness = math.inf if row[VALIDATION + self.metric] is None else self._badness(row)
            waited = 0 if badness < best or done < schedule.warmup else waited + 1
            best = min(best, badness)
            if waited == schedule.patience:
                waited, fallen = 0, fallen + 1
        return fallen

    def table(self) -> pl.DataFrame:
        """Return the rows as a table; a column that any row lacks is null there."""
        return as_table(self.rows)

    def _badness(self, row: Row) -> float:
        value: float = row[VALIDATION + self.metric]
        return value if self.smallest else -value


def as_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return dictionaries as a table; columns without any value are of numbers."""
    table = pl.DataFrame(list(rows), infer_schema_length=None)
    return table.with_columns(pl.col(pl.Null).cast(pl.Float64))
