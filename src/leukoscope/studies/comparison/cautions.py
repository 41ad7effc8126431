"""What must be known before any p is read: unequal cells and protocols, leaks, runs that are missing."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from leukoscope.errors import counted
from leukoscope.studies.comparison.differences import PROTOCOL, SCORED, column_of
from leukoscope.studies.comparison.over_runs import is_folded
from leukoscope.studies.comparison.pairing import paired_runs, shared_rows
from leukoscope.studies.comparison.sides import Side

FEW = 10
SHOWN = 6


def cautions_of(sides: Sequence[Side], differences: pl.DataFrame, part: str) -> list[str]:
    """Return what a reader of the results must know, in sentences.

    Args:
        sides: The sides; the first is compared with each other one.
        differences: What ``differences_table`` returned.
        part: ``test`` or ``validation``.
    """
    said = [f"{side.name}: leakage: {reason}" for side in sides for reason in side.leakage]
    if part == "validation":
        said.append("Epochs and thresholds were chosen on the validation part: its scores are too good, on every side.")
    said += [_missing(side) for side in sides if side.missing]
    said += [*_few_patients(sides), *_folds(sides)]
    for other in sides[1:]:
        said += [*_rows(sides[0], other), *_settings(sides[0], other, differences)]
    return said


def _missing(side: Side) -> str:
    planned = len(side.runs) + len(side.missing)
    return f"{side.name}: {len(side.missing)} of {planned} runs are not finished and missing: {_list(side.missing)}."


def _few_patients(sides: Sequence[Side]) -> list[str]:
    fewest = min((len(run.group_names) for side in sides for run in side.runs), default=0)
    if not fewest:
        return [
            "Patients are not known: every test takes the cells as independent, and p is too small where they are not."
        ]
    if fewest < FEW:
        return [
            f"Only {counted(fewest, 'patient')} (or linked groups) stand behind a run: intervals over them are rough."
        ]
    return []


def _folds(sides: Sequence[Side]) -> list[str]:
    folded = [side.name for side in sides if is_folded(side)]
    if not folded:
        return []
    said = f"{_list(folded)}: the runs are folds, so each test on their rows is of a part of the patients alone"
    return [f"{said}; all of them stand behind the corrected t-test."]


def _rows(first: Side, other: Side) -> list[str]:
    pairing = paired_runs(first, other)
    if pairing.why is None:
        return []
    own, others, both = shared_rows(first, other)
    said = (
        f"{first.name} and {other.name}: {pairing.why}; over all runs they were scored on {own:,} and {others:,} rows, "
    )
    if pairing.pairs:
        return [f"{said}{both:,} of them the same. Paired tests take {counted(len(pairing.pairs), 'pair')} only."]
    rest = "Paired tests are refused, and a difference between the runs may be one between the rows."
    return [f"{said}{both:,} of them the same. {rest}"]


def _settings(first: Side, other: Side, differences: pl.DataFrame) -> list[str]:
    columns = [column_of(first), column_of(other)]
    own = differences.filter(pl.col(columns[0]) != pl.col(columns[1]))
    # Unequal rows have a caution of their own.
    own = own.filter(~pl.col("kind").is_in(["software", "seeds"]) & (pl.col("setting") != SCORED))
    names, protocol = (rows["setting"].to_list() for rows in (own, own.filter(pl.col("kind").is_in(PROTOCOL))))
    both = f"{first.name} and {other.name}"
    if not names:
        return [f"{both}: no setting differs but seed and software; what is compared is chance."]
    said = [f"{both}: {len(names)} settings differ ({_list(names)}); no test can say which of them does it."]
    said = said if len(names) > 1 else []
    if protocol and len(protocol) < len(names):
        said.append(f"{both}: not only the networks differ but also how they were scored ({_list(protocol)}).")
    return said


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
