"""All tables of an error analysis, from what the models say and what the cells are like."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from leukoscope.evaluation.scoring import Resampling
from leukoscope.mistakes.association import association_table
from leukoscope.mistakes.counting import how_many, missed_table, only_one, only_one_cells
from leukoscope.mistakes.diversity import pair_table
from leukoscope.mistakes.judging import Judged
from leukoscope.mistakes.label_errors import label_error_tables
from leukoscope.mistakes.rates import rate_table
from leukoscope.mistakes.shown import shown_table


def error_tables(
    judged: Judged,
    *,
    unlearnt: Sequence[Judged] = (),
    properties: pl.DataFrame | None = None,
    how: Resampling | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the tables of an error analysis by the name of their file.

    Args:
        judged: The models on the cells whose errors are looked at.
        unlearnt: The parts in which likely label errors are looked for, of the same models; ``judged`` alone where not
            given. No model may have learnt from them.
        properties: One row a cell of ``judged``, in its order: ``id``, and what the cells are like (numbers, booleans);
            None where the pictures are not at hand.
        how: How intervals are made; the usual way where not given.

    Returns:
        ``missed``, ``how_many``, ``only_one``, ``only_one_cells``, ``pairs``, ``by_group``, ``associations``,
        ``label_errors``, ``confident_joint``, ``shown``.
    """
    how = how or Resampling()
    suspects, joint = label_error_tables(unlearnt or [judged])
    return {
        "missed": missed_table(judged),
        "how_many": how_many(judged),
        "only_one": only_one(judged),
        "only_one_cells": only_one_cells(judged),
        "pairs": pair_table(judged, how),
        "by_group": rate_table(judged, properties, how),
        "associations": association_table(judged, properties, how),
        "label_errors": suspects,
        "confident_joint": joint,
        "shown": shown_table(judged, suspects),
    }
