"""The hold-out: parts drawn at random, linked groups kept whole, every class in its share."""

from __future__ import annotations

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.draw import draw
from leukoscope.cohort.splits.eligible import eligible, kept_together, share
from leukoscope.cohort.splits.split import Split


def holdout(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    test: float = 0.25,
    validation: float = 0.2,
    seed: int,
) -> Split:
    """Draw train, validation and test from the usable cells whose class is known.

    The draw is stratified by the cells of each class and by the groups that hold it, and depends on the seed and the
    cells alone, not on their order. A class with fewer groups than parts goes to train, then to test, then to
    validation.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: What is kept together: ``patient`` (with linked patients), or ``cell`` (with identical pictures).
            Where no patients are known it is by cell in any case.
        test: Share of the cells for the test, above 0 and below 1.
        validation: Share of the remaining cells for validation, above 0 and below 1.
        seed: The seed of the draw.

    Returns:
        The split, not yet checked: ``make_split`` and ``check_split`` do that.

    Raises:
        SettingsError: a share or ``by`` is out of range.
        DataError: no cell has a label.
    """
    by = kept_together(cohort, by)
    left = 1 - share("test", test)
    shares = {"train": left * (1 - share("validation", validation)), "test": test, "validation": left * validation}
    cells = eligible(cohort, groups, by)
    drawn = draw(cells, cohort.classes.names, shares, seed=seed)
    return Split(cells.join(drawn, on="key").select("id", "group", "part"), "holdout", by, seed)
