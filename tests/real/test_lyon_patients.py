from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from leukoscope import read_cohort, train
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.of_patients import of_patients
from leukoscope.cohort.readers.lyon import TABLE
from leukoscope.errors import LeukoscopeWarning
from leukoscope.inference import predict_patients, predict_to_file, write_lyon_submission
from leukoscope.runs.run import Run

TINY = (
    "stages.0.epochs=1", "stages.0.batch=8", "framing=[{center_crop: 112}, {resize: 32}]", "split.test=0.4",
    "facts.inputs={age: linear, lymphocyte_count: log, sex: category}", "facts.fusion=concatenate",
)  # fmt: skip


@pytest.fixture(scope="module")
def lyon(real_data: Path) -> Cohort:
    return read_cohort(real_data / "lyon", "lyon")


@pytest.fixture(scope="module")
def two_cells(lyon: Cohort) -> Cohort:
    """Two pictures of each patient."""
    first = lyon.cells.sort("id").group_by("patient", maintain_order=True).head(2)
    return lyon.select(first["id"])


@pytest.fixture(scope="module")
def run(two_cells: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train("drawn-patients", two_cells, out=tmp_path_factory.mktemp("lyon") / "run", changes=list(TINY))


def test_lyon_is_eighty_patients_with_a_label_and_ten_without(lyon: Cohort) -> None:
    patients = of_patients(lyon).patients
    counts = dict(patients["label"].value_counts().iter_rows())
    assert counts == {"reactive": 30, "tumoral": 50, None: 10}
    assert lyon.cells.height == 1661
    assert lyon.cells["label"].null_count() == 1661
    assert lyon.cells["patient"].n_unique() == 90
    assert patients.select("age", "sex", "lymphocyte_count").null_count().row(0) == (0, 0, 0)
    assert patients["row"].is_unique().all()


def test_patients_without_label_are_in_no_part_and_in_no_score(run: Run, lyon: Cohort) -> None:
    unlabelled = set(lyon.patients.filter(pl.col("label").is_null())["patient"])
    parts = pl.read_csv(run.folder / "split.csv", infer_schema=False).join(lyon.cells, on="id")
    assert parts["patient"].n_unique() == 80
    assert not unlabelled & set(parts["patient"])
    scored = pl.concat([run.predictions(part).table for part in ("validation", "test")])
    assert not scored["label"].null_count()
    assert not unlabelled & set(scored["patient"])
    assert run.scores["parts"]["test"]["cells"] == run.predictions("test").table.height


def test_every_patient_is_predicted_and_the_runs_own_say_the_same(run: Run, two_cells: Cohort, tmp_path: Path) -> None:
    predict_to_file(run.bundle, two_cells, tmp_path / "said.csv", device="cpu")
    said = pl.read_csv(tmp_path / "said.csv")
    assert said["patient"].to_list() == two_cells.patients["patient"].to_list()
    assert (said["problem"].null_count(), said["label"].null_count()) == (90, 10)
    own = run.predictions("test").table.select("patient", own="logit")
    both = said.join(own, on="patient")
    assert both.height == own.height
    assert (both["logit"] - both["own"]).abs().max() < 1e-4  # type: ignore[operator]


def test_the_challenge_gets_one_line_a_patient_in_the_order_of_its_table(
    run: Run, two_cells: Cohort, real_data: Path, tmp_path: Path
) -> None:
    write_lyon_submission(run.bundle, two_cells, tmp_path / "submission.csv", device="cpu")
    table = pl.read_csv(real_data / "lyon" / TABLE)
    lines = (tmp_path / "submission.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "ID,Predicted"
    assert [line.split(",")[0] for line in lines[1:]] == table.filter(pl.col("LABEL") == -1)["ID"].to_list()
    assert len(lines) == 11
    assert all(re.fullmatch(r"P\d+,[01]", line) for line in lines[1:])
    with pytest.warns(LeukoscopeWarning):
        called = predict_patients(run.bundle, two_cells, device="cpu").table
    calls = dict(called.select("patient", "called").iter_rows())
    assert lines[1:] == [f"{line.split(',')[0]},{int(calls[line.split(',')[0]] == 'tumoral')}" for line in lines[1:]]
