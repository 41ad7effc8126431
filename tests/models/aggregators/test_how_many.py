"""How many of the highest are taken: numbers, shares, training, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.how_many import how_many


@given(st.integers(1, 100), st.integers(1, 100_000), st.integers(1, 50))
def test_a_share_is_rounded_up_as_fractions_are(percent: int, size: int, least: int) -> None:
    exact = -((-Fraction(percent, 100) * size) // 1)
    assert how_many("top_k", None, percent / 100, least, None).of(size, training=False) == min(max(least, exact), size)


@pytest.mark.parametrize(
    ("options", "size", "evaluation", "training"),
    [
        ({}, 30, 10, 10),
        ({}, 3, 3, 3),
        ({"k": 5}, 30, 5, 5),
        ({"k": 5, "k_train": 1}, 30, 5, 1),
        ({"k": 5, "k_train": 20}, 9, 5, 9),
        ({"share": 0.1}, 30, 3, 3),
        ({"share": 0.1}, 31, 4, 4),
        ({"share": 0.1, "at_least": 7}, 30, 7, 7),
        ({"share": 0.5, "at_least": 7, "k_train": 2}, 30, 15, 2),
        ({"share": 1}, 30, 30, 30),
    ],
)
def test_so_many_are_taken(options: dict[str, Any], size: int, evaluation: int, training: int) -> None:
    number = how_many("top_k", **({"k": None, "share": None, "at_least": None, "k_train": None} | options))
    assert (number.of(size, training=False), number.of(size, training=True)) == (evaluation, training)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"k": 0}, "The 'k' parameter of top_k must be a whole number, 1 or more. Got 0."),
        ({"k": 2.0}, "The 'k' parameter of top_k must be a whole number, 1 or more. Got 2.0."),
        ({"k": True}, "The 'k' parameter of top_k must be a whole number, 1 or more. Got True."),
        ({"k_train": "5"}, "The 'k_train' parameter of top_k must be a whole number, 1 or more. Got '5'."),
        ({"share": 0.0}, "The 'share' parameter of top_k must be a number above 0 and at most 1. Got 0.0."),
        ({"share": 10}, "The 'share' parameter of top_k must be a number above 0 and at most 1. Got 10."),
        (
            {"share": 0.5, "at_least": 0},
            "The 'at_least' parameter of top_k must be a whole number, 1 or more. Got 0.",
        ),
    ],
)
def test_wrong_values_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        how_many("top_k", **({"k": None, "share": None, "at_least": None, "k_train": None} | options))
    assert str(raised.value) == f"{said}\n  where: bag.aggregator.top_k"


def test_a_number_and_a_share_are_refused() -> None:
    with pytest.raises(SettingsError) as raised:
        how_many("top_k", 3, 0.1, None, None)
    assert str(raised.value) == (
        "top_k takes k or share, not both.\n  where: bag.aggregator.top_k\n  what to do: Leave one of them out."
    )


def test_the_fewest_without_a_share_are_refused() -> None:
    with pytest.raises(SettingsError) as raised:
        how_many("top_k", 3, None, 2, None)
    assert str(raised.value) == (
        "at_least of top_k goes with share.\n  where: bag.aggregator.top_k\n  what to do: Give share, or leave it out."
    )
