from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.audit.shortcuts.chance import chance_of


def told(rows: list[tuple[str, float, bool]]) -> float:
    groups, scores, truth = zip(*rows, strict=True)
    return chance_of(pl.Series(groups), np.array(scores), np.array(truth))


@pytest.mark.parametrize(("of_each", "orders"), [(4, 70), (6, 924), (10, 184_756)])
def test_groups_of_one_class_each_parted_without_a_fault(of_each: int, orders: int) -> None:
    rows = [(f"p{n}", float(n + cell / 9), n >= of_each) for n in range(2 * of_each) for cell in range(3)]
    assert told(rows) == pytest.approx(1 / orders)
    assert told([(group, -score, truth) for group, score, truth in rows]) == 1


def test_many_cells_of_few_groups_are_few() -> None:
    few = [(f"p{n}", float(n), n > 3) for n in range(8)]
    assert told(few * 100) == told(few) == pytest.approx(1 / 70)


def test_groups_that_have_both_classes() -> None:
    # Each group has a level of its own; within each the class is higher by a little.
    rows = [(f"p{n}", 10.0 * n + truth * (1 + n / 100), truth) for n in range(8) for truth in (False, True)]
    assert told(rows) == pytest.approx(1 / 2**8)


def test_two_tests_cost_twice() -> None:
    both = [(f"p{n}", 10.0 + n + truth * (1 + n / 100), truth) for n in range(6) for truth in (False, True)]
    others = [(f"q{n}", float(n), False) for n in range(6)]
    assert told(both + others) == pytest.approx(2 / 924)


def test_nothing_to_compare() -> None:
    assert told([("p0", 1.0, True), ("p1", 2.0, True)]) == 1
    assert told([("p0", 1.0, True), ("p0", 1.0, False)]) == 1


def test_noise_is_rarely_unlikely() -> None:
    drawn = np.random.default_rng(0)
    truth = np.arange(12) > 5
    groups = pl.Series([f"p{n:02d}" for n in range(12)])
    low = sum(chance_of(groups, drawn.normal(size=12), truth) < 0.05 for _ in range(400))
    assert low <= 32
