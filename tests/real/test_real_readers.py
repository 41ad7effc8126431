from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from leukoscope.cohort import Cohort, read_cohort


def by_place(cohort: Cohort) -> dict[tuple[str, str], tuple[int, int]]:
    counted = cohort.labelled.group_by("place", "label").agg(pl.len(), pl.col("patient").n_unique())
    return {(place, label): (cells, patients) for place, label, cells, patients in counted.iter_rows()}


def test_cnmc_at_hand_is_counted_as_its_readme_says(real_data: Path) -> None:
    cohort = read_cohort(real_data / "cnmc")
    assert cohort.usable.height == cohort.cells.height == 1775
    training = cohort.cells.filter(pl.col("place").str.starts_with("fold_"))
    assert (training.height, training["patient"].n_unique()) == (1772, 50)
    assert by_place(cohort) == {
        ("fold_0", "all"): (997, 19),
        ("fold_0", "hem"): (443, 9),
        ("fold_2", "all"): (112, 10),
        ("fold_2", "hem"): (220, 12),
        ("preliminary", "all"): (2, 2),
        ("preliminary", "hem"): (1, 1),
    }
    assert cohort.patients["label"].null_count() == 0
    assert "The labels csv names 1,867 preliminary pictures; 1,864 are not here." in cohort.notes


def test_the_whole_cnmc_by_its_file_names_has_the_published_counts(real_data: Path, tmp_path: Path) -> None:
    names = pl.read_csv(real_data / "cnmc" / "hashes_of_the_whole_set.csv")["path"].to_list()
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    csv = "validation_data/C-NMC_test_prelim_phase_data_labels.csv"
    shutil.copy(real_data / "cnmc" / "C-NMC_Leukemia" / csv, tmp_path / csv)
    cohort = read_cohort(tmp_path, "cnmc")
    assert cohort.notes == ()
    assert cohort.usable.height == len(names) - 1 == 15_114
    parts = by_place(cohort)
    train = {label: sum(parts[f"fold_{fold}", label][0] for fold in range(3)) for label in ("all", "hem")}
    assert train == {"all": 7272, "hem": 3389}
    assert (parts["preliminary", "all"], parts["preliminary", "hem"]) == ((1219, 13), (648, 15))
    subjects = (
        cohort.labelled.filter(pl.col("place") != "preliminary").group_by("label").agg(pl.col("patient").n_unique())
    )
    assert dict(subjects.iter_rows()) == {"all": 47, "hem": 26}
    assert cohort.cells.filter(pl.col("id").str.starts_with("UID_h"))["patient"].to_list() == ["H3"] * 36
    final = cohort.cells.filter(pl.col("place") == "final")
    assert (final.height, final["label"].null_count(), final["patient"].null_count()) == (2586, 2586, 2586)


def test_lyon_at_hand_is_counted_as_its_readme_says(real_data: Path) -> None:
    cohort = read_cohort(real_data / "lyon")
    assert (cohort.name, cohort.usable.height, cohort.patients.height) == ("lyon", 1661, 90)
    labels = dict(cohort.patients["label"].value_counts().iter_rows())
    assert labels == {"reactive": 30, "tumoral": 50, None: 10}
    unknown = cohort.patients.filter(pl.col("label").is_null())["patient"]
    assert set(cohort.cells.filter(pl.col("place") == "testset")["patient"]) == set(unknown)
    assert cohort.notes[2] == "Dates of birth are written in two ways: 77 m/d/YYYY, 13 dd-mm-YYYY."
    assert cohort.patients.select("age", "sex", "lymphocyte_count", "born").null_count().row(0) == (0, 0, 0, 0)
    assert cohort.patients.filter(pl.col("lymphocyte_count") < 4)["patient"].to_list() == ["P116", "P62"]
    assert len(cohort.notes) == 3


def test_pbc_at_hand_is_counted_as_its_readme_says(real_data: Path) -> None:
    cohort = read_cohort(real_data / "pbc")
    assert cohort.cells.height == 961
    assert cohort.counts()["cells"].to_list() == [120] * 8
    junk = cohort.cells.filter(pl.col("excluded").is_not_null())
    assert junk["path"].to_list() == ["neutrophil/.DS_169665.jpg"]
    finer = dict(
        cohort.usable.filter(pl.col("label").is_in(["ig", "neutrophil"]))["subtype"].value_counts().iter_rows()
    )
    assert finer == {"IG": 16, "MMY": 32, "MY": 40, "PMY": 32, "BNE": 51, "NEUTROPHIL": 8, "SNE": 61}
    assert len(cohort.notes) == 1
