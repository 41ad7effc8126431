"""Side against side over their runs: would other seeds, or other folds, say the same?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from leukoscope.errors import counted
from leukoscope.evaluation.names import smaller_is_better
from leukoscope.evaluation.significance import Alternative, RankTest, corrected_t, mann_whitney, wilcoxon
from leukoscope.studies.comparison.pairing import Pair, paired_runs
from leukoscope.studies.comparison.rows import Row, refused
from leukoscope.studies.comparison.sides import Side

FEWEST = 2
EFFECTS = {"mann_whitney": "probability of superiority", "wilcoxon": "rank-biserial correlation"}
OVERLAP = "The runs are folds, whose training parts overlap, and ranks take them as independent."
OF_A_LOSS = EFFECTS | {"mann_whitney": "probability of a higher value"}
"""What the effects are called where a higher value is no superiority."""


def rows_over_runs(first: Side, second: Side, score: str, alternative: Alternative) -> list[Row]:
    """Return the tests over runs of one score: of ranks, and of ranks of pairs where there are pairs.

    Mann-Whitney takes the runs of both sides as they come. Wilcoxon takes pairs: runs of one seed that were scored on
    the same rows. What the split and the seed do to both runs of a pair falls out of it. Folds train on overlapping
    parts, which ranks cannot allow for: both are refused there, and the corrected t-test takes their pairs.

    Args:
        first: The first side.
        second: The second.
        score: The score's name, as in ``ScoredRun.value``.
        alternative: ``two-sided``, ``greater`` (the first is higher) or ``less``.

    Returns:
        Two rows, of folds three (see ``comparison_tables.TABLE``); refused ones say why.
    """
    if is_folded(first) or is_folded(second):
        heads = [_head(test, first, second, score, alternative) for test in EFFECTS]
        return [*(refused(head, OVERLAP) for head in heads), _folds(first, second, score, alternative)]
    return [_unpaired(first, second, score, alternative), _paired(first, second, score, alternative)]


def behind(runs: Sequence[Side] | Sequence[Pair]) -> Row:
    """Return how many patients, linked groups and cells were scored, over all runs of sides or pairs."""
    scored = [run for one in runs for run in one.runs]
    unit = scored[0].predictions.unit
    cells = {name for run in scored for name in run.cell_ids} if unit == "cell" else set()
    patients = {name for run in scored for name in run.patient_names}
    groups = {name for run in scored for name in run.group_names}
    return {"patients": len(patients) or None, "groups": len(groups) or None, "cells": len(cells) or None}


def is_folded(side: Side) -> bool:
    """Return whether the runs of a side are folds, several of one division."""
    return len({run.fold for run in side.runs}) > 1


def _unpaired(first: Side, second: Side, score: str, alternative: Alternative) -> Row:
    values = first.values(score), second.values(score)
    head = _head("mann_whitney", first, second, score, alternative) | behind([first, second])
    short = next((side for side, own in zip((first, second), values, strict=True) if len(own) < FEWEST), None)
    if short is not None:
        return refused(head, f"{_runs_with(short, score)}: nothing says how far another seed would move it.")
    return head | _found(mann_whitney(*values, alternative=alternative), score, *values)


def _paired(first: Side, second: Side, score: str, alternative: Alternative) -> Row:
    head, values = _pairs("wilcoxon", first, second, score, alternative)
    if "refused" in head:
        return head
    return head | _found(wilcoxon(values[0], values[1], alternative=alternative), score, *values)


def _folds(first: Side, second: Side, score: str, alternative: Alternative) -> Row:
    head, values = _pairs("corrected_t", first, second, score, alternative)
    if "refused" in head:
        return head
    folds = max(int(run.record["asked"]["split"]["folds"]) for run in first.runs)
    found = corrected_t(values[0], values[1], folds=folds, alternative=alternative)
    means = {"first_value": found.first, "second_value": found.second, "difference": found.difference}
    known = {"low": found.low, "high": found.high, "statistic": found.statistic, "p": found.p, "exact": False}
    return head | means | known | {"first_number": found.pairs, "second_number": found.pairs}


def _pairs(test: str, first: Side, second: Side, score: str, alternative: Alternative) -> tuple[Row, list[list[float]]]:
    """Return the head of a test's row, refused where pairs are missing, and the values of both sides, pair by pair."""
    pairing = paired_runs(first, second)
    known = [pair for pair in pairing.pairs if None not in pair.values(score)]
    head = _head(test, first, second, score, alternative) | (behind(known) if known else {})
    if len(known) < FEWEST:
        why = pairing.why or f"there is {counted(len(known), 'pair')} with this score"
        return refused(head, f"Fewer than two pairs of runs of one seed on the same rows: {why}."), []
    values = zip(*(pair.values(score) for pair in known), strict=True)
    return head, [[value for value in own if value is not None] for own in values]


def _head(test: str, first: Side, second: Side, score: str, alternative: Alternative) -> Row:
    named = {"first": first.name, "second": second.name}
    return {"question": "seeds", "test": test, "unit": "run", "score": score, "alternative": alternative, **named}


def _found(test: RankTest, score: str, first: Sequence[float], second: Sequence[float]) -> Row:
    means = sum(first) / len(first), sum(second) / len(second)
    plain, effects = asdict(test), OF_A_LOSS if smaller_is_better(score) else EFFECTS
    known = {name: plain[name] for name in ("statistic", "p", "effect", "smallest_p", "exact")}
    numbers = {"first_number": test.first_number, "second_number": test.second_number}
    middle = {"first_value": means[0], "second_value": means[1], "difference": means[0] - means[1]}
    return {**known, **numbers, **middle, "effect_is": effects[test.test]}


def _runs_with(side: Side, score: str) -> str:
    return f"{side.name!r} has {counted(len(side.values(score)), 'run')} with this score"
