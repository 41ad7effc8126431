"""Patients' facts as numbers that a model can learn from, by what the training patients were like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.errors import DataError, SettingsError, nearest
from leukoscope.facts.category import CategoryFact
from leukoscope.facts.number import NumberFact
from leukoscope.facts.remark import Remark

KINDS = ("linear", "log", "category")
FORMAT = 1


@dataclass(frozen=True)
class FactsEncoder:
    """How each declared fact becomes columns of numbers; fitted on training patients alone.

    - ``linear``: standardised: training mean 0, standard deviation 1;
    - ``log``: the same of its natural logarithm, for what is skewed, such as a cell count;
    - ``category``: a column for each word.

    Every fact has a further column that is 1 where the fact is missing, also where no training patient lacks it:
    a later patient may.

    Args:
        facts: The facts, in the order of the inputs.

    Example:
        >>> patients = pl.DataFrame({"patient": ["P1", "P2"], "age": [40.0, 60.0], "sex": ["F", None]})
        >>> encoder = FactsEncoder.fit(patients, {"age": "linear", "sex": "category"})
        >>> encoder.names
        ('age', 'age missing', 'sex=F', 'sex missing')
        >>> encoder.encode(patients).tolist()
        [[-1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]]
    """

    facts: tuple[NumberFact | CategoryFact, ...]

    @classmethod
    def fit(cls, patients: pl.DataFrame, inputs: Mapping[str, str | Mapping[str, Any]]) -> FactsEncoder:
        """Learn medians, means, deviations and words from training patients.

        Args:
            patients: The training patients, one row each: ``patient`` and the facts.
            inputs: Each fact and its kind: ``linear``, ``log`` or ``category``; or, of a number, ``kind`` and ``most``,
                above which it counts no further. None give an encoder of no columns.

        Raises:
            DataError: a column is missing; a value is no number, infinite or without logarithm; no patient has a fact;
                a category has more than 20 words.
            SettingsError: there is no such kind.
        """
        return cls(tuple(_fitted(patients, name, asked) for name, asked in inputs.items()))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the f columns: ``age``, ``log lymphocyte_count``, ``sex=F``, ``age missing``, ..."""
        return tuple(name for fact in self.facts for name in fact.names)

    @property
    def sources(self) -> tuple[str, ...]:
        """The fact that each of the f columns is made of."""
        return tuple(fact.name for fact in self.facts for _ in fact.names)

    def encode(self, patients: pl.DataFrame) -> npt.NDArray[np.float32]:
        """Return the columns of patients, (b, f) float32.

        Args:
            patients: One row a patient: ``patient`` and the facts; further columns are not looked at.

        Raises:
            DataError: as in ``fit``.
        """
        columns = [fact.encode(patients) for fact in self.facts]
        encoded = np.concatenate([np.empty((patients.height, 0)), *columns], axis=1)
        return np.ascontiguousarray(encoded, dtype=np.float32)

    def remarks(self, patients: pl.DataFrame) -> tuple[Remark, ...]:
        """Return what a reader must know of these patients' facts: missing ones, and those unlike any in training.

        Raises:
            DataError: as in ``fit``.
        """
        return tuple(remark for fact in self.facts for remark in fact.remarks(patients))

    def as_json(self) -> dict[str, Any]:
        """Return the encoder as plain JSON values."""
        return {"format": FORMAT, "facts": [fact.as_json() for fact in self.facts]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> FactsEncoder:
        """Make an encoder of what ``as_json`` returned.

        Raises:
            DataError: the value is none.
        """
        try:
            if value["format"] != FORMAT:
                raise DataError(f"These facts are of format {value['format']}; this program reads {FORMAT}.")
            return cls(tuple(_from_json(fact) for fact in value["facts"]))
        except (KeyError, TypeError) as error:
            raise DataError(f"These are no facts' settings: {error} is missing or wrong.") from None


def _fitted(patients: pl.DataFrame, name: str, asked: str | Mapping[str, Any]) -> NumberFact | CategoryFact:
    kind = asked if isinstance(asked, str) else asked["kind"]
    if kind not in KINDS:
        raise SettingsError(f"There is no scale {kind!r}.", where=f"facts.inputs.{name}", do=nearest(kind, KINDS))
    if kind == "category":
        return CategoryFact.fit(patients, name)
    most = None if isinstance(asked, str) else asked.get("most")
    return NumberFact.fit(patients, name, log=kind == "log", most=most)


def _from_json(value: Mapping[str, Any]) -> NumberFact | CategoryFact:
    stated = {key: given for key, given in value.items() if key != "kind"}
    if value["kind"] == "category":
        return CategoryFact(stated["name"], tuple(stated["words"]))
    return NumberFact(**stated, log=value["kind"] == "log")
