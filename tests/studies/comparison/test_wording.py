from __future__ import annotations

from typing import Any

import pytest

from leukoscope.evaluation.significance import mann_whitney
from leukoscope.studies.comparison.wording import verdict_of, words_of

RANKS: dict[str, Any] = {
    "question": "seeds", "test": "mann_whitney", "unit": "run", "score": "weighted_f1", "alternative": "two-sided",
    "first": "all", "second": "norot", "first_value": 0.88, "second_value": 0.87, "difference": 0.01, "effect": 0.92,
    "first_number": 5, "second_number": 5, "p": 0.0159, "p_holm": 0.0317, "family_tests": 2, "smallest_p": 0.00794,
    "smallest_p_holm": 0.0159, "patients": 14, "groups": 14, "cells": 3581, "refused": None,
}  # fmt: skip
CALLS = RANKS | {"question": "calls", "test": "mcnemar", "unit": "patient", "score": "patient_accuracy"}


def test_a_difference_that_is_shown_says_for_whom() -> None:
    assert words_of(RANKS) == (
        "Weighted F1 0.880 against 0.870, means of 5 and 5 runs; all is the higher in 92 of 100 pairs (ties "
        "count half). all is higher, beyond chance: p = 0.016, p = 0.032 after Holm's correction for 2 tests. "
        "It speaks of other seeds on these 14 patients, not of other patients."
    )
    assert verdict_of(RANKS | {"difference": -0.01, "effect": 0.08}) == "all is lower, beyond chance"
    assert verdict_of(RANKS | {"alternative": "less", "difference": -0.01}) == "all is lower, beyond chance"


def test_one_run_that_went_wrong_moves_the_mean_and_not_what_ranks_say() -> None:
    first, second = [0.30, 0.95, 0.96, 0.97, 0.98, 0.99, 0.961, 0.962], [0.90 + 0.001 * run for run in range(8)]
    found = mann_whitney(first, second)
    row = RANKS | {"p": found.p, "p_holm": found.p, "effect": found.effect, "difference": sum(first) - sum(second)}
    assert row["difference"] < 0
    assert found.p < 0.05
    assert verdict_of(row) == "all is higher, beyond chance"
    assert verdict_of(row | {"test": "wilcoxon", "effect": -0.9}) == "all is lower, beyond chance"


def test_too_few_runs_are_told_apart_from_no_difference() -> None:
    few = RANKS | {"p_holm": 0.2, "smallest_p": 0.0625, "smallest_p_holm": 0.125}
    assert verdict_of(few) == "Too few runs to show anything at 5 % (at best p = 0.0625, 0.125 after the correction)"
    pairs = verdict_of(few | {"test": "wilcoxon"})
    assert pairs.startswith("Too few pairs of runs to show anything")
    assert verdict_of(RANKS | {"p_holm": 0.0501}) == "Not shown to be more than chance"
    assert verdict_of(RANKS | {"p_holm": 0.05}) == "all is higher, beyond chance"


def test_a_one_sided_test_does_not_hide_that_the_other_side_is_higher() -> None:
    other_way = "The difference points the other way, which a one-sided test does not judge"
    asked = RANKS | {"alternative": "greater", "p": 1.0, "p_holm": 1.0, "effect": 0.0, "difference": -0.068}
    assert verdict_of(asked) == verdict_of(asked | {"test": "wilcoxon", "effect": -1.0}) == other_way
    assert verdict_of(asked | {"test": "mcnemar", "smallest_p_holm": 0.5}) == other_way
    assert verdict_of(asked | {"alternative": "less", "effect": 0.9}) == other_way
    assert verdict_of(asked | {"alternative": "two-sided"}) == "Not shown to be more than chance"


def test_calls_on_cells_are_never_told_without_the_warning() -> None:
    calls = CALLS | {"first_number": 7, "second_number": 1, "groups": 12}
    assert words_of(calls) == (
        "Of 12 patients, all alone calls 7 rightly, norot alone 1. all is right more often, beyond chance: "
        "p = 0.016, p = 0.032 after Holm's correction for 2 tests. "
        "It speaks of patients like these 14 patients in 12 linked groups, not of other seeds."
    )
    cells = words_of(calls | {"unit": "cell"})
    assert "beyond chance if cells were independent, which they are not" in cells
    assert cells.endswith("Cells of one patient are not independent: p is too small, quote the test on patients.")
    unknown = words_of(calls | {"unit": "cell", "patients": None})
    assert unknown.endswith("cells are taken as independent, and p is too small where they are not.")


@pytest.mark.parametrize("test", ["bootstrap", "delong"])
def test_a_difference_on_rows_has_its_interval(test: str) -> None:
    row = CALLS | {
        "question": "patients",
        "test": test,
        "low": -0.002,
        "high": 0.022,
        "p_holm": 0.1,
        "smallest_p_holm": None,
    }
    assert words_of(row) == (
        "Accuracy of patients 0.880 against 0.870: +0.010 (95 % interval -0.002 to +0.022). "
        "Not shown to be more than chance: p = 0.016, p = 0.100 after Holm's correction for 2 tests. "
        "It speaks of patients like these 14 patients, not of other seeds."
    )
    without = words_of(row | {"low": None, "high": None, "p": None, "p_holm": None})
    assert "Every resample gives the same difference, so there is no p. It speaks" in without


def test_what_was_refused_says_why_and_nothing_else() -> None:
    row = {"test": "delong", "refused": "The patients of these cells are not known."}
    assert (words_of(row), verdict_of(row)) == ("Not tested. The patients of these cells are not known.", "Not tested")


LOSS = RANKS | {"score": "log_loss", "first_value": 0.31, "second_value": 0.35, "difference": -0.04, "effect": 0.08}


def test_of_a_loss_the_lower_side_is_the_better_one() -> None:
    assert words_of(LOSS) == (
        "Log-loss 0.310 against 0.350 (smaller is better), means of 5 and 5 runs; all is the lower in 92 of 100 pairs "
        "(ties count half). all is lower (better), beyond chance: p = 0.016, p = 0.032 after Holm's correction for 2 "
        "tests. It speaks of other seeds on these 14 patients, not of other patients."
    )
    worse = LOSS | {"first_value": 0.35, "second_value": 0.31, "difference": 0.04, "effect": 0.92}
    assert words_of(worse).startswith(
        "Log-loss 0.350 against 0.310 (smaller is better), means of 5 and 5 runs; all is the lower in 8 of 100 pairs "
        "(ties count half). all is higher (worse), beyond chance: p = 0.016"
    )
    assert verdict_of(worse | {"alternative": "greater"}) == "all is higher (worse), beyond chance"


@pytest.mark.parametrize("score", ["brier", "ece", "log_loss", "patient_brier"])
def test_every_loss_says_which_way_is_up_though_nothing_is_shown(score: str) -> None:
    row = LOSS | {"question": "patients", "test": "bootstrap", "score": score, "low": -0.09, "high": 0.01}
    said = words_of(row | {"p_holm": 0.4, "smallest_p_holm": None})
    assert "0.310 against 0.350 (smaller is better): -0.040 (95 % interval -0.090 to +0.010). Not shown" in said
    assert verdict_of(row | {"p_holm": 0.01}) == "all is lower (better), beyond chance"


def test_of_calls_it_is_who_is_right_that_counts() -> None:
    assert verdict_of(CALLS) == "all is right more often, beyond chance"
    assert verdict_of(CALLS | {"difference": -0.01}) == "all is right less often, beyond chance"
