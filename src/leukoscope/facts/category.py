"""A fact that is one of a few words, such as a sex or a site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.errors import DataError, counted
from leukoscope.facts.reading import words_of
from leukoscope.facts.remark import Remark

Floats = npt.NDArray[np.float64]
MOST_WORDS = 20


@dataclass(frozen=True)
class CategoryFact:
    """How one word becomes a column for each word of the training patients (1 where it is that one), and "missing".

    A word that no training patient had, and a missing one, give 0 in every word's column.

    Args:
        name: The fact.
        words: The training patients' words, sorted.
    """

    name: str
    words: tuple[str, ...]

    @classmethod
    def fit(cls, patients: pl.DataFrame, name: str) -> CategoryFact:
        """Learn the words of the training patients.

        Raises:
            DataError: there is no such column, no patient has the fact, or it has more than 20 different words.
        """
        words = tuple(words_of(patients, name).drop_nulls().unique().sort())
        if not words:
            raise DataError(
                f"No training patient has the fact {name!r}.",
                where="facts.inputs",
                do="Leave it out of the inputs, or fill it in.",
            )
        if len(words) > MOST_WORDS:
            raise DataError(
                f"The fact {name!r} has {counted(len(words), 'different word')}, too many for a category.",
                where="facts.inputs",
                do=f"Declare it linear or log if it is a number, or group it into at most {MOST_WORDS} words.",
            )
        return cls(name, words)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return (*(f"{self.name}={word}" for word in self.words), f"{self.name} missing")

    def encode(self, patients: pl.DataFrame) -> Floats:
        """Return the columns of patients, (b, words + 1) float64, 0 or 1.

        Raises:
            DataError: there is no such column.
        """
        stated = words_of(patients, self.name)
        columns = [(stated == word).fill_null(value=False) for word in self.words]
        return np.column_stack([*columns, stated.is_null()]).astype(np.float64)

    def remarks(self, patients: pl.DataFrame) -> list[Remark]:
        """Return who lacks the fact, and whose word no training patient had."""
        found = zip(patients["patient"], words_of(patients, self.name), strict=True)
        texts = ((patient, self._text(word)) for patient, word in found)
        return [Remark(str(patient), self.name, text) for patient, text in texts if text]

    def _text(self, word: str | None) -> str | None:
        if word is None:
            return "missing; it is taken as none of the training patients' words"
        if word in self.words:
            return None
        return f"{word!r} was not seen in training; it is taken as none of {', '.join(self.words)}"

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": "category", "name": self.name, "words": list(self.words)}
