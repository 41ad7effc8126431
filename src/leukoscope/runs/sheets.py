"""The run's pictures: what augmentation does to its cells, and the cells that were most confidently wrong."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.evaluation import called
from leukoscope.files import write_table
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.predictions.table import Predictions, probability_column
from leukoscope.reports.sheets import augmentation_sheet, wrong_cells_sheet
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.preparation import Prepared

CELLS_SHOWN = 4
CHANGES_SHOWN = 5
WRONG_SHOWN = 24


def write_sheets(folder: RunFolder, prepared: Prepared, test: Predictions, threshold: float | None) -> None:
    """Write the augmentation sheet, and the table and the sheet of wrong cells (none where all are right)."""
    _write_augmentation(folder, prepared)
    wrong = wrong_cells(test, threshold)
    write_table(folder.wrong, wrong)
    if wrong.height:
        classes = test.classes
        wrong_cells_sheet(
            _pixels(prepared, wrong["id"].to_list()),
            folder.figures / "wrong.png",
            ids=wrong["id"].to_list(),
            labels=[classes.title(name) for name in wrong["label"]],
            called=[classes.title(name) for name in wrong["called"]],
            probabilities=wrong["probability"].to_list(),
        )


def wrong_cells(predictions: Predictions, threshold: float | None, *, most: int = WRONG_SHOWN) -> pl.DataFrame:
    """Return the cells that were called wrong, the most confident first.

    Args:
        predictions: Predictions with probabilities and labels.
        threshold: The operating threshold; None for the most probable class.
        most: How many at the most.

    Returns:
        Columns ``id``, ``patient``, ``label``, ``called``, ``probability`` (of the class that was called, 0 to 1).
    """
    table = predictions.table.with_columns(called(predictions, threshold).alias("called"))
    said = [pl.when(called=name).then(probability_column(name)) for name in predictions.classes.names]
    table = table.with_columns(probability=pl.coalesce(said))
    wrong = table.filter(pl.col("label").is_not_null() & (pl.col("label") != pl.col("called")))
    return (
        wrong.sort("probability", "id", descending=[True, False])
        .head(most)
        .select("id", "patient", "label", "called", "probability")
    )


def _write_augmentation(folder: RunFolder, prepared: Prepared) -> None:
    ids = prepared.split.ids("train").to_list()
    shown = [ids[place] for place in np.linspace(0, len(ids) - 1, num=min(CELLS_SHOWN, len(ids)), dtype=int)]
    before = _pixels(prepared, shown)
    augmentation = parse_augmentation(prepared.recipe.augmentation)
    epochs = range(1, CHANGES_SHOWN + 1)
    seed = prepared.recipe.seed
    after = [augmentation.on_arrays(before, augmentation.draw(seed, epoch, shown)) for epoch in epochs]
    augmentation_sheet(before, after, folder.figures / "augmentation.png")


def _pixels(prepared: Prepared, ids: list[str]) -> np.ndarray:
    data = prepared.data(prepared.intake.cohort.select(ids))
    order = [data.ids.index(name) for name in ids]
    return np.asarray(data.store.batch(data.rows[order]))
