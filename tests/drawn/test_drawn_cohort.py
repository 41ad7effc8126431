from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.drawn import draw_cohort, drawn_classes
from leukoscope.errors import SettingsError
from leukoscope.files import read_json

SMALL: dict[str, Any] = {"patients": 3, "cells": 4, "size": 24}


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_cohort_is_a_folder_of_pictures_and_three_tables(tmp_path: Path) -> None:
    assert draw_cohort(tmp_path / "c", **SMALL) == tmp_path / "c"
    cells = pl.read_csv(tmp_path / "c/cells.csv")
    assert cells.columns == ["id", "path", "label", "patient", "place", "malignant", "kind"]
    assert cells.height == 12
    assert cells["path"][0] == "pictures/P01/P01-0001.png"
    assert cells["place"].null_count() == 12
    for path in cells["path"]:
        assert cv2.imread(str(tmp_path / "c" / path)).shape == (24, 24, 3)
    patients = pl.read_csv(tmp_path / "c/patients.csv")
    assert patients.columns == ["patient", "label", "age", "sex", "lymphocyte_count"]
    assert patients["patient"].to_list() == ["P01", "P02", "P03"]
    assert Classes.from_json(read_json(tmp_path / "c/classes.json")) == drawn_classes(2)


def test_pictures_are_written_in_their_right_colours(tmp_path: Path) -> None:
    draw_cohort(tmp_path / "c", **SMALL, background="smear")
    picture = cv2.cvtColor(cv2.imread(str(next((tmp_path / "c").rglob("*.png")))), cv2.COLOR_BGR2RGB)
    field = picture[:3].astype(float).mean(axis=(0, 1))
    assert field[0] > field[2], "the field is warm, not blue"


def test_the_same_seed_gives_the_same_bytes_whatever_the_workers(tmp_path: Path) -> None:
    draw_cohort(tmp_path / "a", **SMALL, workers=1)
    draw_cohort(tmp_path / "b", **SMALL, workers=3)
    draw_cohort(tmp_path / "c", **SMALL, seed=1)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    same = [name for name, digest in digests(tmp_path / "c").items() if digest == digests(tmp_path / "a").get(name)]
    assert same == ["classes.json"]


def test_a_cohort_left_half_way_is_completed_without_drawing_again(tmp_path: Path) -> None:
    whole = draw_cohort(tmp_path / "a", **SMALL)
    cut = draw_cohort(tmp_path / "b", **SMALL)
    kept, lost = sorted(cut.rglob("*.png"))[:2]
    times = kept.stat().st_mtime_ns
    lost.unlink()
    for name in ("classes.json", "cells.csv"):
        (cut / name).unlink()
    draw_cohort(cut, **SMALL)
    assert kept.stat().st_mtime_ns == times
    assert digests(cut) == digests(whole)


def test_a_finished_cohort_is_left_as_it_is(tmp_path: Path) -> None:
    draw_cohort(tmp_path / "c", **SMALL)
    gone = next((tmp_path / "c").rglob("*.png"))
    gone.unlink()
    draw_cohort(tmp_path / "c", **SMALL)
    assert not gone.exists()


def test_other_settings_in_the_same_folder_are_refused(tmp_path: Path) -> None:
    draw_cohort(tmp_path / "c", **SMALL)
    with pytest.raises(SettingsError) as error:
        draw_cohort(tmp_path / "c", **{**SMALL, "size": 32}, seed=4)
    assert str(error.value) == (
        "This folder holds cells drawn with other settings: seed 0, now 4, size 24, now 32.\n"
        f"  where: {tmp_path / 'c'}\n  what to do: Delete it, or name another folder."
    )


def test_a_folder_with_other_data_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("id,path\n")
    with pytest.raises(SettingsError) as error:
        draw_cohort(tmp_path, **SMALL)
    assert str(error.value) == (
        f"This folder holds another data set.\n  where: {tmp_path}\n  what to do: Name another folder."
    )
    assert (tmp_path / "cells.csv").read_text() == "id,path\n"


def test_counts_are_met_in_fifteen_classes(tmp_path: Path) -> None:
    counts = {"BAS": 1, "PMO": 5, "KSC": 2}
    folder = draw_cohort(tmp_path / "c", classes=15, patients=2, counts=counts, size=16, background="smear")
    assert dict(pl.read_csv(folder / "cells.csv")["label"].value_counts().iter_rows()) == counts
    assert pl.read_csv(folder / "patients.csv")["label"].null_count() == 2


def test_patients_differ_in_stain_and_light(tmp_path: Path) -> None:
    folder = draw_cohort(tmp_path / "c", patients=6, cells=6, size=32)
    means = []
    for patient in sorted((folder / "pictures").iterdir()):
        pictures = np.stack([cv2.imread(str(path)) for path in sorted(patient.glob("*.png"))])
        means.append([picture[picture.any(axis=2)].mean(axis=0) for picture in pictures])
    colours = np.array(means)
    between, within = colours.mean(axis=1).std(axis=0), colours.std(axis=1).mean(axis=0)
    assert (between > within).all()
