from __future__ import annotations

import shutil
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.network import encoder_of
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.conformal import Band
from leukoscope.inference import predict, predict_to_file
from leukoscope.inference.patient_sources import Patients, patients_of
from leukoscope.inference.patients import (
    PatientSummary,
    patient_notices,
    patient_table,
    predict_patients,
    predict_patients_to_file,
)
from leukoscope.inference.sources import Source
from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.decode import decode
from leukoscope.pictures.intake import take_in
from leukoscope.predictions.foreign import read_foreign
from leukoscope.recipes.schema import TestTimeSettings as Views
from leukoscope.training.patient_scoring import patient_logits

NOBODY = Patients(pl.DataFrame(), pl.DataFrame(), Path())
FACTS = pl.DataFrame(
    {"patient": ["P3", "P1", "P2"], "age": [0.0, 150.0, 60.0], "count": [None, 12.0, 8.0], "sex": ["F", None, "X"]}
)


def whole(bundle: Bundle, source: Source, *, facts: pl.DataFrame | None = None, batch: int = 64) -> pl.DataFrame:
    inputs = tuple(bundle.card.facts.inputs)
    return patient_table(bundle, patients_of(source, bundle.classes, facts=facts, inputs=inputs), batch=batch)


def directly(bundle: Bundle, paths: list[Path], facts: torch.Tensor | None = None) -> float:
    """Return the logit that the network gives, without anything of the room that is tested."""
    assert isinstance(bundle.model, PatientModel)
    framed = [torch.from_numpy(bundle.framing.apply(decode(path).pixels)).permute(2, 0, 1) for path in paths]
    with torch.inference_mode():
        said = bundle.model(torch.stack(framed).float() / 255, Bags(torch.tensor([len(paths)])), facts)
    return float(said[0, 0])


def test_each_patient_gets_what_the_network_says_of_the_readable_pictures(of_patients: Bundle, clinic: Path) -> None:
    table = whole(of_patients, clinic)
    assert table.columns == [
        "id", "patient", "label", "called", "p_reactive", "p_tumoral", "logit", "cells", "unreadable", "remark",
        "problem",
    ]  # fmt: skip
    assert table["patient"].to_list() == table["id"].to_list() == ["P1", "P2", "P3", "P4"]
    assert table.select("cells", "unreadable").rows() == [(4, 1), (3, 0), (1, 0), (0, 0)]
    for name in ("P1", "P2", "P3"):
        paths = sorted(path for path in (clinic / name).iterdir() if path.stat().st_size)
        row = table.row(by_predicate=pl.col("patient") == name, named=True)
        assert row["logit"] == pytest.approx(directly(of_patients, paths), abs=1e-5)
        assert row["p_tumoral"] == pytest.approx(1 / (1 + 2.718281828459045 ** -row["logit"]), abs=1e-9)
        assert row["called"] == ("tumoral" if row["p_tumoral"] >= 0.5 else "reactive")
    known = table["logit"].drop_nulls()
    assert known.max() - known.min() > 0.05  # type: ignore[operator]


def test_an_unreadable_picture_is_left_out_with_a_remark_and_an_empty_folder_is_a_problem(
    of_patients: Bundle, clinic: Path
) -> None:
    table = whole(of_patients, clinic)
    assert table["remark"].to_list() == ["left out: P1/1.png: The file is empty (0 bytes).", None, None, None]
    assert table["problem"].to_list() == [None, None, None, "There is no picture of this patient."]
    assert table.row(3, named=True) | {"problem": None} == {
        "id": "P4", "patient": "P4", "label": None, "called": None, "p_reactive": None, "p_tumoral": None,
        "logit": None, "cells": 0, "unreadable": 0, "remark": None, "problem": None,
    }  # fmt: skip


def test_a_patient_all_of_whose_pictures_are_unreadable_keeps_a_row(of_patients: Bundle, clinic: Path) -> None:
    for picture in (clinic / "P2").iterdir():
        picture.write_bytes(b"")
    row = whole(of_patients, clinic).row(1, named=True)
    assert row["problem"] == ("None of the patient's 3 pictures can be read. P2/0.png: The file is empty (0 bytes).")
    assert (row["cells"], row["unreadable"], row["logit"], row["called"]) == (0, 3, None, None)


@pytest.mark.parametrize("batch", [1, 2])
def test_a_probability_does_not_depend_on_the_batch(of_patients: Bundle, clinic: Path, batch: int) -> None:
    one, other = whole(of_patients, clinic), whole(of_patients, clinic, batch=batch)
    numbers = ["p_reactive", "p_tumoral", "logit"]
    assert one.drop(numbers).equals(other.drop(numbers))
    assert (one["p_tumoral"] - other["p_tumoral"]).abs().max() < 1e-6  # type: ignore[operator]


def test_a_probability_does_not_depend_on_other_patients(with_facts: Bundle, clinic: Path) -> None:
    together = whole(with_facts, clinic, facts=FACTS)
    shutil.rmtree(clinic / "P1")
    shutil.rmtree(clinic / "P3")
    alone = whole(with_facts, clinic, facts=FACTS.filter(pl.col("patient") == "P2"))
    assert alone.filter(pl.col("patient") == "P2").equals(together.filter(pl.col("patient") == "P2"))


def test_facts_count_and_odd_ones_are_remarked(with_facts: Bundle, clinic: Path) -> None:
    table = whole(with_facts, clinic, facts=FACTS)
    assert table["problem"].drop_nulls().to_list() == ["There is no picture of this patient."]
    assert table["remark"][1] == "sex: 'X' was not seen in training; it is taken as none of F, M"
    assert table["remark"][2] == (
        "age: 0 lies outside of the 20 to 90 of the training patients; "
        "count: missing; the training patients' median, 8, stands in"
    )
    assert "age: 150 lies outside of the 20 to 90" in table["remark"][0]
    encoded = encoder_of(with_facts.card).encode(FACTS[2])  # type: ignore[union-attr]
    paths = sorted((clinic / "P2").iterdir())
    assert table["logit"][1] == pytest.approx(directly(with_facts, paths, torch.from_numpy(encoded)), abs=1e-5)
    older = whole(with_facts, clinic, facts=FACTS.with_columns(age=pl.lit(20.0)))
    assert abs(older["logit"][1] - table["logit"][1]) > 1e-3


def test_ages_of_0_and_150_and_a_missing_count_give_finite_probabilities(with_facts: Bundle, clinic: Path) -> None:
    table = whole(with_facts, clinic, facts=FACTS).filter(pl.col("problem").is_null())
    assert table["logit"].is_finite().all()
    assert table.height == 3


def test_a_fact_that_is_none_is_that_patients_problem_alone(with_facts: Bundle, clinic: Path) -> None:
    facts = FACTS.with_columns(count=pl.Series([0.0, 12.0, 8.0]))
    table = whole(with_facts, clinic, facts=facts)
    assert table["problem"].to_list()[:3] == [None, None, "The fact 'count' has no logarithm: 0.0."]
    assert table["cells"].to_list() == [4, 3, 1, 0]


def test_predict_gives_those_it_can_and_warns_of_the_others(of_patients: Bundle, clinic: Path) -> None:
    with pytest.warns(LeukoscopeWarning) as said:
        found = predict(of_patients, clinic)
    assert [str(one.message) for one in said] == [
        "1 patient could not be predicted. P4: There is no picture of this patient.",
        "Left out, since they cannot be used: 1 picture (column 'remark' says why).",
    ]
    assert (found.unit, found.table["id"].to_list()) == ("patient", ["P1", "P2", "P3"])


def test_where_nobody_can_be_predicted_it_says_so(of_patients: Bundle, tmp_path: Path) -> None:
    (tmp_path / "in" / "P1").mkdir(parents=True)
    (tmp_path / "in" / "P1" / "a.png").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        predict_patients(of_patients, tmp_path / "in")
    assert str(caught.value) == (
        "None of the 1 patient can be predicted. None of the patient's 1 picture can be read. "
        "P1/a.png: The file is empty (0 bytes).\n  where: patient P1"
    )


def test_odd_facts_are_counted_of_those_who_are_predicted(with_facts: Bundle, clinic: Path) -> None:
    told = patient_notices(with_facts, NOBODY, whole(with_facts, clinic, facts=FACTS))
    assert told[-1] == (
        "A fact is missing, or unlike those of all training patients: 3 patients, whose probability is less to be "
        "trusted (column 'remark' says which)."
    )
    plain = FACTS.with_columns(age=pl.lit(60.0), count=pl.lit(8.0), sex=pl.lit("F"))
    told = patient_notices(with_facts, NOBODY, whole(with_facts, clinic, facts=plain))
    # P4, who has no picture, is not in the table of facts; P1's unreadable picture is no fact.
    assert [text.partition(":")[0] for text in told] == [
        "1 patient could not be predicted. P4",
        "Left out, since they cannot be used",
    ]


def test_the_summary_says_how_many_were_called_what_and_from_where_on(
    of_patients: Bundle, three_of_patients: Bundle, clinic: Path, tmp_path: Path
) -> None:
    sure = replace(of_patients, card=replace(of_patients.card, threshold=1.0))
    summary = predict_patients_to_file(sure, clinic, tmp_path / "said.csv")
    assert summary.calls == "called: 3 reactive; tumoral from p = 1 on"
    assert "\n  called: 3 reactive; tumoral from p = 1 on" in repr(summary)
    calls = predict_patients_to_file(three_of_patients, clinic, tmp_path / "said.csv").calls
    assert calls.startswith("called: ")
    assert ";" not in calls
    shutil.rmtree(clinic)
    (clinic / "P1").mkdir(parents=True)
    (clinic / "P1" / "0.png").write_bytes(b"")
    assert not predict_patients_to_file(of_patients, clinic, tmp_path / "said.csv").calls


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_every_patient_has_a_row_in_the_file(of_patients: Bundle, clinic: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"said{ending}"
    summary = predict_to_file(of_patients, clinic, out, batch=2)
    assert isinstance(summary, PatientSummary)
    assert (summary.patients, summary.without) == (3, 1)
    assert repr(summary).startswith("3 patients predicted, 1 could not be (column 'problem'), in ")
    table = pl.read_csv(out) if ending == ".csv" else pl.read_parquet(out)
    assert table["patient"].to_list() == ["P1", "P2", "P3", "P4"]
    with pytest.warns(LeukoscopeWarning, match="1 row with a problem"):
        assert read_foreign(out).table["id"].to_list() == ["P1", "P2", "P3"]


def test_labels_are_kept_where_known_and_cohorts_keep_their_order(of_patients: Bundle, clinic: Path) -> None:
    cells = pl.DataFrame({"path": [f"{name}/0.png" for name in ("P2", "P1", "P3")], "patient": ["P2", "P1", "P3"]})
    patients = pl.DataFrame({"patient": ["P3", "P4", "P2", "P1"], "label": ["tumoral", "reactive", None, "reactive"]})
    cohort = Cohort.from_cells(
        "lyon", clinic, cells.with_columns(id="path"), Classes(("reactive", "tumoral")), patients=patients
    )
    table = whole(of_patients, cohort)
    assert table.select("patient", "label").rows() == [
        ("P3", "tumoral"), ("P4", "reactive"), ("P2", None), ("P1", "reactive")
    ]  # fmt: skip
    assert table["problem"][1] == "There is no picture of this patient."


def test_excluded_pictures_are_left_out_with_their_reason(of_patients: Bundle, clinic: Path) -> None:
    cells = pl.DataFrame({"id": ["a", "b"], "path": ["P2/0.png", "P2/1.png"], "patient": ["P2", "P2"]})
    cells = cells.with_columns(excluded=pl.Series([None, "a twin of a"]))
    cohort = Cohort.from_cells("lyon", clinic, cells, Classes(("reactive", "tumoral")))
    table = whole(of_patients, cohort)
    assert table.select("cells", "unreadable", "remark").row(0) == (1, 1, "left out: P2/1.png: a twin of a")


def test_views_are_averaged(of_patients: Bundle, clinic: Path) -> None:
    turned = clinic.parent / "turned"
    for picture in (clinic / "P2").iterdir():
        (turned / "P2").mkdir(parents=True, exist_ok=True)
        picture_turned = cv2.rotate(cv2.imread(str(picture)), cv2.ROTATE_90_CLOCKWISE)
        cv2.imwrite(str(turned / "P2" / picture.name), picture_turned)
    for mean in ("logits", "probabilities"):
        views = Views.model_validate({"rotations": 4, "mean": mean})
        viewing = replace(of_patients, card=replace(of_patients.card, test_time=views))
        one = whole(viewing, clinic)["logit"][1]
        assert whole(viewing, turned)["logit"][0] == pytest.approx(one, abs=1e-4)
        assert abs(one - whole(of_patients, clinic)["logit"][1]) > 1e-4


def test_a_leaking_bundle_says_so_on_each_row(of_patients: Bundle, clinic: Path, tmp_path: Path) -> None:
    leaking = replace(of_patients, card=replace(of_patients.card, leakage="the paper's split"))
    summary = predict_patients_to_file(leaking, clinic, tmp_path / "said.csv")
    assert summary.warnings[0] == "Marked with leakage (column 'leakage'): the paper's split"
    assert pl.read_csv(tmp_path / "said.csv")["leakage"].to_list() == ["the paper's split"] * 4


def test_a_bundle_of_the_other_task_is_refused(bundle: Bundle, of_patients: Bundle, clinic: Path) -> None:
    with pytest.raises(SettingsError, match="The bundle 'first' classifies cells, it diagnoses nobody"):
        predict_patients(bundle, clinic)
    with pytest.raises(SettingsError, match="The bundle classifies cells; it has no use for facts of patients"):
        predict(bundle, clinic, facts=FACTS)
    with pytest.raises(SettingsError, match=r"A batch needs at least 1 picture; got 0\."):
        whole(of_patients, clinic, batch=0)


def test_a_bundle_of_pictures_alone_takes_facts_without_harm(of_patients: Bundle, clinic: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain, given = predict_patients(of_patients, clinic), predict_patients(of_patients, clinic, facts=FACTS)
    assert plain.table.equals(given.table)


@pytest.mark.parametrize("mean", ["logits", "probabilities"])
def test_it_says_what_a_run_says_of_the_same_patients(with_facts: Bundle, clinic: Path, mean: str) -> None:
    viewing = replace(
        with_facts, card=replace(with_facts.card, test_time=Views.model_validate({"rotations": 3, "mean": mean}))
    )
    (clinic / "P1" / "1.png").unlink()
    cv2.imwrite(str(clinic / "P2" / "0.png"), np.zeros((40, 40, 3), dtype=np.uint8))  # counts, in training as here
    sizes, names = np.array([4, 3, 1]), ["P1", "P2", "P3"]
    paths = [path.relative_to(clinic).as_posix() for name in names for path in sorted((clinic / name).iterdir())]
    cells = pl.DataFrame({"id": paths, "path": paths})
    cohort = Cohort.from_cells("clinic", clinic, cells, viewing.classes)
    intake = take_in(cohort, framing=viewing.framing, store=clinic.parent / "store", workers=1)
    assert intake.store is not None
    unknown = np.full(len(paths), -1, dtype=np.int64)
    data = CellData(intake.store, intake.store.rows(intake.pictures["sha256"]), paths, unknown)
    encoder = encoder_of(viewing.card)
    assert encoder is not None
    facts = encoder.encode(pl.DataFrame({"patient": names}).join(FACTS, on="patient", maintain_order="left"))
    bags = BagData(data, sizes, names, unknown[:3], facts)
    assert isinstance(viewing.model, PatientModel)
    of_run = patient_logits(viewing.model, bags, viewing.device, batch=3, test_time=viewing.card.test_time)
    table = whole(viewing, clinic, facts=FACTS, batch=2)
    assert table["logit"].to_list()[:3] == pytest.approx(of_run[:, 0].tolist(), abs=1e-5)
    assert (table["cells"].to_list()[:3], intake.cohort.usable.height) == ([4, 3, 1], 8)


def test_whom_to_refer_stands_in_columns_of_its_own(of_patients: Bundle, clinic: Path) -> None:
    classes, wide = of_patients.classes.names, {"reactive": 1.0, "tumoral": 1.0}
    band = Band(0.9, "class", wide, {"reactive": 9, "tumoral": 9})
    calibrator = Calibrator("platt", classes, 18, slope=0.5)
    card = replace(of_patients.card, band=band.as_json(), calibrator=calibrator.as_json())
    ready = replace(of_patients, card=card)
    table = whole(ready, clinic)
    assert table.columns[4:9] == ["p_reactive", "p_tumoral", "logit", "raw_logit", "band"]
    assert table["band"].to_list() == ["reactive or tumoral"] * 3 + [None]
    assert table["referred"].to_list() == [True, True, True, None]
    assert patient_notices(ready, NOBODY, table)[-1] == (
        "3 patients to be referred: the band does not hold the called class alone (column 'band')."
    )
    plain = whole(of_patients, clinic)["logit"].drop_nulls()
    assert table["raw_logit"].drop_nulls().to_list() == pytest.approx(plain.to_list())
    assert table["logit"].drop_nulls().to_list() == pytest.approx((plain / 2).to_list())


def test_beside_the_patients_stand_their_cells_and_what_was_broken_off_goes_on(
    of_patients: Bundle, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "said.csv"
    summary = predict_patients_to_file(of_patients, clinic, out, batch=2)
    assert summary.by_cell == tmp_path / "said_cells.csv"
    assert repr(summary).splitlines()[-1] == f"  cell by cell: {summary.by_cell}"
    cells = pl.read_csv(tmp_path / "said_cells.csv")
    assert cells["patient"].to_list() == ["P1"] * 5 + ["P2"] * 3 + ["P3"]
    sums = cells.group_by("patient", maintain_order=True).agg(pl.col("evidence").sum())["evidence"]
    assert sums.to_list() == pytest.approx(pl.read_csv(out)["logit"].drop_nulls().to_list(), abs=1e-4)
    whole_files = [path.read_bytes() for path in (out, tmp_path / "said_cells.csv")]
    assert isinstance(of_patients.model, PatientModel)
    seen, diagnose = list[object](), of_patients.model.diagnose

    def interrupted(*arguments: Any) -> object:
        seen.append(arguments)
        if len(seen) > 3:
            raise KeyboardInterrupt
        return diagnose(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(of_patients.model, "diagnose", interrupted)
        with pytest.raises(KeyboardInterrupt):
            predict_patients_to_file(of_patients, clinic, out, batch=2)
    assert (tmp_path / "said.csv.part").is_file()
    again = predict_patients_to_file(of_patients, clinic, out, batch=2, resume=True)
    assert (again.patients, again.without) == (3, 1)
    assert [path.read_bytes() for path in (out, tmp_path / "said_cells.csv")] == whole_files
    assert not (tmp_path / "said.csv.part").exists()


def test_the_path_of_a_cell_is_no_formula(of_patients: Bundle, clinic: Path, tmp_path: Path) -> None:
    (clinic / "P2").rename(clinic / "-P2")
    predict_patients_to_file(of_patients, clinic, tmp_path / "said.csv")
    cells = pl.read_csv(tmp_path / "said_cells.csv").filter(patient="-P2")  # as the facts name the patient
    assert cells["path"].to_list() == ["./-P2/0.png", "./-P2/1.png", "./-P2/2.png"]
    assert cells["problem"].null_count() == 3
