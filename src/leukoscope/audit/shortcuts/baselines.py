"""Baselines: rules that see a few numbers of a picture and nothing of the cell, to hold beside a network's score."""

from __future__ import annotations

from typing import Any

import polars as pl
from threadpoolctl import threadpool_limits

from leukoscope.audit.shortcuts.cells import CELL_STATISTICS, cell_table
from leukoscope.audit.shortcuts.encoding import varies
from leukoscope.audit.shortcuts.models import WAYS, Scorer, learnt, present, together
from leukoscope.audit.shortcuts.probe import best_single, predictions_of
from leukoscope.audit.shortcuts.sampling import MOST, sampled
from leukoscope.audit.shortcuts.statistic import Statistic
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.evaluation import evaluate
from leukoscope.predictions.table import Predictions

SEEN = tuple(one for one in CELL_STATISTICS if one.seen)
ALL = "size, colour, contrast, background and form of the picture, all together"


# So few numbers gain nothing from threads, which spend their time waiting for each other.
@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]
def baselines_of(cohort: Cohort, pictures: pl.DataFrame, split: Split, *, whole: bool = False) -> dict[str, Any]:
    """Return the baselines of a run: all global statistics together, and the best single one.

    Both are learnt from what the network learnt from, and the single one is chosen there (out of fold); the test part
    is only scored.

    Args:
        cohort: The cohort.
        pictures: The pictures table.
        split: The split.
        whole: Whether the validation part was learnt from too, as by a head that is fitted at once.

    Returns:
        ``global_statistics`` and ``best_statistic``, each a ``title`` and ``scores`` (of each metric its ``value``,
        ``low`` and ``high``) as ``scores.json`` holds it; empty where the training or the test part has no labelled
        cell.
    """
    cells = cohort.labelled.drop("group", "part", *pictures.drop("id").columns, strict=False)
    cells = cells.join(pictures, on="id").join(split.table.select("id", "group", "part"), on="id")
    learnt = ("train", "validation") if whole else ("train",)
    train, test = cells.filter(pl.col("part").is_in(learnt)), cells.filter(pl.col("part") == "test")
    if not train.height or not test.height:
        return {}
    learnt_from, scored = cell_table(sampled(train, MOST), cohort), cell_table(test, cohort)
    found = {"global_statistics": _scores(ALL, baseline(learnt_from, scored, SEEN, cohort.classes))}
    best = best_single(learnt_from, SEEN, cohort.classes)
    if best is not None:
        rule = baseline(learnt_from, scored, best[:1], cohort.classes, WAYS[best[1]])
        found["best_statistic"] = _scores(f"{best[0].phrase} alone", rule)
    return found


def baseline(
    train: pl.DataFrame,
    test: pl.DataFrame,
    statistics: tuple[Statistic, ...],
    classes: Classes,
    scorer: Scorer = together,
) -> Predictions:
    """Learn a rule from the training part and return what it says of the test part.

    Args:
        train: As ``cell_table`` returns it.
        test: Likewise; its labels are not looked at.
        statistics: What the rule may see.
        classes: The cohort's classes.
        scorer: The classifier.
    """
    names = present(train, classes)
    columns = [column for one in statistics for column in one.columns if varies(train, (column,))]
    # Without a column that varies nothing can be learnt; a constant says so.
    scores = learnt(train, test, tuple(dict.fromkeys(columns)) or ("width",), names, scorer)
    return predictions_of(test, scores, names, classes)


def _scores(title: str, predictions: Predictions) -> dict[str, Any]:
    scores = evaluate(predictions).scores
    kept = {name: {"value": one.value, "low": one.low, "high": one.high} for name, one in scores.items()}
    return {"title": title, "scores": kept}
