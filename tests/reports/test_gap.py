from __future__ import annotations

import pytest

from leukoscope.reports.gap import gap_section

FEW, LESS, MORE = (
    "a difference of 0.020 (-0.030 to 0.070), which so few patients cannot tell from none.",
    "a difference of -0.100 (-0.130 to -0.070); here the leak does not flatter.",
    "testing on patients that were learnt from flatters it by 0.100 (0.070 to 0.130).",
)


def _gap(value: float, low: float | None, high: float | None, *, leaks: bool = True) -> dict[str, object]:
    row = {
        "score": "weighted_f1",
        "own": {"value": 0.8, "low": 0.75, "high": 0.85},
        "as_published": {"value": 0.8 + value, "low": 0.7, "high": 0.9},
        "difference": {"value": value, "low": low, "high": high},
    }
    return {
        "folder": "as_published", "reason": "So the paper did.", "statement": "By cell.", "leaks": leaks,
        "tested": "10 cells", "tested_as_published": "12 cells", "rows": [row],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "low", "high", "end"), [(0.02, -0.03, 0.07, FEW), (-0.1, -0.13, -0.07, LESS), (0.1, 0.07, 0.13, MORE)]
)
def test_the_sentence_says_no_more_than_the_interval(value: float, low: float, high: float, end: str) -> None:
    found = gap_section(_gap(value, low, high))
    assert found is not None
    start = f"Weighted F1 is {0.8 + value:.3f} on the paper\u2019s own split and 0.800 on patients never seen: "
    assert found["sentence"] == start + end


def test_without_an_interval_or_a_leak_it_says_so() -> None:
    bare, sealed = gap_section(_gap(0.1, None, None)), gap_section(_gap(0.1, 0.07, 0.13, leaks=False))
    assert bare is not None
    assert sealed is not None
    assert bare["sentence"].endswith(": a difference of 0.100, of which nothing is known how it would vary.")
    assert sealed["sentence"].endswith("parts no patient, so the difference, 0.100, is no leak.")
    assert sealed["rows"][0]["difference"] == "+0.100 (0.070 to 0.130)"


def test_where_nothing_can_be_compared_there_is_no_section() -> None:
    assert gap_section(None) is None
    assert gap_section({**_gap(0.1, None, None), "rows": []}) is None
