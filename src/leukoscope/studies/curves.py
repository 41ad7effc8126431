"""The validation metrics of a study over epochs: each run's, and mean and deviation over the runs of a variant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from leukoscope.files import read_table, write_table
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.studies.record import read_record
from leukoscope.studies.running import FINISHED, status_of
from leukoscope.training.history import VALIDATION

EPOCHS: dict[str, pl.DataType] = {
    "name": pl.String(),
    "variant": pl.String(),
    "metric": pl.String(),
    "epoch": pl.Int64(),
    "best": pl.Boolean(),
    "value": pl.Float64(),
}
CURVES: dict[str, pl.DataType] = {
    "variant": pl.String(),
    "metric": pl.String(),
    "epoch": pl.Int64(),
    "runs": pl.Int64(),
    "mean": pl.Float64(),
    "deviation": pl.Float64(),
}


def epochs_table(folder: StudyFolder) -> pl.DataFrame:
    """Return every validation metric of every epoch of the finished runs that have epochs.

    Returns:
        One row a run, metric and epoch with the columns of ``EPOCHS``, run by run in the order of the plan; ``best`` is
        whether the epoch's weights were kept. A metric that was not defined after an epoch has no row there.
    """
    found = [pl.DataFrame(schema=EPOCHS)]
    for run in read_record(folder)["runs"]:
        own = RunFolder(folder.run(run["name"]))
        if status_of(own) == FINISHED and (own.path / "history.csv").is_file():
            history = read_table(own.path / "history.csv")
            found.append(run_epochs(run["name"], run["variant"], history, own.read_record()["best_epoch"]))
    return pl.concat(found)


def run_epochs(name: str, variant: str, history: pl.DataFrame, best_epoch: int) -> pl.DataFrame:
    """Return the validation metrics of one run, with the columns of ``EPOCHS``.

    Args:
        name: The run's name.
        variant: Its variant.
        history: Its ``history.csv``: ``epoch`` (1 and on) and ``validation_<metric>``.
        best_epoch: The epoch whose weights were kept.
    """
    metrics = [column for column in history.columns if column.startswith(VALIDATION)]
    # A metric that was never defined is read from csv as a column of text.
    numbers = history.select(pl.col("epoch").cast(pl.Int64), pl.col(metrics).cast(pl.Float64))
    long = numbers.unpivot(metrics, index="epoch", variable_name="metric", value_name="value").drop_nulls("value")
    return long.select(
        pl.lit(name).alias("name"),
        pl.lit(variant).alias("variant"),
        pl.col("metric").str.strip_prefix(VALIDATION),
        "epoch",
        (pl.col("epoch") == best_epoch).alias("best"),
        "value",
    )


def curves_table(epochs: pl.DataFrame) -> pl.DataFrame:
    """Return mean and deviation over the runs of a variant after each epoch.

    Args:
        epochs: What ``epochs_table`` returned.

    Returns:
        One row a variant, metric and epoch with the columns of ``CURVES``: over how many ``runs`` (those that ended
        earlier are no longer among them), their ``mean``, and ``deviation`` (n - 1 in the denominator; null for one).

    Example:
        >>> runs = [run_epochs(name, "a", pl.DataFrame({"epoch": [1], "validation_loss": [value]}), 1)
        ...         for name, value in (("a-seed0", 0.25), ("a-seed1", 0.75))]
        >>> curves_table(pl.concat(runs)).rows()
        [('a', 'loss', 1, 2, 0.5, 0.3535533905932738)]
    """
    rows = []
    for (variant, metric), own in epochs.group_by("variant", "metric", maintain_order=True):
        # One list after the other, so that the sums never depend on the number of threads.
        for (epoch,), runs in own.sort("epoch", maintain_order=True).group_by("epoch", maintain_order=True):
            rows.append((variant, metric, epoch, *_spread(runs["value"].to_list())))
    return pl.DataFrame(rows, schema=CURVES, orient="row")


def best_epoch_values(epochs: pl.DataFrame) -> Iterator[tuple[str, str, list[float]]]:
    """Yield variant, metric, and the value of each of its runs on validation at the epoch that was kept.

    That is how papers report which choose the epoch on the cells they report: it flatters.

    Args:
        epochs: What ``epochs_table`` returned.
    """
    kept = epochs.filter("best").group_by("variant", "metric", maintain_order=True).agg("value")
    yield from kept.iter_rows()


def write_curves(folder: StudyFolder, epochs: pl.DataFrame) -> None:
    """Write ``curves.csv``, where any finished run has epochs."""
    if epochs.height:
        write_table(folder.curves, curves_table(epochs))


def _spread(values: Iterable[float]) -> tuple[int, float, float | None]:
    known = np.array(list(values))
    return len(known), float(known.mean()), float(known.std(ddof=1)) if len(known) > 1 else None
