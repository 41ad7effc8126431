from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.recipes.schema import ScheduleSettings
from leukoscope.training.schedules import SCHEDULES, rate_factor


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"kind": "constant"}, [1, 1, 1, 1, 1]),
        ({"kind": "step", "every": 2, "factor": 0.1}, [1, 1, 0.1, 0.1, 0.01]),
        ({"kind": "cosine"}, [1, 0.853553, 0.5, 0.146447, 0]),
        ({"kind": "constant", "warmup": 2}, [0, 0.5, 1, 1, 1]),
        ({"kind": "step", "every": 1, "factor": 0.5, "warmup": 2}, [0, 0.5, 1, 0.5, 0.25]),
        ({"kind": "cosine", "warmup": 2}, [0, 0.5, 1, 0.5, 0]),
        ({"kind": "cosine", "warmup": 4}, [0, 0.25, 0.5, 0.75, 1]),
    ],
)
def test_factors_at_whole_epochs_of_four(settings: dict[str, object], expected: list[float]) -> None:
    schedule = ScheduleSettings.model_validate(settings)
    assert [rate_factor(schedule, epoch, 4) for epoch in range(5)] == pytest.approx(expected, abs=1e-6)


@given(st.sampled_from(sorted(SCHEDULES)), st.integers(0, 8), st.integers(1, 6), st.floats(0, 1), st.integers(1, 3))
def test_a_factor_lies_between_nought_and_one(kind: str, warmup: int, epochs: int, share: float, every: int) -> None:
    schedule = ScheduleSettings.model_validate({"kind": kind, "warmup": warmup, "every": every})
    assert 0 <= rate_factor(schedule, share * epochs, epochs) <= 1
