"""The hold-out: parts drawn at random, linked groups kept whole, every class in its share."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.draw import draw
from leukoscope.cohort.splits.eligible import eligible, kept_together, share
from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.splits.training_only import drawn_along


def holdout(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    test: float = 0.25,
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int,
) -> Split:
    """Draw train, validation and test from the usable cells whose class is known.

    The draw is stratified by the cells of each class and by the groups that hold it, and depends on the seed and the
    cells alone, not on their order. A class with fewer groups than parts goes to train, then to test, then to
    validation. Cells for training only go to train with all that is linked to them, and do not count in the shares.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: What is kept together: ``patient`` (with linked patients), or ``cell`` (with identical pictures).
            Where no patients are known it is by cell in any case.
        test: Share of the cells for the test, above 0 and below 1.
        validation: Share of the remaining cells for validation, above 0 and below 1.
        stratify: A fact (``sex``, ``place``) that each class is shared out by too; cells of which it is not stated are
            a stratum of their own.
        seed: The seed of the draw.

    Returns:
        The split, not yet checked: ``make_split`` and ``check_split`` do that.

    Raises:
        SettingsError: a share or ``by`` is out of range, there is no such fact.
        DataError: no cell has a label.
    """
    return held_out(cohort, groups, shares_of(test, validation), by=by, stratify=stratify, seed=seed)


def held_out(
    cohort: Cohort,
    groups: LinkedGroups,
    shares: dict[str, float],
    *,
    by: str,
    stratify: str | None,
    seed: int,
    spread: float = 0.0,
) -> Split:
    """Draw parts in given shares; the arguments are those of ``holdout`` and ``draw``."""
    by = kept_together(cohort, by)
    cells = eligible(cohort, groups, by, stratify)
    drawn = draw(cells.filter(~pl.col("held")), cohort.classes.names, shares, seed=seed, spread=spread)
    cells = cells.join(drawn, on="key", how="left", maintain_order="left")
    placed = cells.select("id", "group", pl.col("part").fill_null("train"))
    return Split(placed, "holdout", by, seed, warnings=drawn_along(cells))


def shares_of(test: float, validation: float) -> dict[str, float]:
    """Return the share of each part, in the order in which scarce classes are given out.

    Args:
        test: Share of the test part, above 0 and below 1.
        validation: Share of the rest for validation, above 0 and below 1.

    Raises:
        SettingsError: a share is out of range.
    """
    left = 1 - share("test", test)
    return {"train": left * (1 - share("validation", validation)), "test": test, "validation": left * validation}
