from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import PATIENT_COLUMNS, Cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.extraction.sources import fields_of


def test_a_folder_with_all_that_lies_in_it(smears: Path) -> None:
    fields = fields_of(smears)
    assert fields.table["field"].to_list() == ["P01/a", "P01/b", "P02/c", "P02/d"]
    assert fields.table["patient"].to_list() == [None] * 4
    assert fields.file("P01/a.png") == smears / "P01" / "a.png"


def test_patients_by_their_folders(smears: Path) -> None:
    assert fields_of(str(smears), by_folder=True).table["patient"].to_list() == ["P01", "P01", "P02", "P02"]


def test_single_pictures_are_called_by_their_names(smears: Path) -> None:
    fields = fields_of([smears / "P01" / "a.png", smears / "P02" / "c.png"])
    assert fields.table["field"].to_list() == ["a", "c"]
    assert fields_of(smears / "P01" / "a.png").table["field"].to_list() == ["a"]


def test_a_cohort_brings_its_names_and_patients(tmp_path: Path) -> None:
    cells = pl.DataFrame(
        {"id": ["x", "y"], "path": ["x.png", "y.png"], "patient": ["P", None], "excluded": [None, "z"]}
    )
    cohort = Cohort("c", tmp_path, cells, pl.DataFrame(schema=PATIENT_COLUMNS), Classes(("a", "b")))
    assert fields_of(cohort).table.rows() == [("x", "x.png", "P", None), ("y", "y.png", None, "z")]


@pytest.mark.parametrize("names", [["P01/a.png", "P02/a.png"], ["P01/a.png", "P01/a.png"]])
def test_two_pictures_of_one_name_are_refused(names: list[str], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    with pytest.raises(DataError) as caught:
        fields_of([tmp_path / name for name in names])
    assert str(caught.value) == (
        f"Two pictures have one name.\n  where: {tmp_path / names[1]}\n"
        "  what to do: Name the folder that they lie in instead."
    )


def test_what_is_not_there_is_refused(tmp_path: Path, smears: Path) -> None:
    with pytest.raises(DataError) as caught:
        fields_of(tmp_path / "no.png")
    assert str(caught.value) == (
        f"There is no such picture.\n  where: {tmp_path / 'no.png'}\n  what to do: Name pictures, or one folder."
    )
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError) as caught:
        fields_of(tmp_path)
    assert str(caught.value) == (
        f"This folder holds no picture, but 1 other file.\n  where: {tmp_path}\n"
        "  what to do: Check the path; pictures end in .png, .jpg, .bmp, .tif or .webp."
    )
    with pytest.raises(DataError, match="The list of pictures is empty"):
        fields_of([])
    with pytest.raises(SettingsError) as refused:
        fields_of(smears / "P01" / "a.png", by_folder=True)
    assert str(refused.value) == "Patients can only be told by their folders where a folder of fields is searched."


def test_three_names_that_would_be_two_are_three(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png", "a.png.jpg"):
        (tmp_path / name).touch()
    fields = fields_of(tmp_path).table
    assert fields["field"].to_list() == fields["path"].to_list() == ["a.jpg", "a.png", "a.png.jpg"]


def test_neither_names_nor_paths_begin_as_formulas(tmp_path: Path) -> None:
    (tmp_path / "=1+2.png").touch()
    assert fields_of(tmp_path).table.row(0)[:2] == ("./=1+2", "./=1+2.png")
    assert fields_of(tmp_path / "=1+2.png").table["field"].to_list() == ["./=1+2"]
    cells = pl.DataFrame({"id": ["-1"], "path": ["-1.png"], "patient": ["+P"], "excluded": [None]})
    cohort = Cohort("c", tmp_path, cells, pl.DataFrame(schema=PATIENT_COLUMNS), Classes(("a", "b")))
    assert fields_of(cohort).table.rows() == [("-1", "./-1.png", "+P", None)]


def test_a_picture_whose_name_is_no_utf8_is_left_out(tmp_path: Path) -> None:
    strange = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.png"))
    try:
        strange.touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (tmp_path / "a.png").touch()
    fields = fields_of([tmp_path / "a.png", strange])
    assert fields.table["field"].to_list() == ["a"]
    assert fields.notes == ("Left out, their names not being UTF-8: 1 file.",)
    with pytest.raises(DataError, match=r"^No table can hold the picture's name: it is not UTF-8\."):
        fields_of(strange)
