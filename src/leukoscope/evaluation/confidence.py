"""From which confidence on a cell is called; below it, it is referred to a person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.evaluation.calling import decide, places
from leukoscope.evaluation.units import Floats, Ints
from leukoscope.predictions.table import Predictions

CLOSE = 1e-12
FEW_PATIENTS = 10
"""With fewer validation patients a note says how little they tell of others."""


@dataclass(frozen=True)
class Confidence:
    """What decides whether a cell is called, or referred to a person; fitted on validation.

    Args:
        wanted: The accuracy that was asked of the cells that are called, 0 to 1.
        least: The smallest probability of the called class with which a cell is called, 0 to 1; 0 where none need be
            referred; None where the accuracy cannot be reached, so that every cell is referred.
        reached: The accuracy of the validation cells that are called; where none is, that of the surest ones.
        kept: The share of validation cells that are called, 0 to 1.
        cells: How many labelled validation cells it was fitted on.
        patients: Of how many patients they are; None where these are not known. Patients weigh alike.
        classes: The names of the classes that it was fitted for.
        notes: What a reader must know, a sentence each.
    """

    wanted: float
    least: float | None
    reached: float
    kept: float
    cells: int
    patients: int | None
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def refers(self, confidences: Floats) -> npt.NDArray[np.bool_]:
        """Return which cells are referred, (n,).

        Args:
            confidences: The probability of each cell's called class, (n,), as of ``confidences``.
        """
        if self.least is None:
            return np.ones(len(confidences), dtype=np.bool_)
        return np.asarray(confidences < self.least)

    def __str__(self) -> str:
        if self.least is None:
            return f"every cell is referred: an accuracy of {self.wanted:g} cannot be reached"
        return (
            f"a cell is called from a probability of {self.least:.3f} on, and else referred: {100 * self.kept:.1f} % "
            f"of validation were called, {100 * self.reached:.1f} % of them rightly ({100 * self.wanted:g} % wanted)"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the rule as plain JSON values."""
        return asdict(self) | {"classes": list(self.classes), "notes": list(self.notes)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Confidence:
        """Make a rule from what ``as_json`` returned.

        Raises:
            DataError: the value is no such rule.
        """
        try:
            found = cls(**dict(value) | {name: tuple(value[name]) for name in ("classes", "notes")})
            known = found.least is None or 0 <= float(found.least) <= 1
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"This is no rule for referring cells: {error}.") from None
        if not known:
            raise DataError(f"This is no rule for referring cells: its probability is {found.least}.")
        return found


def confidences(probabilities: Floats, classes: Classes, threshold: float | None) -> Floats:
    """Return the probability of the class that each row is called, (n,).

    Args:
        probabilities: (n, k), 0 to 1, calibrated where the bundle calibrates.
        classes: The k classes.
        threshold: As of ``decide``.

    Example:
        >>> confidences(np.array([[0.7, 0.3], [0.1, 0.9]]), Classes(("hem", "all")), 0.25).tolist()
        [0.3, 0.9]
    """
    called = decide(probabilities, classes, threshold)
    return np.asarray(probabilities[np.arange(len(called)), called])


def fit_confidence(validation: Predictions, accuracy: float, threshold: float | None = None) -> Confidence:
    """Find the smallest confidence from which validation cells are called as rightly as was asked for.

    A cell's confidence is the probability of its called class. A patient's cells weigh one together, however many
    there are. The rule lies half-way between the last cell that is called and the first that is referred. Fewer cells
    than ``1 / (1 - accuracy)`` are never called: that many cannot tell the accuracy from a perfect one.

    Args:
        validation: Labelled cells with probabilities, calibrated where the bundle calibrates; never of the test part.
        accuracy: The accuracy that is asked of the cells that are called, between 0 and 1.
        threshold: The operating threshold on these probabilities, as of ``decide``.

    Raises:
        SettingsError: an accuracy that is none, or rows that are patients.
        DataError: no probabilities, or no labelled cell.

    Example:
        >>> rows = {"id": [str(n) for n in range(40)], "label": ["hem", "all"] * 20}
        >>> rows["p_all"] = [0.1, 0.9] * 18 + [0.6] * 4  # of the four unsure ones two are wrong
        >>> rows["p_hem"] = [1 - share for share in rows["p_all"]]
        >>> fitted = fit_confidence(Predictions(pl.DataFrame(rows), Classes(("hem", "all"))), 0.96)
        >>> round(fitted.least, 6), fitted.reached, fitted.kept
        (0.75, 1.0, 0.9)
    """
    if not 0 < accuracy < 1:
        raise SettingsError(f"An accuracy must lie between 0 and 1; got {accuracy:g}.", where="refer.accuracy")
    known = _known(validation)
    shares = known.probabilities()
    called = decide(shares, known.classes, threshold)
    sure = confidences(shares, known.classes, threshold)
    right = called == places(known.table["label"], known.classes)
    weights, patients = patient_weights(known.table["patient"]), _patients(known)
    levels, kept, reached, counts = _from_the_surest(sure, right, weights)
    fewest = math.ceil(1 / (1 - accuracy) - CLOSE)
    good = np.flatnonzero((reached >= accuracy - CLOSE) & (counts >= fewest))
    names = known.classes.names
    if not len(good):
        surest = min(int(np.searchsorted(counts, fewest)), len(counts) - 1)
        notes = (_unreached(accuracy, counts[surest], reached[surest], patients), *_few(patients))
        return Confidence(accuracy, None, float(reached[surest]), 0.0, len(sure), patients, names, notes)
    last = int(good[-1])
    least = 0.0 if last == len(levels) - 1 else float((levels[last] + levels[last + 1]) / 2)
    found = (float(reached[last]), float(kept[last]), len(sure), patients, names)
    return Confidence(accuracy, least, *found, _few(patients))


def patient_weights(patients: pl.Series) -> Floats:
    """Return what each cell weighs, (n,): one over the cells of its patient; 1 where no patient is known.

    Cells without a patient among others that have one weigh as one patient together.

    Args:
        patients: The patient of each cell, (n,); null where not known.

    Example:
        >>> patient_weights(pl.Series(["P", "P", "Q"])).tolist()
        [0.5, 0.5, 1.0]
    """
    if patients.null_count() == len(patients):
        return np.ones(len(patients))
    cells = pl.DataFrame({"patient": patients}).select(pl.len().over("patient"))
    return np.asarray(1 / cells.to_series().to_numpy())


def _known(validation: Predictions) -> Predictions:
    if validation.unit != "cell":
        raise SettingsError("Cells are referred by their confidence; patients by a band.", do="Set refer.coverage.")
    if not validation.has_probabilities:
        raise DataError("Only probabilities can tell how sure a model is; these predictions hold called classes.")
    table = validation.table.filter(pl.col("label").is_not_null())
    if not table.height:
        raise DataError("No cell of these predictions has a label, so a rule for referring cannot be fitted.")
    return Predictions(table, validation.classes, validation.unit)


def _patients(known: Predictions) -> int | None:
    named = known.table["patient"].drop_nulls()
    return named.n_unique() if len(named) else None


def _from_the_surest(
    sure: Floats, right: npt.NDArray[np.bool_], weights: Floats
) -> tuple[Floats, Floats, Floats, Ints]:
    """Return each confidence that occurs, from the largest on, and what holds of all cells that are at least so sure.

    That is the share of cells, their accuracy, and how many they are, (d,) each.
    """
    order = np.argsort(-sure, kind="stable")
    sorted_sure = sure[order]
    ends = np.append(np.flatnonzero(np.diff(sorted_sure)), len(sure) - 1)
    weight = np.cumsum(weights[order])[ends]
    hits = np.cumsum((weights * right)[order])[ends]
    return sorted_sure[ends], weight / weights.sum(), hits / weight, ends + 1


def _unreached(accuracy: float, cells: int, reached: float, patients: int | None) -> str:
    alike = "" if patients is None else ", patients weighing alike"
    surest = counted(int(cells), "surest validation cell")
    return (
        f"An accuracy of {100 * accuracy:g} % cannot be reached: of the {surest} {100 * reached:.1f} % were called "
        f"rightly{alike}. So every cell is referred."
    )


def _few(patients: int | None) -> tuple[str, ...]:
    if patients is None or patients >= FEW_PATIENTS:
        return ()
    who = counted(patients, "validation patient")
    return (f"The rule rests on {who}: on others the accuracy may be far from what it reached on these.",)
