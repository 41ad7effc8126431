"""What each named measure counts for, with its meaning and its mean in each class, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.facts import target_names
from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats
from leukoscope.models.measures import DESCRIBED
from leukoscope.training.named_importance import NETWORK, NamedImportance

NETWORK_MEANING = "All features of the network together."


def importances_table(
    found: Sequence[NamedImportance], measured: Floats, names: Sequence[str], truth: Ints, classes: Classes
) -> pl.DataFrame:
    """Put what was found beside what it means.

    Args:
        found: What each measure counts for.
        measured: (n, m), the measures of the cells that were learnt from.
        names: Of the m measures.
        truth: (n,) int64, the cells' classes, as ``facts.targets`` returns them.
        classes: The classes.

    Returns:
        One row a measure, in the order found: ``name``, ``meaning``, ``unit``, ``log_loss_more`` (by how much the
        log-loss grows without it), ``deviation``, and ``mean_CLASS`` of each class, in its unit (null for a network's
        features).
    """
    number = dict(zip(target_names(classes), range(len(classes)), strict=True))
    means = {
        name: [float(column[truth == number[one]].mean()) for one in classes.names]
        for name, column in zip(names, np.asarray(measured).T, strict=True)
    }
    rows = []
    for each in found:
        known = DESCRIBED.get(each.name)
        said = [NETWORK_MEANING, ""] if known is None or each.name == NETWORK else [known.meaning, known.unit]
        rows.append([each.name, *said, each.loss, each.deviation, *means.get(each.name, [None] * len(classes))])
    texts, numbers = ("name", "meaning", "unit"), ("log_loss_more", "deviation")
    schema = dict.fromkeys(texts, pl.String) | dict.fromkeys(numbers, pl.Float64)
    return pl.DataFrame(rows, schema=schema | {f"mean_{name}": pl.Float64 for name in classes.names}, orient="row")
