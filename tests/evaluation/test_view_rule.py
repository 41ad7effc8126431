from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import SettingsError
from leukoscope.evaluation.view_rule import EXPECTED, ROUNDING, ViewRule, fit_view_rule, steps_before

VIEWS = 8


def drawn(seed: int, cells: int, noise: float, bias: float = 0.0) -> np.ndarray:
    """Return logits of cells in each view, (views, cells); the first view may be biased."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 3, cells) + noise * generator.standard_t(6, (VIEWS, cells))
    logits[0] += bias
    return logits


def fitted(logits: np.ndarray, level: float, expected: float = EXPECTED) -> ViewRule:
    after = steps_before(len(logits))
    return fit_view_rule([logits[:n].mean(0) for n in after], logits.mean(0), after, level, expected=expected)


def decided(logits: np.ndarray, rule: ViewRule, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what is called and after how many views, cell by cell, straight from what the rule says."""
    calls, looks = [], []
    for cell in logits.T.astype(np.float32):  # as networks give them
        for _, number, shift, margin in rule.steps(len(cell)):
            guess = cell[:number].mean() + shift
            if abs(guess - level) > margin:
                break
        calls.append(guess >= level)
        looks.append(number)
    return np.array(calls), np.array(looks)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    cells=st.integers(1, 80),
    noise=st.sampled_from([0.0, 0.3, 1.0, 3.0]),
    level=st.floats(-4, 4),
)
def test_no_validation_cell_is_called_otherwise(seed: int, cells: int, noise: float, level: float) -> None:
    logits = drawn(seed, cells, noise)
    calls, _ = decided(logits, fitted(logits, level), level)
    assert np.array_equal(calls, logits.mean(0) >= level)


@pytest.mark.parametrize("bias", [0.0, 0.7])
def test_of_other_cells_few_change_and_most_views_are_spared(bias: float) -> None:
    changed, looks = 0, []
    for seed in range(20):
        rule = fitted(drawn(seed, 300, 0.6, bias), 0.5)
        others = drawn(1000 + seed, 1000, 0.6, bias)
        calls, seen = decided(others, rule, 0.5)
        changed += int((calls != (others.mean(0) >= 0.5)).sum())
        looks.append(seen.mean())
    assert changed <= 0.005 * 20_000
    assert VIEWS / np.mean(looks) > 2


def test_where_views_agree_one_is_enough() -> None:
    rule = fitted(drawn(1, 50, 0.0), 0.0)
    assert rule.margins == pytest.approx([ROUNDING] * 5)


def test_a_smaller_expectation_asks_for_wider_margins() -> None:
    logits = drawn(2, 200, 1.0)
    wide, narrow = fitted(logits, 0.0, 1e-5), fitted(logits, 0.0, 0.02)
    assert all(one >= other for one, other in zip(wide.margins, narrow.margins, strict=True))
    assert sum(wide.margins) > sum(narrow.margins)


def test_the_expected_share_of_changes_is_that_among_all_pairs() -> None:
    first, final = np.array([4.0, 3.0, -2.0, 1.0]), np.array([2.0, 3.5, -2.5, 3.0])
    # Movements -2, 0.5, -0.5, 2: no cell changes. Of the 16 pairs with the cells at 4, 3, -2, 1: 0, 0, 0 and one.
    assert fit_view_rule([first], final, [1], 0.0, expected=1 / 16).margins == (ROUNDING,)
    assert fit_view_rule([first], final, [1], 0.0, expected=0.9 / 16).margins == (1.0 + ROUNDING,)


def test_at_a_threshold_of_0_every_cell_is_decided_at_once() -> None:
    rule = fitted(drawn(3, 20, 1.0), -math.inf)
    assert rule.margins == (ROUNDING,) * 5


def test_steps() -> None:
    assert [steps_before(views) for views in (1, 2, 3, 5)] == [[], [1], [1, 2], [1, 2, 3, 4]]
    assert steps_before(40) == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
    assert list(ViewRule().steps(4)) == [(0, 4, 0.0, -1.0)]


def test_a_rule_comes_back_from_json() -> None:
    rule = ViewRule((1, 4), (-0.5, 0.1), (2.5, 0.25))
    assert rule.as_json() == {"after": [1, 4], "shifts": [-0.5, 0.1], "margins": [2.5, 0.25]}
    assert ViewRule.from_json(rule.as_json()) == rule


def test_what_all_first_views_say_too_much_is_taken_off() -> None:
    logits = drawn(4, 300, 0.3, bias=2.0)
    rule = fitted(logits, 0.0)
    assert rule.shifts[0] == pytest.approx(-2.0 * 7 / 8, abs=0.1)
    assert rule.margins[0] == pytest.approx(fitted(drawn(4, 300, 0.3), 0.0).margins[0], abs=0.3)


@pytest.mark.parametrize(
    ("after", "shifts", "margins"),
    [
        ((1, 1), (0.0, 0.0), (1.0, 1.0)),
        ((0,), (0.0,), (1.0,)),
        ((1,), (0.0,), ()),
        ((1,), (), (1.0,)),
        ((1,), (0.0,), (-0.1,)),
        ((1,), (0.0,), (math.inf,)),
        ((1,), (math.nan,), (1.0,)),
    ],
)
def test_what_is_no_rule_is_refused(
    after: tuple[int, ...], shifts: tuple[float, ...], margins: tuple[float, ...]
) -> None:
    with pytest.raises(SettingsError) as caught:
        ViewRule(after, shifts, margins)
    assert str(caught.value) == (
        "A rule for views needs rising numbers of views, and for each a shift and a margin in logits that is not "
        f"negative; found {list(after)}, {list(shifts)} and {list(margins)}."
    )
