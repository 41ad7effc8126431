"""Mistakes: what several models get wrong, which cells, how alike, on what kind of cell, and which labels to recheck.

The tables are those of the section on errors of Baldi & Cioffo 2021 (cells that every model misses, cells that only one
gets right, how many models miss how many cells), with measures of diversity, intervals clustered by patient, and
confident learning besides.
"""

from leukoscope.mistakes.analysis import error_tables
from leukoscope.mistakes.association import association_table
from leukoscope.mistakes.counting import how_many, missed_table, only_one, only_one_cells
from leukoscope.mistakes.diversity import Together, kappa, pair_table
from leukoscope.mistakes.judging import Judged, judge
from leukoscope.mistakes.label_errors import Confident, confident_learning, label_error_tables
from leukoscope.mistakes.rates import rate_table, share_of
from leukoscope.mistakes.shown import shown_table

__all__ = [
    "Confident",
    "Judged",
    "Together",
    "association_table",
    "confident_learning",
    "error_tables",
    "how_many",
    "judge",
    "kappa",
    "label_error_tables",
    "missed_table",
    "only_one",
    "only_one_cells",
    "pair_table",
    "rate_table",
    "share_of",
    "shown_table",
]
