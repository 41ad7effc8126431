from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leukoscope.audit.checks.crop import beyond_crop

LayOut = Callable[..., Any]


@pytest.mark.parametrize(
    ("box", "beyond"),
    [
        ({"box_left": 75}, 0),  # the 300 px square of 450 px is 75 to 374
        ({"box_left": 74}, 1),
        ({"box_top": 60}, 15),
        ({"box_right": 375}, 0),
        ({"box_right": 376}, 1),
        ({"box_bottom": 450}, 75),
        ({"box_left": 70, "box_bottom": 395}, 20),
    ],
)
def test_the_furthest_pixel_counts(lay_out: LayOut, box: dict[str, int], beyond: int) -> None:
    found = beyond_crop(lay_out([{"id": "a", **box}]).evidence(crop=300))
    assert [finding.table["beyond"].to_list() for finding in found] == ([[beyond]] if beyond else [])


def test_an_odd_margin_is_split_as_center_crop_splits_it(lay_out: LayOut) -> None:
    # 451 px: the square is 75 to 374, one pixel more is left on the right.
    sides = {"width": 451, "height": 451}
    assert beyond_crop(lay_out([{"id": "a", "box_left": 75, "box_right": 375, **sides}]).evidence(crop=300)) == []
    assert len(beyond_crop(lay_out([{"id": "a", "box_left": 75, "box_right": 376, **sides}]).evidence(crop=300))) == 1


def test_cells_are_listed(lay_out: LayOut) -> None:
    rows = [{"id": "good"}, {"id": "wide", "patient": "H2", "box_left": 5}, {"id": "low", "box_bottom": 380}]
    (found,) = beyond_crop(lay_out(rows).evidence(crop=300))
    assert (found.code, found.severity, found.count) == ("beyond_crop", "warning", 2)
    assert found.sentence == (
        "2 cells with pixels outside the 300 px centre square, by up to 70 px: the crop cuts them off."
    )
    assert found.table.select("id", "patient", "beyond").rows() == [("low", None, 5), ("wide", "H2", 70)]


@pytest.mark.parametrize(
    "row",
    [
        {"black_background": False, "box_left": 0},
        {"black_background": None, "box_left": 0},
        {"box_left": None, "box_top": None, "box_right": None, "box_bottom": None},
        {"problem": "cut off", "box_left": 0},
        {"width": 200, "height": 200, "box_left": 0, "box_top": 0, "box_right": 200, "box_bottom": 200},
    ],
)
def test_nothing_is_said_where_no_outline_is_known_or_nothing_is_cut(lay_out: LayOut, row: dict[str, Any]) -> None:
    assert beyond_crop(lay_out([{"id": "a", **row}]).evidence(crop=300)) == []


def test_without_a_crop_nothing_is_said(lay_out: LayOut) -> None:
    assert beyond_crop(lay_out([{"id": "a", "box_left": 0}]).evidence()) == []
