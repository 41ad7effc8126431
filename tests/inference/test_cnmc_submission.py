from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import reference_pictures
from leukoscope.errors import DataError, SettingsError
from leukoscope.inference.cnmc_submission import write_cnmc_submission
from leukoscope.inference.predicting import predict
from leukoscope.pictures.framing import parse_framing

PICTURES = 12
SIZES = (
    f"The challenge has 1,867 in the preliminary test and 2,586 in the final test; this submission has {PICTURES} rows."
)


@pytest.fixture
def final(tmp_path: Path) -> Path:
    """Twelve numbered pictures in the challenge's layout: in the order of their names 10 stands before 2."""
    folder = tmp_path / "C-NMC_Leukemia" / "testing_data" / "C-NMC_test_final_phase_data"
    folder.mkdir(parents=True)
    for number, pixels in enumerate(reference_pictures(40, PICTURES, seed=1), start=1):
        cv2.imwrite(str(folder / f"{number}.bmp"), pixels[:, :, ::-1])
    return folder


@pytest.fixture
def parting(bundle: Bundle, final: Path) -> Bundle:
    """The bundle with a threshold that calls half of the pictures leukaemic."""
    shares = predict(bundle, final).table["p_all"]
    return replace(bundle, card=replace(bundle.card, threshold=float(shares.median() or 0)))  # type: ignore[arg-type]


def called(bundle: Bundle, final: Path) -> list[int]:
    table = predict(bundle, [final / f"{number}.bmp" for number in range(1, PICTURES + 1)]).table
    return [int(name == "all") for name in table["called"]]


def test_a_row_a_picture_in_the_order_of_the_numbers_with_1_for_all(
    parting: Bundle, final: Path, tmp_path: Path
) -> None:
    summary = write_cnmc_submission(parting, final, tmp_path / "said.csv", batch=5)
    wanted = called(parting, final)
    assert sum(wanted) == PICTURES // 2
    assert wanted != sorted(wanted)
    assert (tmp_path / "said.csv").read_text(encoding="utf-8") == "".join(f"{value}\n" for value in wanted)
    assert (summary.cells, summary.unreadable) == (PICTURES, 0)
    assert summary.notes == ("1 is all (6 rows), 0 is hem (6 rows).",)
    assert summary.warnings[0] == SIZES


def test_the_order_of_the_classes_does_not_turn_the_rows_round(parting: Bundle, final: Path, tmp_path: Path) -> None:
    write_cnmc_submission(parting, final, tmp_path / "said.csv")
    turned = replace(parting, card=replace(parting.card, classes=Classes(("all", "hem"), positive="hem")))
    write_cnmc_submission(turned, final, tmp_path / "turned.csv")
    # The network's output now speaks for hem: what was all is called hem.
    one, other = (pl.read_csv(tmp_path / name, has_header=False).to_series() for name in ("said.csv", "turned.csv"))
    assert set(one + other) == {1}


def test_other_classes_give_1_for_the_positive_one(parting: Bundle, final: Path, tmp_path: Path) -> None:
    other = replace(parting, card=replace(parting.card, classes=Classes(("normal", "blast"))))
    summary = write_cnmc_submission(other, final, tmp_path / "said.csv")
    assert summary.notes == ("1 is blast (6 rows), 0 is normal (6 rows).",)


def test_the_archive_holds_the_file_under_the_challenge_s_name(parting: Bundle, final: Path, tmp_path: Path) -> None:
    for name in ("said.csv", "said.zip", "again.zip"):
        write_cnmc_submission(parting, final, tmp_path / name)
    with zipfile.ZipFile(tmp_path / "said.zip") as archive:
        assert archive.namelist() == ["isbi_valid.predict"]
        assert archive.read("isbi_valid.predict") == (tmp_path / "said.csv").read_bytes()
    assert (tmp_path / "said.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()


def test_of_the_whole_data_set_the_final_test_is_taken(parting: Bundle, final: Path, tmp_path: Path) -> None:
    training = tmp_path / "C-NMC_Leukemia" / "training_data" / "fold_0" / "all"
    training.mkdir(parents=True)
    (training / "UID_1_1_1_all.bmp").write_bytes((final / "1.bmp").read_bytes())
    write_cnmc_submission(parting, read_cohort(tmp_path / "C-NMC_Leukemia", "cnmc"), tmp_path / "said.csv")
    assert (tmp_path / "said.csv").read_text(encoding="utf-8").split() == [str(one) for one in called(parting, final)]
    with pytest.raises(DataError) as caught:
        write_cnmc_submission(parting, read_cohort(training, "cnmc"), tmp_path / "other.csv")
    assert str(caught.value) == (
        "The data set holds no picture of the final test.\n"
        f"  where: {training}\n"
        "  what to do: Name the folder of numbered pictures itself, without --reader."
    )


def test_an_expected_number_must_be_met(parting: Bundle, final: Path, tmp_path: Path) -> None:
    assert SIZES not in write_cnmc_submission(parting, final, tmp_path / "said.csv", expected=PICTURES).warnings
    with pytest.raises(DataError, match="each number from 1 to 2,586; 2,574 missing: 13, 14, 15, 16, 17 and 2,569 mo"):
        write_cnmc_submission(parting, final, tmp_path / "other.csv", expected=2586)
    assert not (tmp_path / "other.csv").exists()


def test_a_picture_that_cannot_be_read_stops_it(parting: Bundle, final: Path, tmp_path: Path) -> None:
    for number in (3, 11):
        (final / f"{number}.bmp").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        write_cnmc_submission(parting, final, tmp_path / "said.csv")
    assert str(caught.value).splitlines() == [
        "2 pictures would be missing from the submission: 3.bmp, 11.bmp. The file is empty (0 bytes).",
        f"  where: {final / '3.bmp'} (and 1 more)",
        "  what to do: Copy them again; --format table lists every picture with the reason.",
    ]
    assert not (tmp_path / "said.csv").exists()


def test_a_framing_that_scales_whole_pictures_is_told_of_the_larger_ones(
    parting: Bundle, final: Path, tmp_path: Path
) -> None:
    told = (
        "The bundle scales pictures without cutting out their middle first. Those of the final test are 600 x 600 px, "
        "all others of C-NMC 450 x 450 px, so its cells come out smaller than those of the training."
    )
    assert write_cnmc_submission(parting, final, tmp_path / "said.csv").warnings == (SIZES, told)
    cut = parse_framing([{"center_crop": 36}, {"resize": 32}])
    cropping = replace(parting, card=replace(parting.card, framing=cut))
    assert write_cnmc_submission(cropping, final, tmp_path / "said.csv").warnings == (SIZES,)


def test_a_leaking_split_is_said(parting: Bundle, final: Path, tmp_path: Path) -> None:
    leaking = replace(parting, card=replace(parting.card, leakage="to see"))
    summary = write_cnmc_submission(leaking, final, tmp_path / "said.csv")
    assert summary.warnings[0] == "Marked with leakage (column 'leakage'): to see"


def test_other_bundles_and_files_are_refused(
    of_patients: Bundle, bundle_of_three: Bundle, final: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as caught:
        write_cnmc_submission(tmp_path / "no bundle", final, tmp_path / "said.parquet")
    assert str(caught.value) == (f"A C-NMC submission must end in .csv or .zip.\n  where: {tmp_path / 'said.parquet'}")
    with pytest.raises(SettingsError, match="diagnoses patients, not single cells"):
        write_cnmc_submission(of_patients, final, tmp_path / "said.csv")
    with pytest.raises(SettingsError, match="A submission says 0 or 1; the bundle has 3 classes"):
        write_cnmc_submission(bundle_of_three, final, tmp_path / "said.csv")
