"""The mark of leakage on predictions: what a model says of pictures that it, or its first weights, have seen before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, models_of
from leukoscope.errors import counted
from leukoscope.models.seen import Seen, seen_by_bundle, shortened

PICTURE = "The model has seen this picture in training."
PATIENT = "The model has seen pictures of this patient in training."


@dataclass(frozen=True)
class Marks:
    """What stands in the column ``leakage`` of predictions.

    Args:
        of_all: The mark of every row: of the model's own scores, and of a data set that its weights saw; None for none.
        pictures: The pictures that the model has seen, as ``Seen.pictures``.
    """

    of_all: str | None = None
    pictures: frozenset[str] = frozenset()

    @property
    def possible(self) -> bool:
        """Whether any row can bear a mark: only then the column is there."""
        return self.of_all is not None or bool(self.pictures)

    def seen(self, digest: str | None) -> bool:
        """Return whether the model has seen a picture, by the SHA-256 of its file; None of one that was not read."""
        return digest is not None and not shortened([digest]).isdisjoint(self.pictures)

    def column(self, seen: Iterable[bool], said: str = PICTURE) -> list[pl.Series]:
        """Return the column ``leakage`` in a list, empty where no row can bear a mark.

        Args:
            seen: For each row whether the model has seen it.
            said: What is then said.
        """
        if not self.possible:
            return []
        texts = ["; ".join(filter(None, [self.of_all, said if one else None])) or None for one in seen]
        return [pl.Series("leakage", texts, dtype=pl.String)]


def marks_of(bundle: AnyBundle, names: frozenset[str]) -> Marks:
    """Return what marks the predictions of a bundle.

    Args:
        bundle: The bundle.
        names: The data sets that the pictures are of, by the names of our readers.

    Raises:
        WeightsError: a list of pictures is not the one that was saved with its bundle.
    """
    seen = Seen()
    for model in models_of(bundle):
        seen |= seen_by_bundle(model.folder)
    if isinstance(bundle, EnsembleBundle):
        seen |= Seen(bundle.card.recalibrated_on)
    known = [name for name in seen.sets if name in names]
    named = " and ".join(known)
    sets = f"The model, or its first weights, saw or may have seen pictures of {named} in training." if known else None
    return Marks("; ".join(filter(None, [bundle.card.leakage, sets])) or None, seen.pictures)


def mark_notices(marks: Marks, number: int, said: str = PICTURE) -> list[str]:
    """Return what whoever uses predictions must know of their marks, a sentence each.

    Args:
        marks: From ``marks_of``.
        number: How many rows the model has seen in training.
        said: ``PICTURE`` or ``PATIENT``: what rows are of.
    """
    found = [] if marks.of_all is None else [f"Marked with leakage (column 'leakage'): {marks.of_all}"]
    if number:
        what = counted(number, "picture" if said == PICTURE else "patient")
        found.append(f"The model has seen {what} in training, which is no test of it (column 'leakage').")
    return found
