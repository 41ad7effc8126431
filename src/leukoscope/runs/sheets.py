"""The run's pictures: what framing and augmentation do to its cells, and which cells were most confidently wrong."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.evaluation import called
from leukoscope.files import write_table
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import CenterCrop, Resize
from leukoscope.predictions.table import Predictions, probability_column
from leukoscope.reports import framing_sheet
from leukoscope.reports.sheets import augmentation_sheet, example_sheet, wrong_cells_sheet
from leukoscope.runs.examples import GUESSES, example_cells
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.preparation import Prepared

FRAMED_SHOWN = 9
CELLS_SHOWN = 4
CHANGES_SHOWN = 5
WRONG_SHOWN = 24


def write_sheets(folder: RunFolder, prepared: Prepared, test: Predictions, threshold: float | None) -> None:
    """Write the sheets of framing and augmentation, and tables and sheets of wrong cells and examples (if any)."""
    _write_framing(folder, prepared)
    _write_augmentation(folder, prepared)
    _write_examples(folder, prepared, test)
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


def _write_framing(folder: RunFolder, prepared: Prepared) -> None:
    if all(isinstance(step, CenterCrop | Resize) for step in prepared.framing.steps):
        return
    shown = _spread(prepared, FRAMED_SHOWN)
    cohort = prepared.intake.cohort
    paths = dict(cohort.cells.select("id", "path").iter_rows())
    before = [decode(cohort.file(paths[name])).pixels for name in shown]
    framing_sheet(before, list(_pixels(prepared, shown)), folder.figures / "framing.png", ids=shown)


def _write_augmentation(folder: RunFolder, prepared: Prepared) -> None:
    shown = _spread(prepared, CELLS_SHOWN)
    before = _pixels(prepared, shown)
    augmentation = parse_augmentation(prepared.recipe.augmentation)
    epochs = range(1, CHANGES_SHOWN + 1)
    seed = prepared.recipe.seed
    after = [augmentation.on_arrays(before, augmentation.draw(seed, epoch, shown)) for epoch in epochs]
    augmentation_sheet(before, after, folder.figures / "augmentation.png")


def _write_examples(folder: RunFolder, prepared: Prepared, test: Predictions) -> None:
    """Write typical cells of more than two classes; of two, the wrong cells say as much."""
    if test.classes.binary:
        return
    examples, classes = example_cells(test), test.classes
    write_table(folder.examples, examples)
    named = [(f"guess_{place}", f"probability_{place}") for place in range(1, GUESSES + 1)]
    example_sheet(
        _pixels(prepared, examples["id"].to_list()),
        folder.figures / "examples.png",
        ids=examples["id"].to_list(),
        labels=[classes.title(name) for name in examples["label"]],
        right=(examples["label"] == examples["called"]).to_list(),
        guesses=[[(classes.title(row[name]), row[value]) for name, value in named] for row in examples.to_dicts()],
    )


def _spread(prepared: Prepared, most: int) -> list[str]:
    """Return ids of training cells, evenly spread over their order."""
    ids = prepared.split.ids("train").to_list()
    return [ids[place] for place in np.linspace(0, len(ids) - 1, num=min(most, len(ids)), dtype=int)]


def _pixels(prepared: Prepared, ids: list[str]) -> np.ndarray:
    data = prepared.cells(prepared.intake.cohort.select(ids).usable)
    order = [data.ids.index(name) for name in ids]
    return np.asarray(data.store.batch(data.rows[order]))
