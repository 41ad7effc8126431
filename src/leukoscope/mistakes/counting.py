"""Which cells are missed by how many models, and which only one gets right or wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from leukoscope.mistakes.judging import Flags, Judged

ONLY_RIGHT, ONLY_WRONG = "right", "wrong"
SEVERAL = 2


def missed_table(judged: Judged) -> pl.DataFrame:
    """Return every cell with what each model says of it, the most missed first.

    Args:
        judged: m models.

    Returns:
        ``id``, ``patient``, ``label``, ``missed_by`` (models that are wrong on it), then ``called: NAME`` and
        ``probability of the truth: NAME`` of each model. Within one number, the cells whose true class gets the least
        probability (mean over the models) come first.
    """
    names = np.array(judged.classes.names)
    columns: dict[str, pl.Series] = {}
    for place, name in enumerate(judged.names):
        columns[f"called: {name}"] = pl.Series(names[judged.calls[place]])
        columns[f"probability of the truth: {name}"] = pl.Series(judged.of_truth[place])
    table = judged.table.select("id", "patient", "label").with_columns(
        missed_by=pl.Series(judged.missed_by), mean=pl.Series(judged.of_truth.mean(axis=0)), **columns
    )
    return table.sort("missed_by", "mean", "id", descending=[True, False, False]).drop("mean")


def how_many(judged: Judged) -> pl.DataFrame:
    """Return how many models miss how many cells, of all classes and of each.

    Args:
        judged: m models.

    Returns:
        ``label`` (null: of all classes), ``missed_by`` (0 to m), ``cells``, ``of`` (cells of that class), ``patients``
        that they come from (null where not known).
    """
    rows = [
        {
            "label": label,
            "missed_by": number,
            "cells": int((held & (judged.missed_by == number)).sum()),
            "of": int(held.sum()),
            "patients": patients_of(judged, held & (judged.missed_by == number)),
        }
        for label, held in by_class(judged)
        for number in range(len(judged.names) + 1)
    ]
    schema = {"label": pl.String, "missed_by": pl.Int64, "cells": pl.Int64, "of": pl.Int64, "patients": pl.Int64}
    return pl.DataFrame(rows, schema=schema)


def alone(judged: Judged, kind: str) -> Flags:
    """Return the cells on which each model stands alone, (m, n): the only one that is right, or that is wrong.

    Args:
        judged: m models; of a single one nothing stands alone.
        kind: ``right`` or ``wrong``.
    """
    number = len(judged.names)
    if number < SEVERAL:
        return np.zeros_like(judged.wrong)
    one = judged.missed_by == (number - 1 if kind == ONLY_RIGHT else 1)
    own = ~judged.wrong if kind == ONLY_RIGHT else judged.wrong
    return np.asarray(own & one)


def only_one(judged: Judged) -> pl.DataFrame:
    """Return how many cells only one model gets right, or wrong, of all classes and of each.

    Returns:
        ``model``, ``alone`` (``right`` or ``wrong``), ``label`` (null: of all classes), ``cells``, ``patients``; no
        row of a single model.
    """
    schema = {"model": pl.String, "alone": pl.String, "label": pl.String, "cells": pl.Int64, "patients": pl.Int64}
    rows = [
        {
            "model": name,
            "alone": kind,
            "label": label,
            "cells": int((held & found).sum()),
            "patients": patients_of(judged, held & found),
        }
        for kind in (ONLY_RIGHT, ONLY_WRONG)
        for name, found in zip(judged.names, alone(judged, kind), strict=True)
        for label, held in by_class(judged)
    ]
    return pl.DataFrame(rows if len(judged.names) >= SEVERAL else [], schema=schema)


def only_one_cells(judged: Judged) -> pl.DataFrame:
    """Return the cells on which one model stands alone: ``model``, ``alone``, ``id``, ``patient``, ``label``."""
    found = [
        judged.table.filter(pl.Series(cells)).select(
            pl.lit(name).alias("model"), pl.lit(kind).alias("alone"), "id", "patient", "label"
        )
        for kind in (ONLY_RIGHT, ONLY_WRONG)
        for name, cells in zip(judged.names, alone(judged, kind), strict=True)
    ]
    return pl.concat(found)


def by_class(judged: Judged) -> Iterator[tuple[str | None, Flags]]:
    """Give all cells (under None), then those of each class, (n,)."""
    yield None, np.ones(len(judged.truth), dtype=bool)
    for place, name in enumerate(judged.classes.names):
        yield name, np.asarray(judged.truth == place)


def patients_of(judged: Judged, cells: Flags) -> int | None:
    """Return how many patients some cells come from; None where a cell's patient is not known."""
    patients = judged.table["patient"].filter(pl.Series(cells))
    return None if patients.null_count() else patients.n_unique()
