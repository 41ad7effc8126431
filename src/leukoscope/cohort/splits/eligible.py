"""Which cells may enter a part, what each must stay together with, and the validation part that is drawn of them."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, picture_groups
from leukoscope.cohort.splits.draw import draw
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.cohort.splits.strata import stratum_of
from leukoscope.cohort.splits.training_only import training_only
from leukoscope.errors import DataError, SettingsError, nearest

BY = ("patient", "cell")


def kept_together(cohort: Cohort, by: str) -> str:
    """Return ``by`` as it can be kept: where no cell names its patient only cells can.

    Raises:
        SettingsError: ``by`` is neither ``patient`` nor ``cell``.
    """
    if by not in BY:
        raise SettingsError(f"A split cannot be made by {by!r}.", where="split.by", do=nearest(by, BY))
    return by if known_labels(cohort)["patient"].drop_nulls().len() else "cell"


def eligible(cohort: Cohort, groups: LinkedGroups, by: str, stratify: str | None = None) -> pl.DataFrame:
    """Return the cells that may enter a part: usable ones whose class is known.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: ``patient`` or ``cell``.
        stratify: A fact to stratify by beside the class; None for none.

    Returns:
        Sorted by id: ``id``, ``label`` (see ``known_labels``), ``patient``, ``place``, ``group`` (the linked group),
        ``key`` (what must stay on one side: the linked group or, by cell, the cells that are one picture),
        ``training_only``, ``held`` (whether anything of the key is for training only: then all of it goes to train)
        and, where stratified, ``stratum``.

    Raises:
        DataError: no cell has a label, or the groups were made from another cohort.
        SettingsError: see ``stratum_of``.
    """
    cells = known_labels(cohort)
    if not cells.height:
        raise DataError("No usable cell has a label, so there is nothing to divide.", where=cohort.name)
    cells = cells.select("id", "label", "patient", "place", training_only(cells)).sort("id")
    if stratify is not None:
        cells = cells.with_columns(stratum=stratum_of(cells, cohort, stratify))
    joined = cells.join(groups.table.select("id", "group"), on="id", how="left", maintain_order="left")
    if by == "patient":
        joined = joined.with_columns(key="group")
    else:
        pictures = picture_groups(groups).rename({"group": "key"})
        joined = joined.join(pictures, on="id", how="left", maintain_order="left")
    strange = joined.filter(pl.col("group").is_null())["id"]
    if strange.len():
        raise DataError(
            "The linked groups were made from another cohort: a cell is in none.",
            where=f"id {strange[0]}",
            more=strange.len() - 1,
            do="Make them from this one: linked_groups(cohort, links).",
        )
    held = joined.filter("training_only")["key"].unique()
    return joined.with_columns(held=pl.col("key").is_in(held.implode()))


def with_validation(
    cells: pl.DataFrame, cohort: Cohort, *, validation: float, seed: int
) -> tuple[pl.DataFrame, int | None]:
    """Draw a validation part from the training cells where there is none.

    Args:
        cells: What ``eligible`` returns, with ``part``.
        cohort: The cohort, for its classes.
        validation: Share of the training cells, above 0 and below 1; cells for training only do not count.
        seed: The seed of the draw.

    Returns:
        The cells, some of them now in ``validation``, and the seed if anything was drawn.
    """
    training = cells.filter((pl.col("part") == "train") & ~pl.col("held"))
    if not training.height or (cells["part"] == "validation").any():
        return cells, None
    shares = {"train": 1 - share("validation", validation), "validation": validation}
    drawn = draw(training, cohort.classes.names, shares, seed=seed)
    cells = cells.join(drawn.rename({"part": "drawn"}), on="key", how="left", maintain_order="left")
    taken = (pl.col("part") == "train") & (pl.col("drawn") == "validation")
    part = pl.when(taken).then(pl.lit("validation")).otherwise("part")
    return cells.with_columns(part=part).drop("drawn"), seed


def share(name: str, value: float) -> float:
    """Return a share that is above 0 and below 1.

    Raises:
        SettingsError: it is not.
    """
    if not 0 < value < 1:
        raise SettingsError(f"The share {name!r} must lie between 0 and 1, both excluded; got {value}.", where="split")
    return value
