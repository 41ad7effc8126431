"""What balancing makes of the training part: tables of its classes, and a sheet of the copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.files import write_table
from leukoscope.pictures.augmentation import Augmentation
from leukoscope.pictures.batches import CellData, Integers, batches
from leukoscope.pictures.conversion import Pixels
from leukoscope.recipes.schema import Recipe, StageSettings
from leukoscope.reports.balance_sheet import COLUMNS, balance_sheet
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.preparation import Prepared
from leukoscope.training.bagging import BAGGING, bagging_table
from leukoscope.training.sampling import composition, sampled

ROWS = 3
FIRST_EPOCH = 1


def write_balance(folder: RunFolder, prepared: Prepared, cells: CellData, stages: Sequence[StageSettings]) -> None:
    """Write the tables of what is learnt from, and a sheet of copies where there are turned or changed ones.

    Nothing is written where every cell is seen once in each epoch: neither ``balance.sampling`` nor that of a stage.

    Args:
        folder: The run's folder.
        prepared: What the run works on.
        cells: The training part's cells.
        stages: The stages as they are run (``training.unfreezing.with_all_stages``), for their own sampling.
    """
    recipe, classes = prepared.recipe, prepared.intake.cohort.classes
    balance = recipe.balance
    if any(stage.sampling for stage in stages):
        write_table(folder.composition, _by_stage(recipe, cells, classes, stages))
    elif balance.sampling != "none":
        write_table(folder.composition, composition(cells, balance, recipe.seed, classes))
    if balance.sampling == "none":
        return
    if balance.sampling == BAGGING:
        write_table(folder.bagging, bagging_table(cells, balance.bagging, recipe.seed, classes))
    learnt = sampled(cells, balance, recipe.seed)
    if learnt.copies is not None or (learnt.turns is not None and learnt.turns.any()):
        _write_sheet(folder, cells, learnt, recipe.seed)


def _by_stage(recipe: Recipe, cells: CellData, classes: Classes, stages: Sequence[StageSettings]) -> pl.DataFrame:
    """Return a composition for each way of sampling; ``stages`` says which stages have it, counted from 1."""
    balance, found = recipe.balance, []
    for evenly in (False, True):
        its = [str(number) for number, stage in enumerate(stages, start=1) if bool(stage.sampling) == evenly]
        if its and (evenly or balance.sampling != "none"):
            table = composition(cells, balance, recipe.seed, classes, evenly=evenly)
            found.append(table.select(pl.lit(", ".join(its)).alias("stages"), pl.all()))
    return pl.concat(found)


def _write_sheet(folder: RunFolder, cells: CellData, learnt: CellData, seed: int) -> None:
    """Write some cells of the class with the most copies, each with all its copies."""
    added = np.flatnonzero(~np.isin(learnt.ids, cells.ids))
    if not len(added):
        return
    rarest = np.bincount(learnt.labels[added]).argmax()
    added = added[learnt.labels[added] == rarest]
    # A picture that stands for two cells would show the copies of both.
    stored, times = np.unique(cells.rows, return_counts=True)
    copied, number = np.unique(learnt.rows[added][np.isin(learnt.rows[added], stored[times == 1])], return_counts=True)
    if not len(copied):
        return
    # Cells of one class have equally many copies, or one more: the sheet is of those with the most.
    most = copied[number == number.max()]
    chosen = most[np.linspace(0, len(most) - 1, num=min(_shown(int(number.max())), len(most)), dtype=int)]
    own = [np.flatnonzero(cells.rows == row) for row in chosen]
    copies = [added[learnt.rows[added] == row] for row in chosen]
    balance_sheet(
        [[*cells.pixels(one), *_seen(learnt, its, seed)] for one, its in zip(own, copies, strict=True)],
        [_names(cells.ids[int(one[0])], learnt, its) for one, its in zip(own, copies, strict=True)],
        folder.figures / "balance.png",
    )


def _seen(learnt: CellData, copies: Integers, seed: int) -> Pixels:
    """Return copies as the first epoch sees them, without the recipe's augmentation."""
    shown, size = learnt.subset(copies), len(copies)
    [batch] = batches(shown, size, seed=seed, epoch=FIRST_EPOCH, augmentation=Augmentation(), prefetch=False)
    return batch.pixels


def _shown(copies: int) -> int:
    return ROWS * max(COLUMNS // (copies + 1), 1)


def _names(own: str, learnt: CellData, copies: Integers) -> list[str]:
    """Return a cell's id, and what those of its copies say beyond it."""
    return [own, *(learnt.ids[place].removeprefix(own).strip() for place in copies)]
