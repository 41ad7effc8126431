from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from leukoscope.audit.checks import marks

LayOut = Callable[..., Any]
SIDES = ["id", "label", "left", "top", "right", "bottom"]


def boxes(*rows: tuple[str, str, float, float, float, float]) -> dict[str, pl.DataFrame]:
    return {"boxes": pl.DataFrame(list(rows), schema=SIDES, orient="row")}


def test_boxes_without_area(lay_out: LayOut) -> None:
    tables = boxes(("a", "hem", 1.0, 1.0, 9.0, 9.0), ("b", "hem", 5.0, 1.0, 5.0, 9.0), ("c", "all", 1.0, 9.0, 5.0, 2.0))
    evidence = lay_out([{"id": name} for name in "abc"], tables=tables).evidence()
    (found,) = marks.boxes_without_area(evidence)
    assert (found.code, found.severity, found.count) == ("boxes_without_area", "warning", 2)
    assert found.sentence == "2 boxes without area, in b, c: nothing lies within."
    assert found.pictures == (("b",), ("c",))
    assert marks.marks_beyond_picture(evidence) == []


def test_marks_beyond_the_picture(lay_out: LayOut) -> None:
    tables = boxes(("a", "hem", 0.0, 0.0, 450.0, 450.0), ("b", "hem", -1.0, 5.0, 20.0, 20.0))
    tables["centroids"] = pl.DataFrame({"id": ["a", "c"], "x": [10.0, 20.0], "y": [20.0, 451.0]})
    (found,) = marks.marks_beyond_picture(lay_out([{"id": name} for name in "abc"], tables=tables).evidence())
    assert (found.severity, found.count) == ("warning", 2)
    assert found.sentence == "2 marks beyond the edge of the picture, in b, c."


def test_pictures_without_a_box_of_a_class(lay_out: LayOut) -> None:
    tables = boxes(("a", "hem", 1.0, 1.0, 9.0, 9.0), ("a", "all", 1.0, 1.0, 9.0, 9.0), ("b", "hem", 1.0, 1.0, 9.0, 9.0))
    (found,) = marks.pictures_without_boxes(lay_out([{"id": name} for name in "abc"], tables=tables).evidence())
    assert (found.severity, found.count) == ("note", 2)
    assert found.sentence == (
        "Of 3 pictures with boxes, there are 2 without leukaemic blast, 1 without normal cell: none is there, or "
        "nobody drew it."
    )
    assert found.table.rows() == [("b", "b.png", "all"), ("c", "c.png", "all"), ("c", "c.png", "hem")]


def test_no_marks_nothing_to_say(lay_out: LayOut) -> None:
    evidence = lay_out([{"id": "a"}]).evidence()
    for check in (marks.boxes_without_area, marks.marks_beyond_picture, marks.pictures_without_boxes):
        assert check(evidence) == []
