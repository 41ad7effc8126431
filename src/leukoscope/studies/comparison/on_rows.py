"""Run against run on the same rows: would other patients say the same, and who is right where the other is wrong?"""

from __future__ import annotations

import numpy as np

from leukoscope.errors import DataError
from leukoscope.evaluation import PairedDifference, compare_pair
from leukoscope.evaluation.names import PATIENT_SCORE
from leukoscope.evaluation.significance import Alternative, delong, mcnemar
from leukoscope.evaluation.units import Floats
from leukoscope.predictions.table import Predictions
from leukoscope.studies.comparison.over_runs import behind
from leukoscope.studies.comparison.pairing import Pair
from leukoscope.studies.comparison.rows import Row, attempt
from leukoscope.studies.comparison.sides import Side

AREA = "roc_auc"


def rows_on_rows(
    first: Side, second: Side, pair: Pair, scores: list[str], alternative: Alternative, *, replicates: int, seed: int
) -> list[Row]:
    """Return every test of one pair of runs.

    A bootstrap clustered by linked group for each score; DeLong's test where a ROC AUC is asked for; McNemar's test on
    patients and, in runs of cells, on cells.

    Args:
        first: The first side, for its name.
        second: The second.
        pair: A run of each, on the same rows.
        scores: The scores' names, as in ``ScoredRun.value``.
        alternative: ``two-sided``, ``greater`` (the first is higher) or ``less``.
        replicates: Resamples of the bootstrap, 100 or more.
        seed: Their seed.

    Returns:
        Rows (see ``comparison_tables.TABLE``); refused ones say why.
    """
    named = {"first": first.name, "second": second.name, "alternative": alternative}
    head = named | {"first_run": pair.first.name, "second_run": pair.second.name} | behind([pair])
    rows = [_bootstrap(head, pair, score, replicates, seed) for score in scores]
    if any(score.removeprefix(PATIENT_SCORE) == AREA for score in scores):
        rows.append(_delong(head, pair, alternative))
    rows.append(_mcnemar(head, pair, alternative, cells=False))
    if pair.first.predictions.unit == "cell":
        rows.append(_mcnemar(head, pair, alternative, cells=True))
    return rows


def one_sided(difference: float, p: float | None, alternative: Alternative) -> float | None:
    """Return the p of a symmetric two-sided test for the alternative that is asked for.

    Args:
        difference: First less second.
        p: The two-sided p; None where there is none.
        alternative: ``greater`` halves p where the difference is above 0, and is 1 - p / 2 where it is below.

    Example:
        >>> one_sided(0.1, 0.04, "greater"), one_sided(0.1, 0.04, "less"), one_sided(0.0, 1.0, "less")
        (0.02, 0.98, 0.5)
    """
    if p is None or alternative == "two-sided":
        return p
    return p / 2 if (difference > 0) == (alternative == "greater") or difference == 0 else 1 - p / 2


def _bootstrap(head: Row, pair: Pair, score: str, replicates: int, seed: int) -> Row:
    def test() -> Row:
        sides = [run.patients if score.startswith(PATIENT_SCORE) else run.predictions for run in pair.runs]
        plain = score.removeprefix(PATIENT_SCORE)
        return _of_bootstrap(compare_pair(*sides, score=plain, replicates=replicates, seed=seed), head["alternative"])

    return attempt(head | {"question": "patients", "test": "bootstrap", "score": score}, test)


def _of_bootstrap(found: PairedDifference, alternative: Alternative) -> Row:
    values = {"first_value": found.first, "second_value": found.second, "difference": found.difference}
    # Where every resample gives the same difference there is no side to it.
    p = found.p if found.low is None else one_sided(found.difference, found.p, alternative)
    return {**values, "low": found.low, "high": found.high, "p": p, "unit": found.unit, "exact": False}


def _delong(head: Row, pair: Pair, alternative: Alternative) -> Row:
    of_cells = pair.first.predictions.unit == "cell"

    def test() -> Row:
        one, other = _same_units(pair)
        scores = [_positive(one), _positive(other)]
        labels = (one.table["label"] == one.classes.positive).to_numpy()
        found = delong(labels, scores[0], scores[1], alternative=alternative)
        values = {"first_value": found.first, "second_value": found.second, "difference": found.difference}
        bounds = {"low": found.low, "high": found.high, "p": found.p, "exact": False}
        return {**values, **bounds, "unit": _unit(pair), "groups": len(labels)}

    score = PATIENT_SCORE + AREA if of_cells else AREA
    return attempt(head | {"question": "patients", "test": "delong", "score": score}, test)


def _mcnemar(head: Row, pair: Pair, alternative: Alternative, *, cells: bool) -> Row:
    def test() -> Row:
        sides = [_sorted(run.predictions) for run in pair.runs] if cells else _same_units(pair)
        right = [(side.table["label"] == side.table["called"]).to_numpy() for side in sides]
        found = mcnemar(right[0], right[1], alternative=alternative)
        values = {"first_value": float(np.mean(right[0])), "second_value": float(np.mean(right[1]))}
        numbers = {"first_number": found.first_only, "second_number": found.second_only}
        known = {"difference": found.difference, "p": found.p, "smallest_p": found.smallest_p, "exact": True}
        behind_it = {"unit": "cell"} if cells else {"unit": _unit(pair), "groups": len(right[0])}
        return {**values, **numbers, **known, **behind_it}

    of_cells = pair.first.predictions.unit == "cell"
    score = "accuracy" if cells or not of_cells else f"{PATIENT_SCORE}accuracy"
    unit = {"unit": "cell"} if cells else {}
    return attempt(head | {"question": "calls", "test": "mcnemar", "score": score, **unit}, test)


def _same_units(pair: Pair) -> list[Predictions]:
    """Return what both runs say of each linked group, in one order."""
    sides = [_sorted(run.independent) for run in pair.runs]
    named = [side.table.select("id", "label").rows() for side in sides]
    if named[0] != named[1]:
        raise DataError("The two runs link other patients to each other, so their patients cannot be matched.")
    return sides


def _positive(side: Predictions) -> Floats:
    if side.classes.positive is None or not side.has_probabilities:
        raise DataError("DeLong's test needs two classes and their probabilities.")
    found: Floats = side.probabilities()[:, side.classes.index(side.classes.positive)]
    return found


def _sorted(predictions: Predictions) -> Predictions:
    return Predictions(predictions.table.sort("id"), predictions.classes, predictions.unit)


def _unit(pair: Pair) -> str:
    linked = len(pair.first.group_names) < len(pair.first.patient_names)
    return "linked group of patients" if linked else "patient"
