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


def test_each_fall_multiplies_the_rates_of_a_plateau_and_of_nothing_else() -> None:
    schedule = ScheduleSettings(kind="plateau", factor=0.1, warmup=2)
    found = [rate_factor(schedule, 3.5, 50, falls) for falls in range(4)]
    assert found == pytest.approx([1, 0.1, 0.01, 0.001], rel=1e-12)
    assert rate_factor(schedule, 1.0, 50, 0) == 0.5
    for kind in set(SCHEDULES) - {"plateau"}:
        other = ScheduleSettings.model_validate({"kind": kind})
        assert rate_factor(other, 3.5, 50, 2) == rate_factor(other, 3.5, 50)


SETTINGS = st.fixed_dictionaries(
    {"kind": st.sampled_from(sorted(SCHEDULES)), "warmup": st.integers(0, 8), "every": st.integers(1, 3)}
)


@given(SETTINGS, st.integers(1, 6), st.floats(0, 1), st.integers(0, 9))
def test_a_factor_lies_between_nought_and_one(
    settings: dict[str, object], epochs: int, share: float, falls: int
) -> None:
    schedule = ScheduleSettings.model_validate(settings)
    assert 0 <= rate_factor(schedule, share * epochs, epochs, falls) <= 1
