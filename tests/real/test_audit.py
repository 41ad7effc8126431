"""What is known to be wrong with the real data sets is found in what is at hand of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from leukoscope.audit import Audit, Finding, audit
from leukoscope.audit.shortcuts import baselines_of
from leukoscope.cohort.hashes import hashes_table
from leukoscope.cohort.readers import READERS, read_cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.pictures.intake import Intake, take_in


@cache
def taken_in(folder: Path) -> Intake:
    return take_in(read_cohort(folder))


@cache
def audited(folder: Path) -> Audit:
    intake = taken_in(folder)
    crop = READERS[str(intake.cohort.reader)].description.crop
    return audit(intake.cohort, intake.pictures, crop=crop)


def found(folder: Path, code: str) -> Finding:
    finding = audited(folder).of(code)
    assert finding is not None, code
    return finding


def auc(finding: Finding, statistic: str) -> float:
    return float(finding.table.filter(pl.col("statistic") == statistic)["auc"][0])


def test_cnmc_shares_pictures_between_subjects_and_folds(real_data: Path) -> None:
    pairs = found(real_data / "cnmc", "identical_across_patients")
    assert pairs.tables["by_patients"].rows() == [
        ("20", "21", 12),
        ("H2", "H4", 3),
        ("H2", "H5", 2),
        ("H2", "H6", 1),
    ]
    assert found(real_data / "cnmc", "identical_across_places").count == 13
    assert "17, 20, 21" in found(real_data / "cnmc", "known_links").sentence
    assert audited(real_data / "cnmc").of("identical_across_classes") is None


def test_in_cnmc_size_tells_the_class_and_cells_reach_beyond_the_crop(real_data: Path) -> None:
    size = found(real_data / "cnmc", "cell_shortcut")
    assert size.severity == "note"
    assert 0.68 < auc(size, "size of the cell") < 0.78
    assert found(real_data / "cnmc", "beyond_crop").count == 114
    told = {finding.code for finding in audited(real_data / "cnmc").failures}
    assert told == {"identical_across_patients", "identical_across_places", "known_links", "beyond_crop"}


def test_cnmcs_baseline_from_one_fold_to_another(real_data: Path) -> None:
    intake = taken_in(real_data / "cnmc")
    part = pl.col("place").replace_strict({"fold_0": "train", "fold_2": "test"}, default=None)
    cells = intake.cohort.labelled.select("id", "patient", group="patient", part=part).drop_nulls("part")
    found = baselines_of(intake.cohort, intake.pictures, Split(cells.drop("patient"), "file", "patient"))
    assert found["best_statistic"]["title"] == "the size of the cell (its pixels that are not black) alone"
    assert 0.75 < found["best_statistic"]["scores"]["roc_auc"]["value"] < 0.82
    assert 0.8 < found["global_statistics"]["scores"]["roc_auc"]["value"] < 0.92


def test_the_whole_of_cnmc_from_its_hashes(real_data: Path) -> None:
    cohort = read_cohort(real_data / "cnmc" / "hashes_of_the_whole_set.csv")
    told = audit(cohort, hashes_table(cohort), crop=300)
    counts = {finding.code: finding.count for finding in told.findings}
    assert counts["identical_across_patients"] == 99
    assert counts["identical_within_patient"] == 5
    assert counts["identical_unknown_patients"] == 2
    assert counts["identical_across_places"] == 94
    assert "identical_across_classes" not in counts
    linked = told.of("linked_patients")
    assert linked is not None
    assert linked.tables["groups"]["patients"].to_list() == [
        ["17", "20", "21"],
        ["51", "75", "78"],
        ["H10", "H3"],
        ["H2", "H4", "H5", "H6"],
    ]
    sizes = told.of("odd_file_size")
    assert sizes is not None
    assert sizes.sentence == (
        "4,453 files of another file size than the commonest, 608454 bytes: 1080054 bytes (2,586), 608538 bytes "
        "(1,867). They go with the place: 1080054 bytes final, 608538 bytes preliminary."
    )


def test_lyons_table_and_what_tells_its_labels(real_data: Path) -> None:
    folder = real_data / "lyon"
    doubles = found(folder, "declared_doubles")
    assert doubles.table.select("patient_a", "patient_b").rows() == [("P118", "P137"), ("P170", "P26")]
    assert "Of different classes: P118 and P137." in doubles.sentence
    assert "4 of these 13 would be wrong" in found(folder, "several_date_formats").sentence
    assert "P165: f" in found(folder, "written_differently").sentence
    assert found(folder, "beyond_stated_limits").table["patient"].to_list() == ["P116", "P62"]
    technical = found(folder, "technical_shortcut")
    assert technical.severity == "warning"
    assert set(technical.table["statistic"]) == {"row order", "number of pictures"}
    assert 0.7 < auc(technical, "number of pictures") < 0.85
    clinical = found(folder, "clinical_shortcut")
    assert 0.75 < auc(clinical, "lymphocyte count") < 0.9
    assert 0.65 < auc(clinical, "age") < 0.85
    assert "2021-01-01" in found(folder, "reader_notes").sentence


def test_pbc_has_one_picture_in_two_classes_and_sizes_that_tell(real_data: Path) -> None:
    folder = real_data / "pbc"
    assert found(folder, "identical_across_classes").pictures == (("BNE_191112", "EO_225902"),)
    assert found(folder, "identical_unknown_patients").count == 5
    assert found(folder, "size_tells_class").severity == "warning"
    assert "366x369 (24), 360x360 (23)" in found(folder, "wrong_size").sentence
    assert "hidden file" in found(folder, "excluded").sentence
    assert found(folder, "patients_unknown").severity == "warning"
    assert found(folder, "cell_shortcut").severity == "note"


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("matek", ("size_tells_class", "mode_tells_class", "patients_unknown")),
        ("segmentation_wbc", ("identical_unknown_patients", "wrong_size", "stain_by_place")),
        ("bccd", ("boxes_without_area", "pictures_without_boxes")),
    ],
)
def test_the_flaws_of_the_smaller_sets(real_data: Path, name: str, codes: tuple[str, ...]) -> None:
    for code in codes:
        assert found(real_data / name, code).count > 0


def test_boxes_and_fields_of_bccd_by_name(real_data: Path) -> None:
    flat = found(real_data / "bccd", "boxes_without_area")
    assert flat.table["id"].to_list() == ["BloodImage_00338", "BloodImage_00343"]
    without = found(real_data / "bccd", "pictures_without_boxes").table.filter(pl.col("without") == "wbc")
    assert without["id"].to_list() == ["BloodImage_00178", "BloodImage_00228"]
