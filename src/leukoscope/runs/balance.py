"""What balancing makes of the training part: a table of its classes, and a sheet of the copies."""

from __future__ import annotations

import numpy as np

from leukoscope.files import write_table
from leukoscope.pictures.batches import CellData
from leukoscope.reports.balance_sheet import COLUMNS, balance_sheet
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.preparation import Prepared
from leukoscope.training.sampling import composition, sampled

ROWS = 3


def write_balance(folder: RunFolder, prepared: Prepared, cells: CellData) -> None:
    """Write the table of what is learnt from, and a sheet of copies where there are turned ones.

    Nothing is written where every cell is seen once in each epoch (``balance.sampling: none``).

    Args:
        folder: The run's folder.
        prepared: What the run works on.
        cells: The training part's cells.
    """
    recipe, classes = prepared.recipe, prepared.intake.cohort.classes
    if recipe.balance.sampling == "none":
        return
    write_table(folder.composition, composition(cells, recipe.balance, recipe.seed, classes))
    learnt = sampled(cells, recipe.balance, recipe.seed)
    if learnt.turns is not None and learnt.turns.any():
        _write_sheet(folder, cells, learnt)


def _write_sheet(folder: RunFolder, cells: CellData, learnt: CellData) -> None:
    """Write some cells of the class with the most copies, each with all its copies."""
    added = np.flatnonzero(~np.isin(learnt.ids, cells.ids))
    rarest = np.bincount(learnt.labels[added]).argmax()
    rows = learnt.rows[added[learnt.labels[added] == rarest]]
    # A picture that stands for two cells would show the copies of both.
    stored, times = np.unique(cells.rows, return_counts=True)
    copied, number = np.unique(rows[np.isin(rows, stored[times == 1])], return_counts=True)
    if not len(copied):
        return
    # Cells of one class have equally many copies, or one more: the sheet is of those with the most.
    most = copied[number == number.max()]
    chosen = most[np.linspace(0, len(most) - 1, num=min(_shown(int(number.max())), len(most)), dtype=int)]
    groups = [np.flatnonzero(learnt.rows == row) for row in chosen]
    balance_sheet(
        [list(learnt.pixels(group)) for group in groups],
        [_names([learnt.ids[place] for place in group]) for group in groups],
        folder.figures / "balance.png",
    )


def _shown(copies: int) -> int:
    return ROWS * max(COLUMNS // (copies + 1), 1)


def _names(ids: list[str]) -> list[str]:
    """Return the first id, a cell's own, and what those of its copies say beyond it."""
    return [ids[0], *(name.removeprefix(ids[0]).strip() for name in ids[1:])]
