"""A fact that is a number, such as an age or a count."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.errors import DataError
from leukoscope.facts.reading import numbers_of
from leukoscope.facts.remark import Remark

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NumberFact:
    """How one number becomes two: (x - mean) / deviation, x logged first where asked for; and whether it is missing.

    Where it is missing, the training patients' median stands in, and the indicator is 1 (else 0).

    Args:
        name: The fact.
        log: Whether its natural logarithm is taken.
        median: Median of the training patients, in the fact's own unit.
        mean: Their mean, on the scale after any logarithm.
        deviation: Their standard deviation there (of n, not n - 1), above 0; 1 where they are all alike.
        low: Their smallest value, in the fact's own unit.
        high: Their largest.
        most: Larger values count as this one, in the fact's own unit (above it a count says nothing more); None for no
            such bound.
    """

    name: str
    log: bool
    median: float
    mean: float
    deviation: float
    low: float
    high: float
    most: float | None = None

    @classmethod
    def fit(cls, patients: pl.DataFrame, name: str, *, log: bool, most: float | None = None) -> NumberFact:
        """Learn median, mean, deviation and range from the training patients who have the fact.

        Raises:
            DataError: see ``numbers_of``; no patient has the fact.
        """
        known = numbers_of(patients, name, positive=log).drop_nulls().to_numpy()
        if not len(known):
            raise DataError(
                f"No training patient has the fact {name!r}.",
                where="facts.inputs",
                do="Leave it out of the inputs, or fill it in.",
            )
        bounded = known if most is None else np.minimum(known, most)
        scaled = np.log(bounded) if log else bounded
        deviation = float(scaled.std())
        # A column of one value has a deviation of 0, or of a rounding error.
        alike = deviation <= 1e-12 * max(1.0, float(np.abs(scaled).max()))
        return cls(
            name=name,
            log=log,
            median=float(np.median(known)),
            mean=float(scaled.mean()),
            deviation=1.0 if alike else deviation,
            low=float(known.min()),
            high=float(known.max()),
            most=most,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the two columns."""
        bounded = self.name if self.most is None else f"{self.name} up to {self.most:g}"
        return (f"log {bounded}" if self.log else bounded, f"{self.name} missing")

    def encode(self, patients: pl.DataFrame) -> Floats:
        """Return the two columns of patients, (b, 2) float64.

        Raises:
            DataError: see ``numbers_of``.
        """
        values = numbers_of(patients, self.name, positive=self.log)
        filled = values.fill_null(self.median).to_numpy()
        filled = filled if self.most is None else np.minimum(filled, self.most)
        scaled = np.log(filled) if self.log else filled
        return np.column_stack([(scaled - self.mean) / self.deviation, values.is_null().to_numpy()])

    def remarks(self, patients: pl.DataFrame) -> list[Remark]:
        """Return who lacks the fact, and whose lies outside of what the training patients had."""
        values = numbers_of(patients, self.name, positive=self.log)
        found = zip(patients["patient"], values, strict=True)
        texts = ((patient, self._text(value)) for patient, value in found)
        return [Remark(str(patient), self.name, text) for patient, text in texts if text]

    def _text(self, value: float | None) -> str | None:
        if value is None:
            return f"missing; the training patients' median, {self.median:g}, stands in"
        if self.low <= value <= self.high:
            return None
        return f"{value:g} lies outside of the {self.low:g} to {self.high:g} of the training patients"

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": "log" if self.log else "linear"} | {k: v for k, v in asdict(self).items() if k != "log"}
