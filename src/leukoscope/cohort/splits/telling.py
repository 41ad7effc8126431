"""Splits in words: one as it shows itself, several with a line each and what is said of all of them once."""

from __future__ import annotations

from collections.abc import Sequence

from leukoscope.cohort.splits.split import Split

NAMED = 5


def told(splits: Sequence[Split]) -> str:
    """Return what a terminal shows of splits.

    Args:
        splits: One or more splits of the same cells, checked.
    """
    if len(splits) == 1:
        return repr(splits[0])
    first = splits[0]
    lines = [
        f"{len(splits)} splits ({first.kind}, by {first.by}{'' if first.seed is None else f', seed {first.seed}'})"
    ]
    lines += [f"  {number}: {split.statement}" for number, split in enumerate(splits)]
    reasons = dict.fromkeys(split.leakage for split in splits if split.leakage)
    lines += [f"  LEAKAGE: {reason}" for reason in reasons]
    warned: dict[str, list[int]] = {}
    for number, split in enumerate(splits):
        for warning in split.warnings:
            warned.setdefault(warning, []).append(number)
    return "\n".join(lines + [f"  warning: {warning}{_where(found, splits)}" for warning, found in warned.items()])


def _where(found: list[int], splits: Sequence[Split]) -> str:
    """Return which of the splits a warning is about; nothing where it is about all."""
    if len(found) == len(splits):
        return ""
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f" (split {', '.join(map(str, found[:NAMED]))}{more})"
