"""Patients from drawing to diagnosis: what a haematologist does, one verb after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from leukoscope import read_cohort, train
from leukoscope.files import read_json
from leukoscope.runs.run import Run

Command = Callable[..., tuple[int, str, str]]
TINY = ("stages.0.epochs=2", "stages.0.batch=4", "framing=[{resize: 32}]", "split.test=0.4")
LATE = (
    "facts.inputs={age: linear, lymphocyte_count: log, sex: category}", "facts.fusion=late", "facts.folds=2",
    "refer.calibrate=platt", "refer.coverage=0.8",
)  # fmt: skip


@pytest.fixture(scope="module")
def fused(drawn_patients: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with late fusion, calibration and a band."""
    out = tmp_path_factory.mktemp("flow") / "fused"
    return train("drawn-patients", read_cohort(drawn_patients, "drawn"), out=out, changes=[*TINY, *LATE])


def own(run: Run) -> pl.DataFrame:
    """Return what the run itself said of its test patients."""
    return pl.read_parquet(run.folder / "predictions" / "test.parquet").sort("patient")


def of_the_same(said: Path, run: Run) -> pl.DataFrame:
    """Return the rows of a table of predictions that are of the run's test patients."""
    table = pl.read_csv(said, schema_overrides={"patient": pl.String})
    return table.filter(pl.col("patient").is_in(own(run)["patient"].implode())).sort("patient")


def greatest_difference(one: pl.Series, other: pl.Series) -> float:
    return float(np.abs(one.to_numpy() - other.to_numpy()).max())


def test_train_draws_learns_and_leaves_a_report_a_page_a_patient_and_a_bundle(verb: Command, tmp_path: Path) -> None:
    small = ["drawn.patients=16", "drawn.cells=4", "drawn.size=32", "drawn.malignant_share=0.5", *TINY]
    changes = [word for change in small for word in ("--set", change)]
    code, out, err = verb("train", "drawn-patients", "--out", tmp_path / "run", *changes)
    assert code == 0, err
    run = tmp_path / "run"
    test = pl.read_parquet(run / "predictions" / "test.parquet")
    assert f"test: {test.height} patients" in out
    assert "cells" not in out
    assert {path.stem for path in (run / "patients").glob("*.html")} == {"index", *test["patient"]}
    assert (run / "report.html").stat().st_size > 0
    assert read_json(run / "bundle" / "bundle.json")["task"] == "patients"
    assert "What does this patient have" in (run / "bundle" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert (run / "bundle" / "CHECKLIST.md").is_file()
    # The pictures lie in one folder a patient, as in a clinic; this network takes no facts.
    code, out, err = verb("predict", run / "bundle", run / "data" / "pictures", "--out", tmp_path / "said.csv")
    assert code == 0, err
    assert out.startswith("16 patients predicted, in ")
    said = of_the_same(tmp_path / "said.csv", Run(run))
    assert said["patient"].to_list() == test["patient"].sort().to_list()
    assert greatest_difference(said["p_all"], own(Run(run))["p_all"]) < 1e-5
    threshold = read_json(run / "scores.json")["threshold"]["value"]
    assert said["called"].to_list() == ["all" if share >= threshold else "hem" for share in own(Run(run))["p_all"]]


def test_a_folder_of_patients_and_a_table_of_facts_give_what_the_run_said(
    verb: Command, fused: Run, drawn_patients: Path, tmp_path: Path
) -> None:
    out = tmp_path / "said.csv"
    given = ["--facts", drawn_patients / "patients.csv", "--out", out]
    code, _, err = verb("predict", fused.bundle, drawn_patients / "pictures", *given)
    assert code == 0, err
    said = of_the_same(out, fused)
    # The run keeps what the network and the facts say; the bundle calibrates that, and keeps it as raw_logit.
    assert greatest_difference(said["raw_logit"], own(fused)["logit"]) < 1e-5
    calibrator = read_json(fused.bundle / "bundle.json")["calibrator"]
    calibrated = calibrator["slope"] * own(fused)["logit"] + calibrator["offset"]
    assert greatest_difference(said["logit"], calibrated) < 1e-5
    assert greatest_difference(said["p_all"], 1 / (1 + (-calibrated).exp())) < 1e-5
    threshold = read_json(fused.bundle / "bundle.json")["threshold"]
    assert said["called"].to_list() == ["all" if share >= threshold else "hem" for share in said["p_all"]]


def test_a_data_set_brings_its_own_facts(verb: Command, fused: Run, drawn_patients: Path, tmp_path: Path) -> None:
    arguments = ["predict", fused.bundle, drawn_patients, "--reader", "drawn", "--out", tmp_path / "said.csv"]
    code, _, err = verb(*arguments)
    assert code == 0, err
    assert greatest_difference(of_the_same(tmp_path / "said.csv", fused)["raw_logit"], own(fused)["logit"]) < 1e-5


def test_without_the_facts_that_a_model_takes_nothing_is_guessed(
    verb: Command, fused: Run, drawn_patients: Path, tmp_path: Path
) -> None:
    code, _, err = verb("predict", fused.bundle, drawn_patients / "pictures", "--out", tmp_path / "said.csv")
    assert code == 2
    assert err == (
        "Error: The model takes facts of each patient that are not given: age, lymphocyte_count, sex.\n"
        "  what to do: Give a table with the columns patient and these (--facts facts.csv); a field may be empty.\n"
    )
    assert not (tmp_path / "said.csv").exists()


def test_calls_and_referrals_of_predict_are_those_of_the_run(
    verb: Command, fused: Run, drawn_patients: Path, tmp_path: Path
) -> None:
    arguments = ["predict", fused.bundle, drawn_patients, "--reader", "drawn", "--out", tmp_path / "said.csv"]
    _, out, err = verb(*arguments)
    said = of_the_same(tmp_path / "said.csv", fused)
    assert int(said["referred"].sum()) == fused.scores["referral"]["referred"]["count"]
    # A calibration that turns the logits round would turn the calls round, too.
    raw = pl.Series(["all" if share >= fused.threshold else "hem" for share in own(fused)["p_all"]])  # type: ignore[operator]
    calibrator = read_json(fused.bundle / "bundle.json")["calibrator"]
    assert (said["called"].to_list() == raw.to_list()) or calibrator["slope"] <= 0
    everyone = pl.read_csv(tmp_path / "said.csv")
    calls = dict(everyone["called"].value_counts().iter_rows())
    shown = ", ".join(f"{calls[name]} {name}" for name in ("hem", "all") if name in calls)
    assert f"called: {shown}; all from p = " in out
    assert f"{int(everyone['referred'].sum())} patients to be referred" in err


def test_a_submission_names_each_patient_without_label_once_in_the_tables_order(
    verb: Command, clinic: Path, tmp_path: Path
) -> None:
    changes = [word for change in (*TINY, LATE[0], "facts.fusion=gate") for word in ("--set", change)]
    given = ["--data", clinic, "--reader", "lyon", "--out", tmp_path / "run"]
    code, _, err = verb("train", "drawn-patients", *given, *changes)
    assert code == 0, err
    table = clinic / "clinical_annotation.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    out = tmp_path / "submission.csv"
    bundle = tmp_path / "run" / "bundle"
    code, _, err = verb("predict", bundle, clinic, "--format", "lyon-submission", "--out", out)
    assert code == 0, err
    verb("predict", bundle, clinic, "--reader", "lyon", "--out", tmp_path / "said.csv")
    said = dict(pl.read_csv(tmp_path / "said.csv").select("patient", "called").iter_rows())
    rows = [f"{name},{int(said[name] == 'tumoral')}" for name in ("P10", "P04")]
    assert out.read_text(encoding="utf-8").splitlines() == ["ID,Predicted", *rows]
