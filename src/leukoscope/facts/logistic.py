"""Logistic regression whose strength is chosen within its own training patients, and which is plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from leukoscope.errors import DataError, counted
from leukoscope.facts.folds import FEWEST, fewest_groups, patient_folds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STRENGTHS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0)
USUAL = 1.0
FOLDS = 5
ITERATIONS = 10_000
WORSE = 2
"""So many weaker penalties in a row that did worse are enough: weaker ones still are not tried."""
MOST = 600
"""Of more inputs than this, and more rows, the regression sees so many leading principal components."""


@dataclass(frozen=True)
class LogisticModel:
    """logits = intercepts + coefficients . z, with z = (x - means) / scales (Cox 1958, J R Stat Soc B 20:215).

    Args:
        names: The f inputs.
        means: Their means over the training patients, (f,).
        scales: Their standard deviations there, (f,); 1 where an input never varied (its coefficient is then 0).
        coefficients: (o, f); o = 1, of the positive class, for two classes, else one row a class.
        intercepts: (o,).
        strength: The inverse C of the L2 penalty that was chosen; what is made small is half the sum of the squared
            coefficients + C x the summed log-loss.

    Example:
        >>> model = LogisticModel(("age",), (60.0,), (10.0,), ((0.5,),), (-1.0,), 1.0)
        >>> model.logits(np.array([[80.0]])), model.moves(np.array([[80.0]]))
        (array([[0.]]), array([[1.]]))
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[tuple[float, ...], ...]
    intercepts: tuple[float, ...]
    strength: float

    @classmethod
    def fit(
        cls,
        values: npt.NDArray[Any],
        truth: Ints,
        groups: Sequence[str],
        *,
        names: Sequence[str],
        seed: int,
        classes: int = 2,
        balanced: bool = False,
        weights: Floats | None = None,
    ) -> LogisticModel:
        """Learn from training patients, or from training cells; C is that of the least log-loss over five folds.

        Penalties are tried from the strongest on, until two in a row did worse than the best. Equal losses go to the
        stronger one. Where a class stands in a single linked group there can be no folds, and C is 1. (The inputs are
        standardised over all that is learnt from, folds or not; no label is used for it. Nor is one for the principal
        components: of more than 600 inputs, where there are more than 600 rows, the coefficients lie in the span of
        the 600 leading ones.)

        Args:
            values: (n, f), finite.
            truth: (n,) int64, as ``targets`` returns it; every class must be there.
            groups: The linked group of each row; no group is in two folds.
            names: The f inputs' names.
            seed: The seed of the folds.
            classes: How many classes there are.
            balanced: Whether each class weighs the same in all, so that a logit of 0 is the even point between them.
            weights: (n,), above 0: how much each row weighs; 1 where not given. Only their ratios count.

        Raises:
            DataError: a class has no training patient; a value is not finite; the lengths differ.
        """
        wide = _checked(values, truth, groups, names, classes)
        # An input that never varies has a scale of 1, and stays at 0.
        scaler = StandardScaler().fit(wide) if wide.shape[1] else None
        scaled = wide if scaler is None else scaler.transform(wide)
        each = _weights(truth, weights, classes, balanced=balanced)
        spanned, basis = _row_space(scaled)
        # Steps so small gain nothing from threads, which wait for each other: two are ten times slower than one.
        with threadpool_limits(limits=1):
            strength = _strength(spanned, truth, groups, seed, each)
            coefficients, intercepts = _fitted(spanned, truth, strength, each)
        coefficients = coefficients if basis is None else coefficients @ basis
        return cls(
            names=tuple(names),
            means=() if scaler is None else tuple(scaler.mean_.tolist()),
            scales=() if scaler is None else tuple(scaler.scale_.tolist()),
            coefficients=tuple(map(tuple, coefficients.tolist())),
            intercepts=tuple(intercepts.tolist()),
            strength=strength,
        )

    def logits(self, values: npt.NDArray[Any]) -> Floats:
        """Return the logits, (n, o) float64, of (n, f) values.

        Raises:
            DataError: the values have another number of columns.
        """
        weights = np.array(self.coefficients).reshape(len(self.intercepts), len(self.names))
        return np.asarray(self._standardised(values) @ weights.T + np.array(self.intercepts))

    def moves(self, values: npt.NDArray[Any], *, output: int = 0) -> Floats:
        """Return what each input moved a patient's logit, compared with the mean training patient.

        Args:
            values: (n, f).
            output: Which logit: 0 for two classes, the class's place for more.

        Returns:
            (n, f) float64: coefficient x standardised value; with ``intercepts[output]`` they sum to the logit.

        Raises:
            DataError: the values have another number of columns.
        """
        return np.asarray(self._standardised(values) * np.array(self.coefficients[output]))

    def as_json(self) -> dict[str, Any]:
        """Return the model as plain JSON values; no digit is lost."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LogisticModel:
        """Make a model of what ``as_json`` returned.

        Raises:
            DataError: the value is none.
        """
        try:
            return cls(
                names=tuple(value["names"]),
                means=tuple(value["means"]),
                scales=tuple(value["scales"]),
                coefficients=tuple(tuple(row) for row in value["coefficients"]),
                intercepts=tuple(value["intercepts"]),
                strength=value["strength"],
            )
        except (KeyError, TypeError) as error:
            raise DataError(f"This is no logistic regression: {error} is missing or wrong.") from None

    def _standardised(self, values: npt.NDArray[Any]) -> Floats:
        if values.ndim != 2 or values.shape[1] != len(self.names):  # noqa: PLR2004 - a table
            raise DataError(
                f"This model takes {counted(len(self.names), 'input')} a patient ({', '.join(self.names)}); "
                f"found values of shape {values.shape}."
            )
        return np.asarray((values.astype(np.float64) - np.array(self.means)) / np.array(self.scales))


def _plain(value: Any) -> Any:  # noqa: ANN401 - tuples of tuples of numbers or names
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _checked(
    values: npt.NDArray[Any], truth: Ints, groups: Sequence[str], names: Sequence[str], classes: int
) -> Floats:
    wide = values.astype(np.float64)
    if wide.shape != (len(truth), len(names)) or len(groups) != len(truth):
        raise DataError(
            f"{counted(len(truth), 'patient')} and {counted(len(names), 'input')} do not fit values of shape "
            f"{values.shape} and {counted(len(groups), 'group')}."
        )
    if not np.isfinite(wide).all():
        place = int(np.flatnonzero(~np.isfinite(wide).all(axis=0))[0])
        raise DataError(f"The input {names[place]!r} has a value that is no finite number.")
    if sorted(set(truth.tolist())) != list(range(classes)):
        found = ", ".join(map(str, sorted(set(truth.tolist())))) or "none"
        raise DataError(
            f"Every one of the {classes} classes needs a training patient; found the classes {found}.",
            do="Train on more patients, and leave out those of unknown label.",
        )
    return wide


def _weights(truth: Ints, weights: Floats | None, classes: int, *, balanced: bool) -> Floats:
    """Return what each row weighs, (n,), their mean 1."""
    each = np.ones(len(truth)) if weights is None else weights.astype(np.float64)
    if balanced:
        each = each / (classes * np.bincount(truth, each)[truth])
    return np.asarray(each * len(each) / each.sum())


def _row_space(scaled: Floats) -> tuple[Floats, Floats | None]:
    """Return the inputs as fewer columns, and their basis in the inputs, (columns, f).

    More inputs than rows become as many columns as there are rows, in the rows' own span: with an L2 penalty no
    coefficient leaves it, and the regression is the same. Of what is more than ``MOST`` the leading principal
    components are left.
    """
    rows, columns = scaled.shape
    if columns <= min(rows, MOST):
        return scaled, None
    if rows <= MOST:
        basis: Floats = np.linalg.svd(scaled, full_matrices=False)[2]
    else:
        basis = _leading(scaled)
    return scaled @ basis.T, basis


def _leading(scaled: Floats) -> Floats:
    """Return the leading principal axes, (``MOST`` or fewer, f), by the eigenvectors of the smaller Gram matrix."""
    rows, columns = scaled.shape
    if columns <= rows:
        return np.asarray(np.linalg.eigh(scaled.T @ scaled)[1][:, -MOST:].T)
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    values, vectors = values[-MOST:], vectors[:, -MOST:]
    real = values > rows * np.finfo(float).eps * values[-1]  # copies of a row span no axis of their own
    return np.asarray((vectors[:, real] / np.sqrt(values[real])).T @ scaled)


def _strength(scaled: Floats, truth: Ints, groups: Sequence[str], seed: int, weights: Floats) -> float:
    if not scaled.shape[1] or fewest_groups(truth, groups) < FEWEST:
        return USUAL
    fold = patient_folds(truth, groups, FOLDS, seed)
    if any(len(set(truth[fold != one].tolist())) <= truth.max() for one in set(fold.tolist())):
        return USUAL  # groups of several classes can leave a fold's training part without one
    learners = {one: LogisticRegression(max_iter=ITERATIONS, warm_start=True) for one in np.unique(fold).tolist()}
    losses: list[float] = []
    likely = np.empty((len(truth), int(truth.max()) + 1))
    for strength in STRENGTHS:
        for one, learner in learners.items():  # each starts from what it found at the penalty before
            learnt = fold != one
            learner.set_params(C=strength).fit(scaled[learnt], truth[learnt], sample_weight=weights[learnt])
            likely[~learnt] = learner.predict_proba(scaled[~learnt])
        losses.append(float(log_loss(truth, likely, sample_weight=weights)))
        if len(losses) - int(np.argmin(losses)) > WORSE:
            break
    return STRENGTHS[int(np.argmin(losses))]


def _fitted(scaled: Floats, truth: Ints, strength: float, weights: Floats) -> tuple[Floats, Floats]:
    if not scaled.shape[1]:
        shares = np.bincount(truth, weights) / weights.sum()
        intercepts = np.log(shares[1:] / shares[0]) if len(shares) == 2 else np.log(shares)  # noqa: PLR2004
        return np.empty((len(intercepts), 0)), intercepts
    model = LogisticRegression(C=strength, max_iter=ITERATIONS).fit(scaled, truth, sample_weight=weights)
    return model.coef_, model.intercept_
