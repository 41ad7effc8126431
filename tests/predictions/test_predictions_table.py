from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.predictions import Predictions, read_foreign

TWO = Classes(("hem", "all"))
SHARES = {"id": ["a", "b"], "p_hem": [0.25, 1.0], "p_all": [0.75, 0.0]}


def test_missing_columns_are_added_as_null() -> None:
    table = Predictions(pl.DataFrame(SHARES), TWO).table
    assert table.columns[:9] == [
        *("id", "patient", "group", "part", "label", "patient_label", "called", "run", "leakage")
    ]
    assert table["patient"].to_list() == [None, None]


def test_predictions_print_what_they_are() -> None:
    shares = Predictions(pl.DataFrame(SHARES | {"label": ["all", None]}), TWO)
    assert repr(shares) == "Predictions of 2 cells (1 with label), probabilities: hem, all"
    calls = Predictions(pl.DataFrame({"id": ["a"], "called": ["hem"]}), TWO)
    assert repr(calls) == "Predictions of 1 cell (0 with label), called classes only: hem, all"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_saved_table_comes_back(tmp_path: Path, ending: str) -> None:
    made = Predictions(pl.DataFrame(SHARES | {"label": ["all", None]}), TWO)
    made.save(tmp_path / f"p.{ending}")
    assert Predictions.load(tmp_path / f"p.{ending}", TWO).table.equals(made.table)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_mark_of_a_leak_goes_with_the_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"p.{ending}"
    made = Predictions(pl.DataFrame(SHARES | {"leakage": ["by cell", "by cell"]}), TWO)
    made.save(path)
    assert Predictions.load(path, TWO).leakage == read_foreign(path).leakage == "by cell"
    assert repr(made).splitlines()[0] == "LEAKAGE: by cell"
    assert Predictions(pl.DataFrame(SHARES), TWO).leakage is None
    some = Predictions(pl.DataFrame(SHARES | {"leakage": [None, "by cell"]}), TWO)
    assert some.leakage == "by cell"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_positive_class_is_found_again_in_a_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"p.{ending}"
    classes = Classes(("blast", "normal"), positive="blast")
    table = pl.DataFrame({"id": ["a", "b"], "p_blast": [0.75, 0.1], "p_normal": [0.25, 0.9], "logit": [1.1, -2.2]})
    made = Predictions(table, classes)
    made.save(path)
    found = read_foreign(path)
    assert found.classes.positive == "blast"
    assert found.table["p_blast"].to_list() == [0.75, 0.1]
    assert Predictions.load(path, classes).probabilities().tolist() == made.probabilities().tolist()


def test_a_name_of_digits_stays_as_it_is_written(tmp_path: Path) -> None:
    made = Predictions(pl.DataFrame(SHARES | {"patient": ["007", "1e3"], "logit": [1.0, 2.0]}), TWO)
    made.save(tmp_path / "p.csv")
    back = Predictions.load(tmp_path / "p.csv", TWO)
    assert back.table["patient"].to_list() == ["007", "1e3"]
    assert back.table.equals(made.table)


def test_a_number_in_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("id,p_hem,p_all\na,0.5,0.5\nb,half,0.5\n")
    with pytest.raises(DataError) as caught:
        Predictions.load(path, TWO)
    assert str(caught.value) == f"The column 'p_hem' needs a number; it has 'half'.\n  where: {path}, row 3"


def test_a_notebook_sees_the_first_rows_escaped() -> None:
    made = Predictions(pl.DataFrame(SHARES | {"id": ["<a>", "b"], "leakage": ["<x>", "<x>"]}), TWO)
    assert made._repr_html_() == (
        "<p>LEAKAGE: &lt;x&gt;<br>Predictions of 2 cells (0 with label), probabilities: hem, all</p>"
        "<table><tr><th>id</th><th>leakage</th><th>p_hem</th><th>p_all</th></tr>"
        "<tr><td>&lt;a&gt;</td><td>&lt;x&gt;</td><td>0.250</td><td>0.750</td></tr>"
        "<tr><td>b</td><td>&lt;x&gt;</td><td>1.000</td><td>0.000</td></tr></table>"
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": ["a"]}, "The predictions lack the column 'id'; they have: name."),
        (
            SHARES | {"p_all": [0.7, 0.0]},
            "Probabilities must be numbers from 0 to 1 that sum to 1; found [0.25, 0.7].\n  where: id a",
        ),
        (
            SHARES | {"p_all": [0.75, float("nan")]},
            "Probabilities must be numbers from 0 to 1 that sum to 1; found [1.0, nan].\n  where: id b",
        ),
        (
            {"id": ["a", "b"], "called": ["hem", None]},
            "A row has neither probabilities nor a predicted class.\n  where: id b",
        ),
        (SHARES | {"label": ["x", "y"]}, "The label 'x' is none of the classes hem, all.\n  where: id a (and 1 more)"),
        (SHARES | {"called": ["hem", "y"]}, "The called 'y' is none of the classes hem, all.\n  where: id b"),
    ],
)
def test_a_table_that_is_wrong_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        Predictions(pl.DataFrame(table), TWO)
    assert str(caught.value) == message


def patients(**columns: list[str | None]) -> Predictions:
    return Predictions(pl.DataFrame(SHARES | columns), TWO, "patient")


def test_a_patients_row_counts_patients_and_is_of_its_own_name(tmp_path: Path) -> None:
    made = patients(label=["all", None])
    assert repr(made) == "Predictions of 2 patients (1 with label), probabilities: hem, all"
    assert made.table["patient"].to_list() == ["a", "b"]
    made.save(tmp_path / "p.csv")
    back = Predictions.load(tmp_path / "p.csv", TWO, unit="patient")
    assert back.unit == "patient"
    assert back.table.equals(made.table)
    assert Predictions.load(tmp_path / "p.csv", TWO).unit == "cell"


def test_a_strangers_table_whose_names_are_its_patients_is_one_of_patients(tmp_path: Path) -> None:
    patients(label=["all", "hem"]).save(tmp_path / "p.csv")
    assert read_foreign(tmp_path / "p.csv").unit == "patient"
    cells = pl.DataFrame(SHARES | {"label": ["all", "hem"], "patient": ["a", "a"]})
    Predictions(cells, TWO).save(tmp_path / "c.csv")
    assert read_foreign(tmp_path / "c.csv").unit == "cell"


def test_patients_under_other_names_or_twice_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        patients(patient=["a", "P7"])
    assert str(caught.value) == (
        "In predictions of patients the id is the patient; here it is of 'P7'.\n"
        "  where: id b\n"
        "  what to do: Give one row a patient, with the patient's name as its id."
    )
    with pytest.raises(DataError) as caught:
        patients(id=["a", "a"])
    assert str(caught.value) == "The patient 'a' stands twice; a patient has one row.\n  where: id a"
    assert patients(id=["a", "a"], part=["validation", "test"]).table.height == 2
    assert patients(id=["a", "a"], run=["1", "2"]).table.height == 2


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        Predictions(pl.DataFrame(SHARES), TWO, "patients")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "A row cannot be a 'patients'.\n  what to do: Did you mean 'patient'? Known: cell, patient."
    )
