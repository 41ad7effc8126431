from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.inference.fact_tables import read_fact_table


def written(folder: Path, text: str) -> Path:
    (folder / "facts.csv").write_text(text, encoding="utf-8")
    return folder / "facts.csv"


def refusal(facts: Path | pl.DataFrame) -> str:
    with pytest.raises(DataError) as caught:
        read_fact_table(facts, ())
    return str(caught.value)


def test_columns_are_found_in_either_case_and_names_stay_as_written(tmp_path: Path) -> None:
    path = written(tmp_path, "Subject,AGE,Class,site\n007,4,tumoral,A\n 12 ,,,B\n")
    found = read_fact_table(path, ("age",))
    assert found.columns == ["patient", "age", "label", "site"]
    assert found.rows() == [("007", "4", "tumoral", "A"), ("12", None, None, "B")]


def test_an_id_names_the_patient_where_nothing_else_does() -> None:
    assert read_fact_table(pl.DataFrame({"ID": [7], "age": [4]}), ()).rows() == [("7", 4)]


def test_a_fact_that_is_called_as_a_label_stays_a_fact() -> None:
    assert read_fact_table(pl.DataFrame({"patient": ["P"], "class": [4]}), ("class",)).columns == ["patient", "class"]


def test_a_patient_on_two_rows_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "patient,age\nP1,4\nP2,5\nP1 ,6\n")
    assert refusal(path) == (
        f"Patient 'P1' stands on two rows.\n  where: {path}, row 4\n  what to do: Keep the right one."
    )


def test_a_row_without_patient_and_a_table_without_patients_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "patient,age\nP1,4\n,5\n ,6\n")
    assert refusal(path) == (
        f"A row of the table of facts names no patient.\n  where: {path}, row 3 (and 1 more)\n"
        "  what to do: Fill it in, or take the row out."
    )
    assert refusal(pl.DataFrame({"age": [4]})) == (
        "The table of facts names no patients; its columns: age.\n  where: the table of facts\n"
        "  what to do: Name the patients in a column patient."
    )
