"""The history of a rescored run: the training's epochs, and on validation what the kept weights score now."""

from __future__ import annotations

import polars as pl

from leukoscope.evaluation import point_scores
from leukoscope.files import read_table
from leukoscope.predictions.table import Predictions
from leukoscope.runs.folder import RunFolder
from leukoscope.training.history import VALIDATION


def rescored_history(source: RunFolder, validation: Predictions) -> pl.DataFrame:
    """Return the source's history with the validation metrics of the kept epoch as they are now.

    What other epochs would have scored with these settings nobody knows: their validation metrics are null, and so is
    the validation loss, which is the training's own.

    Args:
        source: The run whose weights are scored.
        validation: What they say of the validation part now.
    """
    history = read_table(source.path / "history.csv")
    kept = pl.col("epoch") == source.read_record()["best_epoch"]
    found = point_scores(validation)
    now = {name: found.get(name.removeprefix(VALIDATION)) for name in history.columns if name.startswith(VALIDATION)}
    return history.with_columns(
        pl.when(kept).then(pl.lit(value, pl.Float64)).alias(name) for name, value in now.items()
    )
