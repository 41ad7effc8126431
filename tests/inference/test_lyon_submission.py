from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import read_cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.inference.lyon_submission import write_lyon_submission
from leukoscope.inference.patients import predict_patients_to_file

ROWS = ("P3,-1,f,1/2/1950,4.5", "P1,0,M,3/4/1940,80.0", "P2,-1,F,31-05-2001,12.5")


def challenge(clinic: Path, *rows: str) -> Cohort:
    """Put the clinic's folders into the challenge's layout: P1 is for training, the others are to be predicted."""
    for part in ("trainset", "testset"):
        (clinic / part).mkdir()
    for name in ("P1", "P2", "P3"):
        (clinic / name).rename(clinic / ("trainset" if name == "P1" else "testset") / name)
    (clinic / "P4").rmdir()
    table = "\n".join(["ID,LABEL,GENDER,DOB,LYMPH_COUNT", *rows])
    (clinic / "clinical_annotation.csv").write_text(f"{table}\n", encoding="utf-8")
    return read_cohort(clinic, "lyon")


def test_the_unlabelled_stand_in_the_order_of_the_csv_as_0_or_1(
    of_patients: Bundle, clinic: Path, tmp_path: Path
) -> None:
    cohort = challenge(clinic, *ROWS)
    predict_patients_to_file(of_patients, cohort, tmp_path / "table.csv")
    shares = dict(pl.read_csv(tmp_path / "table.csv").select("patient", "p_tumoral").iter_rows())
    # A threshold between the two tells them apart, whichever is the higher.
    middle = (shares["P2"] + shares["P3"]) / 2
    strict = replace(of_patients, card=replace(of_patients.card, threshold=middle))
    summary = write_lyon_submission(strict, cohort, tmp_path / "said.csv", batch=2)
    said = "".join(f"{name},{int(shares[name] >= middle)}\n" for name in ("P3", "P2"))
    assert (tmp_path / "said.csv").read_text(encoding="utf-8") == f"ID,Predicted\n{said}"
    assert sorted(pl.read_csv(tmp_path / "said.csv")["Predicted"]) == [0, 1]
    assert (summary.patients, summary.without) == (2, 0)


def test_a_patient_who_would_be_missing_stops_it(of_patients: Bundle, clinic: Path, tmp_path: Path) -> None:
    cohort = challenge(clinic, *ROWS, "P7,-1,F,31-05-2001,12.5", "P8,-1,F,31-05-2001,12.5")
    with pytest.raises(DataError) as caught:
        write_lyon_submission(of_patients, cohort, tmp_path / "said.csv")
    assert str(caught.value) == (
        "2 patients would be missing from the submission: P7, P8. There is no picture of this patient.\n"
        "  where: patient P7 (and 1 more)\n"
        "  what to do: Mend the pictures or facts; --format table lists every patient with the reason."
    )
    assert not (tmp_path / "said.csv").exists()


def test_a_patient_who_is_not_in_the_csv_is_none_of_the_challenges(
    of_patients: Bundle, clinic: Path, tmp_path: Path
) -> None:
    cohort = challenge(clinic, *ROWS[:2])
    write_lyon_submission(of_patients, cohort, tmp_path / "said.csv")
    assert pl.read_csv(tmp_path / "said.csv")["ID"].to_list() == ["P3"]


def test_where_all_have_labels_there_is_nobody(of_patients: Bundle, clinic: Path, tmp_path: Path) -> None:
    cohort = challenge(clinic, *(row.replace("-1", "1") for row in ROWS))
    with pytest.raises(DataError, match="Every patient has a label: there is nobody to predict"):
        write_lyon_submission(of_patients, cohort, tmp_path / "said.csv")


def test_other_bundles_and_files_are_refused(bundle: Bundle, of_patients: Bundle, clinic: Path, tmp_path: Path) -> None:
    cohort = challenge(clinic, *ROWS)
    with pytest.raises(SettingsError, match="A submission must end in"):
        write_lyon_submission(of_patients, cohort, tmp_path / "said.parquet")
    with pytest.raises(SettingsError, match="classifies cells, it diagnoses nobody"):
        write_lyon_submission(bundle, cohort, tmp_path / "said.csv")


def test_a_bundle_of_three_classes_is_refused(three_of_patients: Bundle, clinic: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        write_lyon_submission(three_of_patients, challenge(clinic, *ROWS), tmp_path / "said.csv")
    assert str(caught.value) == (
        f"A submission says 0 or 1; the bundle has 3 classes.\n  where: {three_of_patients.folder}"
    )
