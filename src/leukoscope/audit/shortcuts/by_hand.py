"""The hand-crafted baseline: measures of size, shape, chromatin and colour with support vectors, beside a network."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from leukoscope.audit.shortcuts.encoding import Matrix, varies
from leukoscope.audit.shortcuts.models import Codes, learnt, present
from leukoscope.audit.shortcuts.sampling import MOST, sampled
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import counted
from leukoscope.evaluation import evaluate
from leukoscope.evaluation.paired import PairedDifference, compare_pair
from leukoscope.pictures.handcrafted import NAMES
from leukoscope.predictions.table import Predictions, probability_column

TITLE = "size, shape, chromatin texture and colour of the cell, measured by hand, with support vectors"
# Support vectors rank and call; how sure they are is not fitted, so no score of that is told.
TOLD = ("roc_auc", "pr_auc", "accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "sensitivity", "specificity")
SCORE = "roc_auc"
"""What network and rule are held against each other by: it needs no threshold."""


# Two matrices of some thousand rows gain nothing from threads, which spend their time waiting for each other.
@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]
def by_hand(
    cohort: Cohort, measured: pl.DataFrame, split: Split, asked: Predictions, *, whole: bool = False
) -> Predictions | None:
    """Learn the rule from what a network learnt from, and ask it of the cells that the network was asked of.

    The measures are standardised (middle and deviation of the training cells); support vectors with a Gaussian kernel,
    classes weighing the same, of at most ``MOST`` cells.

    Args:
        cohort: The cohort.
        measured: ``id`` and a column a measure (``pictures.handcrafted``), one row a cell.
        split: The split.
        asked: The network's predictions of the test part; their labels are not looked at.
        whole: Whether the validation part was learnt from too, as by a head that is fitted at once.

    Returns:
        The same rows with the rule's probabilities; None where the training or the test part has no labelled cell.
    """
    parts = ("train", "validation") if whole else ("train",)
    inside = split.table.filter(pl.col("part").is_in(parts)).select("id")
    cells = cohort.labelled.select("id", "label").join(inside, on="id", how="semi")
    if not cells.height or not asked.table.height:
        return None
    train = sampled(cells, MOST).join(measured, on="id", how="left", maintain_order="left")
    test = asked.table.select("id").join(measured, on="id", how="left", maintain_order="left")
    names = present(train, cohort.classes)
    columns = tuple(name for name in NAMES if varies(train, (name,))) or NAMES[:1]
    return _said(asked, learnt(train, test, columns, names, supported), names)


def supported(train: Matrix, truth: Codes, other: Matrix, classes: int) -> Matrix:
    """Support vectors: arguments as in ``models.rising``.

    Returns:
        Numbers that sum to 1, (n, classes), the higher the surer; above a half of two classes is on the class's side.
    """
    model = SVC(C=1.0, kernel="rbf", gamma="scale", class_weight="balanced").fit(train, truth)
    sides = model.decision_function(other)
    scores = np.zeros((len(other), classes))
    scores[:, model.classes_] = np.column_stack([-sides / 2, sides / 2]) if sides.ndim == 1 else sides
    likely = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def held_against(network: Predictions, rule: Predictions) -> dict[str, Any]:
    """Return the baseline as ``scores.json`` has it, and whether a model's scores beat it.

    Args:
        network: The predictions of a network, or of several together, of the test part.
        rule: Those of ``by_hand``, of the same cells.

    Returns:
        ``title``; ``scores``, of each metric its ``value``, ``low`` and ``high``; ``paired``, the difference in ROC
        AUC, resampled by linked groups of patients, null where it is not defined; and where it is, ``beats`` (``yes``,
        ``unclear`` or ``no``) and ``sentence``.

    Raises:
        DataError: the predictions are of other rows.
    """
    scores = evaluate(rule).scores
    kept = {
        name: {"value": one.value, "low": one.low, "high": one.high} for name, one in scores.items() if name in TOLD
    }
    entry: dict[str, Any] = {"title": TITLE, "scores": kept, "paired": None}
    if scores[SCORE].value is None:  # a part with one class alone has no ROC AUC
        return entry
    found = compare_pair(network, rule, score=SCORE)
    beats, sentence = _stated(found)
    return {**entry, "paired": found.as_json(), "beats": beats, "sentence": sentence}


def _said(asked: Predictions, scores: Matrix, names: tuple[str, ...]) -> Predictions:
    """Return the rows that were asked with other probabilities; a class that was not learnt has 0."""
    given = dict(zip(names, scores.T, strict=True))
    columns = [
        pl.Series(probability_column(name), given.get(name, np.zeros(len(scores)))) for name in asked.classes.names
    ]
    return Predictions(asked.table.drop("logit", "called", strict=False).with_columns(columns), asked.classes)


def _stated(found: PairedDifference) -> tuple[str, str]:
    both = f"ROC AUC {found.first:.3f} against {found.second:.3f}, a difference of {found.difference:+.3f}"
    units = (
        f"{found.clusters} linked groups" if found.unit.startswith("linked") else counted(found.clusters, found.unit)
    )
    told = f"{both} ({found.low:+.3f} to {found.high:+.3f}, paired; {units})" if found.low is not None else both
    if found.difference <= 0:
        return "no", f"Hand-crafted measures are not beaten: {told}."
    if found.low is not None and found.low > 0:
        return "yes", f"Hand-crafted measures are beaten: {told}."
    return "unclear", f"Hand-crafted measures are not clearly beaten: {told}; chance may account for it."
