from __future__ import annotations

import os
import zipfile
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError
from leukoscope.inference.sources import pictures_of

TWO = Classes(("hem", "all"))


def test_a_folder_is_searched_with_all_that_lies_in_it(pictures: Path) -> None:
    found = pictures_of(pictures, TWO)
    assert found.root == pictures
    assert found.table["path"].to_list()[:2] == ["below/cell_6.png", "below/cell_7.png"]
    assert found.table["id"].to_list()[-1] == "cell_5"
    assert found.table.height == 10
    assert found.notes == ("Left out, not being pictures: 1 file (notes.txt).",)


def test_pictures_that_differ_only_in_their_ending_keep_it(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "b.png", "c.d.png"):
        (tmp_path / name).write_bytes(b"")
    assert pictures_of(tmp_path, TWO).table["id"].to_list() == ["a.jpg", "a.png", "b", "c.d"]
    (tmp_path / "a.png.jpg").write_bytes(b"")
    found = pictures_of(tmp_path, TWO).table
    assert found["id"].to_list() == found["path"].to_list()


def test_hidden_files_are_listed_but_not_tried(damaged: Path) -> None:
    hidden = pictures_of(damaged, TWO).table.filter(pl.col("path") == ".hidden.jpg")
    assert "a hidden file" in hidden["problem"][0]


def test_a_single_picture_has_its_name_as_id(pictures: Path) -> None:
    found = pictures_of(str(pictures / "below" / "cell_7.png"), TWO)
    assert found.table.select("id", "path").rows() == [("cell_7", str(pictures / "below" / "cell_7.png"))]


def test_a_list_of_pictures_keeps_its_order(pictures: Path) -> None:
    found = pictures_of([pictures / "cell_5.png", str(pictures / "cell_0.png")], TWO)
    assert found.table["id"].to_list() == [str(pictures / "cell_5"), str(pictures / "cell_0")]


def test_a_cohort_brings_ids_patients_labels_and_exclusions(tmp_path: Path) -> None:
    cells = pl.DataFrame(
        {
            "id": ["x", "y", "z"],
            "path": ["x.png", "y.png", "z.png"],
            "patient": ["P1", "P2", None],
            "label": ["all", "other", None],
            "excluded": [None, None, "too small"],
        }
    )
    cohort = Cohort.from_cells("c", tmp_path, cells, Classes(("all", "other")))
    assert pictures_of(cohort, TWO).table.rows() == [
        ("x", "x.png", "P1", "all", None),
        ("y", "y.png", "P2", None, None),
        ("z", "z.png", None, None, "too small"),
    ]


def test_nothing_to_predict_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        pictures_of(tmp_path / "nowhere", TWO)
    assert str(caught.value) == (
        f"There is nothing at this path.\n  where: {tmp_path / 'nowhere'}\n  what to do: Check the path."
    )
    with pytest.raises(DataError, match="This folder is empty"):
        pictures_of(tmp_path, TWO)
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        pictures_of(tmp_path, TWO)
    assert str(caught.value) == (
        f"This folder holds no picture, but 1 other file.\n  where: {tmp_path}\n"
        "  what to do: Check the path; pictures end in .png, .jpg, .bmp, .tif or .webp."
    )
    with pytest.raises(DataError, match="The list of pictures is empty"):
        pictures_of([], TWO)


def test_pictures_whose_names_are_no_utf8_are_left_out() -> None:
    strange = os.fsdecode(b"\xff.png")
    found = pictures_of(["a.png", strange], TWO)
    assert found.table["id"].to_list() == ["a"]
    assert found.notes == ("Left out, their names not being UTF-8: 1 file.",)
    with pytest.raises(DataError, match=r"^No table can hold the picture's name: it is not UTF-8\."):
        pictures_of([strange], TWO)


def test_no_id_begins_as_a_formula(tmp_path: Path) -> None:
    (tmp_path / "=1+2.png").write_bytes(b"")
    for source in (tmp_path, tmp_path / "=1+2.png", tmp_path / "*.png"):
        assert pictures_of(source, TWO).table["id"].to_list() == ["./=1+2"]


def test_a_picture_twice_in_a_list_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        pictures_of(["a.png", "b.png", "a.png"], TWO)
    assert str(caught.value) == "A picture is listed twice.\n  where: a.png"


def test_a_pattern_names_pictures_from_its_first_wildcard_on(pictures: Path) -> None:
    found = pictures_of(str(pictures / "*" / "cell_*.png"), TWO)
    assert found.table.select("id", "path").row(0) == ("below/cell_6", "below/cell_6.png")
    assert (found.root, found.table.height) == (pictures, 4)


def test_an_archive_is_read_where_it_lies(pictures: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "cells.zip", "w") as archive:
        for path in sorted(pictures.rglob("*.*")):
            archive.write(path, f"cells/{path.relative_to(pictures)}")
    found = pictures_of(tmp_path / "cells.zip", TWO)
    assert found.table["id"].to_list()[:2] == ["cells/below/cell_6", "cells/below/cell_7"]
    assert (found.root, found.table.height) == (tmp_path / "cells.zip", 10)
    assert found.notes == ("Left out, not being pictures: 1 file (cells/notes.txt).",)
    assert found.archive is not None
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("notes.txt", "x")
    with pytest.raises(DataError) as caught:
        pictures_of(tmp_path / "none.zip", TWO)
    assert str(caught.value) == (
        f"This archive holds no picture, but 1 other file.\n  where: {tmp_path / 'none.zip'}\n"
        "  what to do: Check the path; pictures end in .png, .jpg, .bmp, .tif or .webp."
    )


def test_a_table_brings_ids_patients_and_labels(tmp_path: Path) -> None:
    lines = ("path,id,patient,label", "a/1.png,x,P1,all", "a/2.png,y,P2,other", ",z,P3,hem")
    (tmp_path / "cells.csv").write_text("\n".join(lines), encoding="utf-8")
    found = pictures_of(tmp_path / "cells.csv", TWO)
    assert found.root == tmp_path
    assert found.table.rows() == [
        ("x", "a/1.png", "P1", "all", None),
        ("y", "a/2.png", "P2", None, None),
        ("z", "", "P3", "hem", "This row of the table names no picture."),
    ]
