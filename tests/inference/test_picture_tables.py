from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.inference.picture_tables import facts_in_table, read_picture_table


def written(folder: Path, *lines: str) -> Path:
    (folder / "cells.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return folder / "cells.csv"


def test_columns_are_found_in_either_case_and_what_is_not_there_is_null(tmp_path: Path) -> None:
    table = read_picture_table(written(tmp_path, "File,Subject,age", "a/1.png,007,50", "a/2.png, ,60"))
    assert table.select("id", "path", "patient", "label", "problem", "age").rows() == [
        ("a/1", "a/1.png", "007", None, None, "50"),
        ("a/2", "a/2.png", None, None, None, "60"),
    ]


def test_ids_are_the_table_s_own_or_the_path_without_its_ending(tmp_path: Path) -> None:
    own = read_picture_table(written(tmp_path, "id,path", "x,1.png", ",2.png"))
    assert own["id"].to_list() == ["x", "2"]
    alike = read_picture_table(written(tmp_path, "path", "1.png", "1.jpg"))
    assert alike["id"].to_list() == ["1.png", "1.jpg"]


def test_a_row_without_a_picture_is_listed_with_the_reason(tmp_path: Path) -> None:
    table = read_picture_table(written(tmp_path, "path,label", "1.png,all", ",hem"))
    assert table["problem"].to_list() == [None, "This row of the table names no picture."]
    assert table["id"].to_list() == ["1", "row 3"]


def test_parquet_is_read_alike(tmp_path: Path) -> None:
    pl.DataFrame({"path": ["1.png"], "patient": [7], "age": [50.5]}).write_parquet(tmp_path / "cells.parquet")
    table = read_picture_table(tmp_path / "cells.parquet")
    assert table.select("patient", "age").rows() == [("7", 50.5)]


def test_a_table_without_paths_or_rows_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "patient,age", "P,50")
    with pytest.raises(DataError) as caught:
        read_picture_table(path)
    assert str(caught.value) == (
        f"The table names no pictures; its columns: patient, age.\n  where: {path}\n"
        "  what to do: Name the pictures' files in a column path, relative to the table."
    )
    with pytest.raises(DataError, match="The table of pictures has no row"):
        read_picture_table(written(tmp_path, "path,id"))


def test_an_id_or_a_picture_on_two_rows_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "id,path", "x,1.png", "y,2.png", "x,3.png", "x,4.png")
    with pytest.raises(DataError) as caught:
        read_picture_table(path)
    assert str(caught.value) == (
        f"The id 'x' stands on two rows.\n  where: {path}, rows 2 and 4 (and 1 more)\n"
        "  what to do: Make them different, or take one out."
    )
    with pytest.raises(DataError, match=r"^The path '1\.png' stands on two rows\."):
        read_picture_table(written(tmp_path, "id,path", "x,1.png", "y,1.png"))


def test_facts_stand_beside_the_pictures(tmp_path: Path) -> None:
    lines = ("path,patient,AGE,patient_label", "1.png,P,50,tumoral", "2.png,P,,", "3.png,Q,60,", "4.png,,70,")
    path = written(tmp_path, *lines)
    found = facts_in_table(read_picture_table(path), ["age", "sex"], path)
    assert found.columns == ["patient", "label", "age"]
    assert found.rows() == [("P", "tumoral", "50"), ("Q", None, "60")]


def test_a_patient_with_two_values_of_a_fact_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "path,patient,age", "1.png,P,50", "2.png,P,60")
    with pytest.raises(DataError) as caught:
        facts_in_table(read_picture_table(path), ["age"], path)
    assert str(caught.value) == (
        f"Patient 'P' has 2 values of age: 50, 60.\n  where: {path}\n"
        "  what to do: Write the same on each of the patient's rows."
    )


def test_a_table_without_patients_diagnoses_nobody(tmp_path: Path) -> None:
    path = written(tmp_path, "path", "1.png")
    with pytest.raises(DataError) as caught:
        facts_in_table(read_picture_table(path), [], path)
    assert str(caught.value) == (
        f"The table names no patients, and the bundle diagnoses patients.\n  where: {path}\n"
        "  what to do: Name them in a column patient."
    )
