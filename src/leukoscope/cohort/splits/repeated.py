"""Repeated halves: the hold-out drawn again and again, each time from another seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.holdout import held_out, shares_of
from leukoscope.cohort.splits.numbered import one_of
from leukoscope.cohort.splits.split import Split
from leukoscope.randomness import integer

SPREAD = 0.01


def repeated(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    repeats: int = 10,
    repeat: int = 0,
    test: float = 0.5,
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int,
) -> Split:
    """Draw one of several hold-outs of the same cells, half of them for the test where nothing else is said.

    Each draw depends on the seed and its own number alone: repeat 3 is the same whether 10 or 100 are made. It is any
    of those whose imbalance (see ``draw.py``) is within 0.01 of the smallest, not the best as for a hold-out, which of
    few patients would be the same again and again.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: As in ``holdout``.
        repeats: Number of draws, one or more.
        repeat: Which of them, from 0.
        test: As in ``holdout``.
        validation: As in ``holdout``.
        stratify: As in ``holdout``.
        seed: The seed of all the draws.

    Returns:
        The split, not yet checked: ``make_split`` and ``check_split`` do that.

    Raises:
        SettingsError: there is no such repeat; see ``holdout``.
        DataError: see ``holdout``.
    """
    one_of("repeat", repeat, "repeats", repeats)
    own = integer(seed, "repeat", repeat)
    shares = shares_of(test, validation)
    split = held_out(cohort, groups, shares, by=by, stratify=stratify, seed=own, spread=SPREAD)
    return replace(split, kind="repeated", seed=seed, number=repeat, of=repeats)


def every_repeat(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    repeats: int = 10,
    test: float = 0.5,
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int,
) -> Iterator[Split]:
    """Yield every one of the repeated hold-outs; the arguments are those of ``repeated``."""
    one_of("repeat", 0, "repeats", repeats)
    for repeat in range(repeats):
        yield repeated(
            cohort,
            groups,
            by=by,
            repeats=repeats,
            repeat=repeat,
            test=test,
            validation=validation,
            stratify=stratify,
            seed=seed,
        )
