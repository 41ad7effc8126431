from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leukoscope.audit.checks import files

LayOut = Callable[..., Any]


def test_unreadable_pictures_are_listed_with_the_reason(lay_out: LayOut) -> None:
    rows = [{"id": f"c{n}", "problem": "The file is cut off."} for n in range(4)] + [{"id": "good"}]
    (found,) = files.unreadable(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("unreadable", "warning", 4)
    assert found.sentence == "4 unreadable pictures left out: c0.png, c1.png, c2.png and 1 more."
    assert found.table.row(0, named=True)["problem"] == "The file is cut off."


def test_misnamed_files_and_other_remarks_are_told_apart(lay_out: LayOut) -> None:
    rows = [
        {"id": "a", "remarks": "alpha over white; named .jpg but is PNG", "format": "PNG"},
        {"id": "b", "remarks": "alpha over white"},
        {"id": "c", "remarks": "named .png but is BMP"},
        {"id": "d"},
    ]
    evidence = lay_out(rows).evidence()
    (misnamed,) = files.misnamed(evidence)
    assert misnamed.sentence == "2 files named as another format than it is: read by content, so nothing is lost."
    assert misnamed.table["id"].to_list() == ["a", "c"]
    (found,) = files.remarks(evidence)
    assert found.sentence == "2 pictures changed in reading to 8-bit RGB: alpha over white (2)."
    assert found.table["id"].to_list() == ["a", "b"]


def test_plain_pictures_need_no_remark(lay_out: LayOut) -> None:
    evidence = lay_out([{"id": "a"}]).evidence()
    assert files.unreadable(evidence) == files.misnamed(evidence) == files.remarks(evidence) == []
