from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.evaluation import proportion


def test_the_exact_interval_is_that_of_the_tables() -> None:
    found = proportion(0, 10)
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 10))
    assert str(proportion(81, 163)) == "0.497 (0.418 to 0.576), 81 of 163"


def test_nobody_asked_is_no_share() -> None:
    assert proportion(0, 0).value is None
    assert str(proportion(0, 0)) == "n/a, 0 of 0"


@given(total=st.integers(1, 200), data=st.data())
def test_a_share_lies_in_its_interval_and_a_wider_level_is_wider(total: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, total))
    narrow, wide = proportion(count, total, 0.8), proportion(count, total, 0.99)
    assert narrow.low is not None
    assert narrow.high is not None
    assert narrow.value is not None
    assert wide.low is not None
    assert wide.high is not None
    assert wide.low <= narrow.low <= narrow.value <= narrow.high <= wide.high
