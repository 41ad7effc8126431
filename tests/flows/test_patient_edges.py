"""Whatever is odd about a patient: handled and said, or refused with one clear message; nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.storage import load_cohort
from leukoscope.files import read_json

Command = Callable[..., tuple[int, str, str]]
TINY = [
    "stages.0.epochs=1", "stages.0.batch=4", "framing=[{resize: 32}]", "split.test=0.4", "facts.fusion=concatenate",
    "facts.inputs={age: linear, lymphocyte_count: log, sex: category}",
]  # fmt: skip
CHANGES = [word for change in TINY for word in ("--set", change)]


def in_table(clinic: Path, patient: str, *, column: int, value: str) -> None:
    """Write another value into a patient's row of the clinical table."""
    path = clinic / "clinical_annotation.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if row[0] == patient:
            row[column] = value
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")


def pictures(clinic: Path, patient: str) -> list[Path]:
    return sorted(clinic.glob(f"*/{patient}/*.png"))


@pytest.fixture
def odd(clinic: Path) -> Path:
    """One cell (P01), no picture (P02), none or not each readable (P03, P05), no count (P06), ages of 0 and 150."""
    for picture in pictures(clinic, "P01")[1:]:
        picture.unlink()
    shutil.rmtree(clinic / "trainset" / "P02")
    for picture in pictures(clinic, "P03"):
        picture.write_bytes(b"")
    whole = pictures(clinic, "P05")[0]
    whole.write_bytes(whole.read_bytes()[:100])
    in_table(clinic, "P06", column=4, value="")
    in_table(clinic, "P07", column=3, value="1/1/2021")
    in_table(clinic, "P08", column=3, value="31-12-1870")
    return clinic


def trained(verb: Command, data: Path, out: Path, *changes: str) -> tuple[int, str, str]:
    return verb("train", "drawn-patients", "--data", data, "--reader", "lyon", "--out", out, *CHANGES, *changes)


def test_odd_patients_are_learnt_from_or_kept_with_their_reason_and_each_is_predicted_or_said(
    verb: Command, odd: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    code, out, err = trained(verb, odd, run)
    assert code == 0, err
    assert "1 lymphocyte count missing or not readable, taken as unknown" in err
    assert "In clinical_annotation.csv but without pictures: 1 patient (P02)." in err
    cohort = load_cohort(run / "cohort.parquet")
    assert cohort.patients.height == 16
    assert cohort.cells["excluded"].drop_nulls().len() == 5
    ages = dict(cohort.patients.select("patient", "age").iter_rows())
    assert (ages["P07"], ages["P08"]) == (0.0, 150.0)
    # Whoever has a label and a picture is in one part; the others are in none, and in no score.
    cells = cohort.cells.select("id", "patient")
    parts = pl.read_csv(run / "split.csv", infer_schema=False).join(cells, on="id")
    assert set(cohort.patients["patient"]) - set(parts["patient"]) == {"P02", "P03", "P04", "P10"}
    scored = pl.concat([pl.read_parquet(run / "predictions" / f"{part}.parquet") for part in ("validation", "test")])
    assert set(scored["patient"]) == set(parts.filter(pl.col("part") != "train")["patient"])
    assert not scored["label"].null_count()
    assert f"test: {read_json(run / 'scores.json')['parts']['test']['cells']} patients" in out

    code, out, err = verb("predict", run / "bundle", odd, "--reader", "lyon", "--out", tmp_path / "said.csv")
    assert code == 0, err
    assert out.startswith("14 patients predicted, 2 could not be (column 'problem'), in ")
    assert "Warning: 2 patients could not be predicted. P02: There is no picture of this patient.\n" in err
    assert "Warning: Left out, since they cannot be used: 5 pictures (column 'remark' says why).\n" in err
    assert "Warning: A fact is missing, or unlike those of all training patients: " in err
    said = {row["patient"]: row for row in pl.read_csv(tmp_path / "said.csv").iter_rows(named=True)}
    assert set(said) == set(cohort.patients["patient"])
    problems = {name: row["problem"] for name, row in said.items() if row["problem"]}
    assert problems == {
        "P02": "There is no picture of this patient.",
        "P03": "None of the patient's 4 pictures can be read. trainset/P03/000000.png: The file is empty (0 bytes).",
    }
    assert all(0 < row["p_tumoral"] < 1 for name, row in said.items() if name not in problems)
    assert (said["P01"]["cells"], said["P05"]["cells"], said["P05"]["unreadable"]) == (1, 3, 1)
    assert "trainset/P05/000000.png: The picture is damaged or cut off" in said["P05"]["remark"]
    assert "lymphocyte_count: missing; the training patients' median" in said["P06"]["remark"]
    assert (said["P04"]["label"], said["P10"]["label"]) == (None, None)


@pytest.mark.usefixtures("no_pages")
@pytest.mark.parametrize(
    "aggregator",
    [
        "bn_sigmoid",
        pytest.param("{top_k: {k: 10}}", marks=pytest.mark.torture),
        pytest.param("self_attention", marks=pytest.mark.torture),
    ],
)
def test_a_bag_of_one_cell_and_a_training_step_of_one_patient(
    verb: Command, clinic: Path, tmp_path: Path, aggregator: str
) -> None:
    for patient in pl.read_csv(clinic / "clinical_annotation.csv")["ID"]:
        for picture in pictures(clinic, patient)[1:]:
            picture.unlink()
    changes = ["--set", f"bag.aggregator={aggregator}", "--set", "stages.0.batch=1"]
    code, _, err = trained(verb, clinic, tmp_path / "run", *changes)
    assert code == 0, err
    code, out, _ = verb("predict", tmp_path / "run" / "bundle", clinic, "--reader", "lyon", "--out", tmp_path / "s.csv")
    assert (code, out.startswith("16 patients predicted, in ")) == (0, True)


def test_nobody_with_a_label_is_one_message(verb: Command, clinic: Path, tmp_path: Path) -> None:
    for patient in pl.read_csv(clinic / "clinical_annotation.csv")["ID"]:
        in_table(clinic, patient, column=1, value="-1")
    code, _, err = trained(verb, clinic, tmp_path / "run")
    assert code == 2
    assert "Error: No patient with usable pictures has a label, so no network of patients can be trained.\n" in err


def test_a_patient_on_two_rows_of_the_clinical_table_is_one_message(
    verb: Command, clinic: Path, tmp_path: Path
) -> None:
    path = clinic / "clinical_annotation.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("P07,1,F,1/2/1950,80\n")
    code, _, err = trained(verb, clinic, tmp_path / "run")
    assert (code, err) == (
        2,
        f"Error: Patient 'P07' stands on two rows.\n  where: {path}, row 18\n  what to do: Keep the right one.\n",
    )


@pytest.mark.usefixtures("no_pages")
def test_a_patient_on_two_rows_of_the_table_of_facts_is_one_message(
    verb: Command, clinic: Path, tmp_path: Path
) -> None:
    assert trained(verb, clinic, tmp_path / "run")[0] == 0
    facts = tmp_path / "facts.csv"
    facts.write_text("patient,age,lymphocyte_count,sex\nP04,40,8,F\nP10,50,9,M\n P04 ,40,8,F\n", encoding="utf-8")
    given = [tmp_path / "run" / "bundle", clinic / "testset", "--facts", facts, "--out", tmp_path / "said.csv"]
    code, _, err = verb("predict", *given)
    assert (code, err) == (
        2,
        f"Error: Patient 'P04' stands on two rows.\n  where: {facts}, row 4\n  what to do: Keep the right one.\n",
    )
    # A folder and a table that spell a patient in two ways: neither is lost, and both are named.
    facts.write_text("patient,age,lymphocyte_count,sex\nP04,0,,F\np10,150,9,M\n", encoding="utf-8")
    code, out, _ = verb("predict", *given)
    assert code == 0
    assert "note: Not in the table of facts, all facts missing: 1 patient (P10)." in out
    assert "note: In the table of facts alone: 1 patient (p10)." in out
    assert pl.read_csv(tmp_path / "said.csv").select("patient", "problem").rows() == [("P04", None), ("P10", None)]


@pytest.mark.usefixtures("no_pages")
def test_a_patient_in_two_folders_is_one_patient_and_stays_on_one_side(
    verb: Command, clinic: Path, tmp_path: Path
) -> None:
    again = clinic / "testset" / "P07"
    again.mkdir()
    moved = pictures(clinic, "P07")[-1]
    moved.rename(again / moved.name)
    (again / "000000.png").write_bytes(pictures(clinic, "P04")[0].read_bytes())
    code, _, err = trained(verb, clinic, tmp_path / "run")
    assert code == 0, err
    cohort = load_cohort(tmp_path / "run" / "cohort.parquet")
    assert cohort.cells.filter(pl.col("patient") == "P07").height == 5
    parts = pl.read_csv(tmp_path / "run" / "split.csv", infer_schema=False).join(cohort.cells, on="id")
    assert parts.filter(pl.col("patient") == "P07")["part"].n_unique() == 1


def test_a_count_without_logarithm_is_one_message(verb: Command, clinic: Path, tmp_path: Path) -> None:
    for patient in pl.read_csv(clinic / "clinical_annotation.csv")["ID"]:
        in_table(clinic, patient, column=4, value="0")
    code, _, err = trained(verb, clinic, tmp_path / "run")
    assert code == 2
    assert "Error: The fact 'lymphocyte_count' has no logarithm: 0.0.\n" in err
    assert "what to do: Leave it empty where it was not counted, or declare the fact linear.\n" in err


def test_a_fact_that_no_training_patient_has_is_one_message(verb: Command, clinic: Path, tmp_path: Path) -> None:
    for patient in pl.read_csv(clinic / "clinical_annotation.csv")["ID"]:
        in_table(clinic, patient, column=4, value="")
    code, _, err = trained(verb, clinic, tmp_path / "run")
    assert code == 2
    assert (
        "Error: No training patient has the fact 'lymphocyte_count'.\n  where: facts.inputs\n"
        "  what to do: Leave it out of the inputs, or fill it in.\n"
    ) in err


def test_a_class_of_one_patient_is_one_message(verb: Command, clinic: Path, tmp_path: Path) -> None:
    for place, patient in enumerate(pl.read_csv(clinic / "clinical_annotation.csv")["ID"]):
        in_table(clinic, patient, column=1, value=str(int(place == 0)))
    code, _, err = trained(verb, clinic, tmp_path / "run")
    assert (code, err.count("Error:")) == (2, 1)
    assert "Error: The part 'validation' holds" in err
    assert "what to do: More patients of the other classes are needed, or other shares or places.\n" in err


@pytest.mark.usefixtures("no_pages")
def test_a_submission_is_whole_or_not_written(verb: Command, clinic: Path, tmp_path: Path) -> None:
    assert trained(verb, clinic, tmp_path / "run")[0] == 0
    for picture in pictures(clinic, "P10"):
        picture.write_bytes(b"")
    out = tmp_path / "submission.csv"
    code, _, err = verb("predict", tmp_path / "run" / "bundle", clinic, "--format", "lyon-submission", "--out", out)
    assert code == 2
    assert "Error: 1 patient would be missing from the submission: P10. None of the patient's 4 pictures" in err
    assert not out.exists()
