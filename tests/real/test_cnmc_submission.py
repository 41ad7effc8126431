from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.readers.cnmc import CLASSES, NAME
from leukoscope.errors import DataError
from leukoscope.files import read_table
from leukoscope.inference.cnmc_submission import SIZES, _one_and_zero, _write, write_cnmc_submission
from leukoscope.models.building import build_model
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings

PRELIMINARY = "cnmc/C-NMC_Leukemia/validation_data/C-NMC_test_prelim_phase_data"


def test_the_file_is_byte_for_byte_of_the_published_form(real_data: Path, tmp_path: Path) -> None:
    published = real_data / "cnmc" / "prellberg2019" / "submission_final.csv"
    column = pl.read_csv(published, has_header=False).to_series()
    assert len(column) == SIZES["final"]
    _write(tmp_path / "said.csv", column)
    assert (tmp_path / "said.csv").read_bytes() == published.read_bytes()


def test_1_is_all_in_the_challenge_s_own_labels(real_data: Path) -> None:
    labels = read_table(real_data / f"{PRELIMINARY}_labels.csv", text=True)
    named = labels["Patient_ID"].str.strip_suffix(".bmp").str.extract(NAME, 4)
    one, zero = _one_and_zero(CLASSES)
    assert labels.height == SIZES["preliminary"]
    assert (labels["labels"].replace({"1": one, "0": zero}) == named).all()
    assert (labels["labels"] == "1").sum() == 1219


def test_a_part_of_a_test_is_no_submission(real_data: Path, tmp_path: Path) -> None:
    settings = ModelSettings(backbone="test_resnet", cut="layer2")
    model, _ = build_model(settings, 1)
    framing = parse_framing([{"center_crop": 300}, {"resize": 32}])
    save_bundle(tmp_path / "bundle", model, BundleCard("first", CLASSES, framing, settings))
    with pytest.raises(DataError) as caught:
        write_cnmc_submission(tmp_path / "bundle", real_data / PRELIMINARY, tmp_path / "said.csv", device="cpu")
    assert str(caught.value).splitlines()[0] == (
        "There must be a picture for each number from 1 to 1,002; 999 missing: 2, 3, 4, 5, 6 and 994 more."
    )
