"""Calibrated probabilities: a map from a model's logits to shares that hold, fitted on validation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
from scipy import optimize, special
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError, counted, nearest
from leukoscope.evaluation.calling import places
from leukoscope.evaluation.units import Floats, Ints
from leukoscope.predictions.table import Predictions

Kind = Literal["none", "platt", "isotonic", "temperature"]
RAW = "raw_logit"
"""The column that keeps the logit from before calibration."""
# Below it Platt's two numbers beat isotonic steps with every learner (Niculescu-Mizil & Caruana 2005, ICML).
FEW = 200
WEAK = 1e4  # the inverse penalty on the slope of standardised logits: only keeps it finite
WIDEST = 5.0  # temperatures from e^-5 to e^5
RISE = 1e-9
TINY = np.finfo(np.float64).eps


@dataclass(frozen=True)
class Calibrator:
    """A fitted map from logits to probabilities.

    Args:
        kind: ``platt``: p = 1 / (1 + exp(-(slope logit + offset))); ``isotonic``: steps between ``knots``;
            ``temperature``: softmax(slope log p), for any number of classes; ``none``: nothing is changed.
        classes: The names of the classes that it was fitted for.
        rows: How many labelled rows it was fitted on.
        slope: The factor on the logit (one over the temperature).
        offset: What is added to it.
        knots: Of ``isotonic``: logits, rising, and the probability at each, straight lines between.
        notes: What a reader must know, a sentence each.
    """

    kind: Kind
    classes: tuple[str, ...]
    rows: int
    slope: float = 1.0
    offset: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()

    def apply(self, predictions: Predictions) -> Predictions:
        """Return predictions with calibrated probabilities and logits.

        ``p_<class>`` and ``logit`` are replaced; the logit from before is kept as ``raw_logit``. Everything else stays,
        calls in ``called`` too: a threshold must be chosen on calibrated probabilities to go with them.

        Raises:
            DataError: other classes, no probabilities, or probabilities that were calibrated before.
        """
        if predictions.classes.names != self.classes:
            raise DataError(
                f"These predictions are of {', '.join(predictions.classes.names)}; "
                f"the calibration was fitted for {', '.join(self.classes)}."
            )
        if self.kind == "none":
            return predictions
        refuse_uncalibratable(predictions)
        if self.kind == "temperature":
            return _with(predictions, special.softmax(self.slope * _logs(predictions), axis=1))
        logits = logits_of(predictions)
        share = self._steps(logits) if self.kind == "isotonic" else special.expit(self.slope * logits + self.offset)
        positive = predictions.classes.index(str(predictions.classes.positive))
        both = np.stack([1 - share, share] if positive else [share, 1 - share], axis=1)
        return _with(predictions, both)

    def _steps(self, logits: Floats) -> Floats:
        at, share = np.array(self.knots).T
        # A hair's rise along each step: whoever lies below the threshold before lies below it afterwards too.
        return np.asarray(np.interp(logits, at, share) + RISE * (special.expit(logits) - 0.5))

    def as_json(self) -> dict[str, Any]:
        """Return the calibrator as plain JSON values."""
        found = asdict(self)
        lists = {"classes": list(self.classes), "knots": [list(knot) for knot in self.knots], "notes": list(self.notes)}
        return found | lists

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Calibrator:
        """Make a calibrator from what ``as_json`` returned.

        Raises:
            DataError: the value is no calibrator.
        """
        try:
            known = dict(value) | {name: tuple(value[name]) for name in ("classes", "notes")}
            found = cls(**known | {"knots": tuple((float(at), float(share)) for at, share in value["knots"])})
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"This is no calibrator: {error}.") from None
        if found.kind not in get_args(Kind):
            raise DataError(
                f"This is no calibrator: its kind is {found.kind!r}.", do=nearest(found.kind, get_args(Kind))
            )
        return found


def fit_calibrator(validation: Predictions, kind: str, *, every_class: bool = True) -> Calibrator:
    """Fit a calibrator on the validation part.

    ``platt`` is a logistic regression on the logit with Platt's smoothed targets, (n+ + 1) / (n+ + 2) and 1 / (n- + 2)
    in place of 1 and 0 (1999, Advances in Large Margin Classifiers), so that a few patients who are told apart without
    fault do not become certainties. More than two classes have one temperature instead (Guo et al. 2017, ICML).
    ``isotonic`` is scikit-learn's, its shares kept between 1 / (n + 2) and 1 - 1 / (n + 2). Where the logit does not
    rise with the positive class nothing is calibrated, and a warning says so.

    Args:
        validation: Labelled predictions with probabilities, one row a patient where patients are diagnosed; never those
            of the test part.
        kind: ``none``, ``platt``, ``isotonic`` or ``temperature``.
        every_class: Whether each class must be there; a temperature is one number for all, and can do without some.

    Raises:
        SettingsError: an unknown kind, or isotonic steps for more than two classes.
        DataError: no probabilities, no labelled row, or, where each must be there, a class without one.

    Example:
        >>> from leukoscope.cohort.classes import Classes
        >>> table = pl.DataFrame({"id": list("abcd"), "label": ["hem", "all"] * 2, "p_all": [0.01, 0.99, 0.9, 0.6]})
        >>> table = table.with_columns(p_hem=1 - pl.col("p_all"))
        >>> fitted = fit_calibrator(Predictions(table, Classes(("hem", "all"))), "platt")
        >>> round(fitted.slope, 2), fitted.rows
        (0.17, 4)
    """
    if kind not in get_args(Kind):
        raise SettingsError(f"There is no calibration {kind!r}.", do=nearest(kind, get_args(Kind)))
    names = validation.classes.names
    if kind == "none":
        return Calibrator("none", names, 0)
    known = _known(validation, every_class=every_class or kind != "temperature")
    truth = places(known.table["label"], known.classes)
    if kind == "temperature" or not known.classes.binary:
        return _fit_temperature(known, truth, kind)
    logits = logits_of(known)
    hit = truth == known.classes.index(str(known.classes.positive))
    if np.ptp(logits) == 0 or logits[hit].mean() <= logits[~hit].mean():
        return _left_alone(known)
    fit = _fit_platt if kind == "platt" else _fit_isotonic
    return fit(logits, hit.astype(np.float64), known)


def logits_of(predictions: Predictions) -> Floats:
    """Return the logit of the positive class of each row, (n,); from its probability where the column is empty.

    Probabilities of 0 and 1 stand one float64 step inside.
    """
    share = predictions.probabilities()[:, predictions.classes.index(str(predictions.classes.positive))]
    found = np.asarray(special.logit(np.clip(share, TINY, 1 - TINY)))
    if "logit" not in predictions.table.columns:
        return found
    own = predictions.table["logit"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return np.where(np.isfinite(own), own, found)


def _known(validation: Predictions, *, every_class: bool) -> Predictions:
    refuse_uncalibratable(validation)
    known = Predictions(validation.table.filter(pl.col("label").is_not_null()), validation.classes, validation.unit)
    for name in known.classes.names:
        if not (known.table["label"] == name).any() and (every_class or not known.table.height):
            raise DataError(
                f"Probabilities cannot be calibrated: no {known.unit} here is labelled {name!r}.",
                do="Take a larger validation part, or one with each class.",
            )
    return known


def refuse_uncalibratable(predictions: Predictions) -> None:
    """Refuse predictions that no calibrator can change.

    Raises:
        DataError: no probabilities, or probabilities that were calibrated before.
    """
    if not predictions.has_probabilities:
        raise DataError("Only probabilities can be calibrated; these predictions hold called classes.")
    if RAW in predictions.table.columns:
        raise DataError("These probabilities were calibrated before.", do="Give the predictions from before.")


def _fit_platt(logits: Floats, hit: Floats, known: Predictions) -> Calibrator:
    positives, negatives = hit.sum(), len(hit) - hit.sum()
    target = np.where(hit > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    middle, spread = logits.mean(), logits.std()
    # A soft target is two rows of weight t and 1 - t. Standardised logits make the search well-conditioned.
    rows = np.tile((logits - middle) / spread, 2)[:, None]
    model = LogisticRegression(C=WEAK, tol=1e-8, max_iter=1000)
    model.fit(rows, np.repeat([1, 0], len(hit)), sample_weight=np.concatenate([target, 1 - target]))
    slope = float(model.coef_[0, 0] / spread)
    if slope <= 0:
        return _left_alone(known)
    return Calibrator("platt", known.classes.names, len(hit), slope, float(model.intercept_[0] - slope * middle))


def _fit_isotonic(logits: Floats, hit: Floats, known: Predictions) -> Calibrator:
    rows, notes = counted(len(hit), known.unit), []
    if len(hit) < FEW:
        notes.append(f"Isotonic calibration was fitted on {rows}: with fewer than {FEW}, Platt's is the safer.")
        warnings.warn(notes[0], LeukoscopeWarning, stacklevel=3)
    edge = 1 / (len(hit) + 2)
    model = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip").fit(logits, hit)
    knots = zip(model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), strict=True)
    notes.append(
        f"{known.unit.capitalize()}s on one step share a probability, so that ranks (ROC AUC) may change a little."
    )
    return Calibrator("isotonic", known.classes.names, len(hit), knots=tuple(knots), notes=tuple(notes))


def _fit_temperature(known: Predictions, truth: Ints, kind: str) -> Calibrator:
    if kind == "isotonic":
        raise SettingsError("Isotonic calibration needs two classes.", do="Take temperature scaling: temperature.")
    logs, each = _logs(known), np.arange(len(truth))

    def loss(power: float) -> float:
        return float(-special.log_softmax(np.exp(power) * logs, axis=1)[each, truth].mean())

    found = optimize.minimize_scalar(loss, bounds=(-WIDEST, WIDEST), method="bounded", options={"xatol": 1e-8})
    return Calibrator("temperature", known.classes.names, len(truth), float(np.exp(found.x)))


def _left_alone(known: Predictions) -> Calibrator:
    note = (
        f"Nothing was calibrated: on validation, {known.unit}s of class {known.classes.positive!r} "
        "have no higher logits than the others."
    )
    warnings.warn(note, LeukoscopeWarning, stacklevel=3)
    return Calibrator("none", known.classes.names, known.table.height, notes=(note,))


def _logs(predictions: Predictions) -> Floats:
    return np.asarray(np.log(np.clip(predictions.probabilities(), TINY, 1)))


def _with(predictions: Predictions, shares: Floats) -> Predictions:
    columns = [pl.Series(name, shares[:, place]) for place, name in enumerate(predictions.columns)]
    if predictions.classes.positive is not None:
        share = np.clip(shares[:, predictions.classes.index(predictions.classes.positive)], TINY, 1 - TINY)
        columns += [pl.Series(RAW, logits_of(predictions)), pl.Series("logit", special.logit(share))]
    else:
        columns.append(pl.Series(RAW, [None] * len(shares), dtype=pl.Float64))
    return Predictions(predictions.table.with_columns(columns), predictions.classes, predictions.unit)
