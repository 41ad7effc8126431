"""What a referral does on patients whose class is known: who is referred, what is promised, what is kept."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, counted
from leukoscope.evaluation.proportions import Proportion, proportion
from leukoscope.evaluation.referral import REFER, Referral
from leukoscope.predictions.table import Predictions


@dataclass(frozen=True)
class ReferralScores:
    """The scores of a referral on one part; every interval is Clopper & Pearson's over patients.

    Args:
        patients: Labelled patients.
        level: The coverage that the intervals aim at.
        referred: The share of patients who are referred.
        referred_of: The same by class.
        unlike_any: The share whose set is empty; they are referred too.
        promised: The coverage that the band promises; None without band.
        covered: The share of patients whose class lies in their set; None without band.
        covered_of: The same by class; empty without band.
        recall: Of the patients of a class who were not referred, the share that was called so, by class.
        positive: The positive class; None for more than two.
        notes: What a reader must know, a sentence each.
    """

    patients: int
    level: float
    referred: Proportion
    referred_of: dict[str, Proportion]
    unlike_any: Proportion
    promised: float | None
    covered: Proportion | None
    covered_of: dict[str, Proportion]
    recall: dict[str, Proportion]
    positive: str | None
    notes: tuple[str, ...]

    @property
    def sensitivity(self) -> Proportion | None:
        """Of the positive patients who were not referred, the share that was called positive; None for more classes."""
        return None if self.positive is None else self.recall[self.positive]

    @property
    def specificity(self) -> Proportion | None:
        """Of the negative patients who were not referred, the share that was called negative; None for more classes."""
        return next((share for name, share in self.recall.items() if self.positive not in (None, name)), None)

    def as_json(self) -> dict[str, Any]:
        """Return the scores as plain JSON values; a share is ``count``, ``total``, ``low``, ``high``."""
        return asdict(self) | {"notes": list(self.notes)}

    def __repr__(self) -> str:
        return "\n".join(
            [f"Referral of {counted(self.patients, 'patient')}, {100 * self.level:g} % intervals", *self._lines()]
        )

    def _repr_html_(self) -> str:
        return f"<p>{'<br>'.join(map(html.escape, repr(self).splitlines()))}</p>"

    def _lines(self) -> list[str]:
        rows = [("referred", self.referred), *((f"referred of {name}", one) for name, one in self.referred_of.items())]
        if self.covered is not None:
            rows += [(f"covered (promised {self.promised:g})", self.covered)]
            rows += [(f"covered of {name}", one) for name, one in self.covered_of.items()]
        if self.sensitivity is not None and self.specificity is not None:
            rows += [("sensitivity of the others", self.sensitivity), ("specificity of the others", self.specificity)]
        else:
            rows += [(f"recall of {name}, of the others", one) for name, one in self.recall.items()]
        width = max(len(name) for name, _ in rows)
        return [*(f"  {name.ljust(width)}  {share}" for name, share in rows), *(f"note: {note}" for note in self.notes)]


def referral_scores(referral: Referral, predictions: Predictions, *, level: float = 0.95) -> ReferralScores:
    """Score a referral on labelled patients, those of the test part.

    Args:
        referral: What decides.
        predictions: Patients with probabilities that were not calibrated yet. Those without label are left out.
        level: The coverage that the intervals aim at, 0 to 1.

    Raises:
        DataError: rows that are cells, or no patient with a label; or see ``Referral.decide``.
    """
    if predictions.unit != "patient":
        raise DataError("A referral is scored on patients, one row each; these predictions are of cells.")
    table = referral.decide(predictions).with_columns(predictions.table["label"], predictions.table["group"])
    table = table.filter(pl.col("label").is_not_null())
    if not table.height:
        raise DataError("No patient of these predictions has a label, so the referral cannot be scored.")
    away = pl.col("called") == REFER
    stayed = table.filter(~away)
    inside, banded = pl.col("set").list.contains(pl.col("label")), referral.band is not None
    return ReferralScores(
        patients=table.height,
        level=level,
        referred=_share(table, away, level),
        referred_of=_by_class(table, away, referral.classes, level),
        unlike_any=_share(table, (pl.col("set").list.len() == 0).fill_null(value=False), level),
        promised=None if referral.band is None else referral.band.coverage,
        covered=_share(table, inside, level) if banded else None,
        covered_of=_by_class(table, inside, referral.classes, level) if banded else {},
        recall=_by_class(stayed, pl.col("called") == pl.col("label"), referral.classes, level),
        positive=referral.classes.positive,
        notes=_notes(table, predictions.table.height - table.height),
    )


def _share(table: pl.DataFrame, is_so: pl.Expr, level: float) -> Proportion:
    return proportion(int(table.select(is_so.sum()).item()), table.height, level)


def _by_class(table: pl.DataFrame, is_so: pl.Expr, classes: Classes, level: float) -> dict[str, Proportion]:
    return {name: _share(table.filter(pl.col("label") == name), is_so, level) for name in classes.names}


def _notes(table: pl.DataFrame, unlabelled: int) -> tuple[str, ...]:
    notes = []
    if unlabelled:
        notes.append(f"{counted(unlabelled, 'patient')} without label: decided about, left out of these shares.")
    grouped = table["group"].drop_nulls()
    if grouped.n_unique() < len(grouped):
        notes.append("Some patients are linked; these intervals take each as independent and may be too narrow.")
    return tuple(notes)
