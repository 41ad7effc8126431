from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.reports.audit_folder import SHOWN_COLUMNS, AuditFolder
from leukoscope.reports.audit_pictures import Gallery, galleries, read_shown

TITLES = {"all": "leukaemic blast"}


def row(**values: Any) -> dict[str, Any]:
    ordinary = {"finding": "f", "group": 0, "place": 0, "view": "as it is", "id": "a", "patient": "P1", "label": "all"}
    return dict.fromkeys(SHOWN_COLUMNS) | ordinary | {"file": "pictures/1.jpg"} | values


def shown_by(folder: Path, *rows: dict[str, Any]) -> dict[str, Gallery]:
    (folder / "pictures").mkdir()
    (folder / "pictures" / "1.jpg").write_bytes(b"\xff\xd8")
    pl.DataFrame(rows, schema=SHOWN_COLUMNS, orient="row").write_csv(folder / "pictures.csv")
    place = AuditFolder(folder)
    return galleries(place, read_shown(place), TITLES)


def test_a_pair_is_captioned_by_its_likeness(tmp_path: Path) -> None:
    facts = {"kind": "near", "correlation": 0.9871, "degrees": 117.6, "flipped": True}
    rows = [row(**facts), row(id="b", place=1, patient=None, **facts), row(id="b", place=2, view="turned", **facts)]
    (group,) = shown_by(tmp_path, *rows)["f"].groups
    assert (group.kind, group.caption) == ("triple", "correlation 0.987, turned by 118°, mirrored")
    assert [tile.lines for tile in group.tiles] == [
        ("patient P1", "leukaemic blast"),
        ("leukaemic blast",),
        ("turned onto the other", "patient P1", "leukaemic blast"),
    ]
    assert group.tiles[2].alt == "Picture b, turned onto the other, patient P1, leukaemic blast"
    assert group.tiles[0].uri == "data:image/jpeg;base64,/9g="


@pytest.mark.parametrize(
    ("kind", "caption"), [("exact bytes", "identical files"), ("exact pixels", "identical pixels"), ("other", "other")]
)
def test_identical_pictures_are_captioned_in_plain_words(kind: str, caption: str, tmp_path: Path) -> None:
    (group,) = shown_by(tmp_path, row(kind=kind), row(id="b", place=1, kind=kind))["f"].groups
    assert (group.kind, group.caption) == ("pair", caption)


def test_a_near_pair_that_is_not_turned_says_only_how_near_it_is(tmp_path: Path) -> None:
    facts = {"kind": "near", "correlation": 1.0, "degrees": 0.2, "flipped": False}
    (group,) = shown_by(tmp_path, row(**facts), row(id="b", place=1, **facts))["f"].groups
    assert group.caption == "correlation 1.000"


def test_a_strip_is_captioned_by_what_its_pictures_share(tmp_path: Path) -> None:
    rows = [row(id=f"c{place}", place=place, label=("all", "hem")[place % 2]) for place in range(5)]
    (group,) = shown_by(tmp_path, *rows)["f"].groups
    assert (group.kind, group.caption) == ("strip", "patient P1")
    assert [tile.lines for tile in group.tiles] == [()] * 5


def test_a_single_one_says_what_is_odd_about_it(tmp_path: Path) -> None:
    size = row(width=360, height=363, mode="RGBA")
    beyond = row(group=1, beyond=12, width=450, height=450)
    one, two = shown_by(tmp_path, size, beyond)["f"].groups
    assert one.tiles[0].lines[-1] == "360\N{MULTIPLICATION SIGN}363 px, RGBA"
    assert two.tiles[0].lines[-1] == "12 px beyond the frame"


def test_groups_without_a_thumbnail_are_counted(tmp_path: Path) -> None:
    nothing = {"file": None}
    rows = [
        row(),
        row(group=1, problem="It is damaged.", **nothing),
        row(group=2, shown_under="e", **nothing),
        row(group=2, place=1, shown_under="e", **nothing),
        row(group=3, **nothing),
        row(group=4, **nothing),
    ]
    gallery = shown_by(tmp_path, *rows)["f"]
    assert (len(gallery.groups), gallery.elsewhere, gallery.more) == (2, {"e": 1}, 2)
    assert gallery.groups[1].tiles[0].problem == "It is damaged."
    assert gallery.groups[1].tiles[0].uri == ""


def test_names_that_look_like_numbers_stay_names(tmp_path: Path) -> None:
    (group,) = shown_by(tmp_path, row(id="007", patient="08"))["f"].groups
    assert (group.tiles[0].id, group.tiles[0].lines[0]) == ("007", "patient 08")


def test_without_a_table_nothing_is_shown(tmp_path: Path) -> None:
    assert read_shown(AuditFolder(tmp_path)).height == 0


def test_a_table_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "pictures.csv").write_text("finding,group\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_shown(AuditFolder(tmp_path))
    assert str(caught.value) == (
        f"This table lacks the column 'place'; its columns: finding, group.\n  where: {tmp_path / 'pictures.csv'}"
    )


def test_a_thumbnail_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        shown_by(tmp_path, row(file="pictures/2.jpg"))
    assert str(caught.value) == (
        "A thumbnail of the audit is missing.\n"
        f"  where: {tmp_path / 'pictures' / '2.jpg'}\n  what to do: Run the audit again."
    )
