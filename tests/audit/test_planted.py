"""Faults planted in drawn cohorts are found, and in clean ones nothing is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest

from leukoscope.audit import Audit, audit
from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.pictures.intake import take_in
from leukoscope.twins import FINGERPRINT, find_twins

CELLS, PATIENTS = "cells.csv", "patients.csv"
SEEDS = 20
Fault = Callable[[Path, pl.DataFrame], None]


def audited(folder: Path) -> Audit:
    intake = take_in(read_cohort(folder, "drawn"))
    return audit(intake.cohort, intake.pictures)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_cohort(tmp_path_factory.mktemp("drawn") / "clean", patients=20, cells=12, size=48, seed=0)


def one_class_each(folder: Path) -> pl.DataFrame:
    """Keep cells of a patient's own class alone, of each patient as many, as in C-NMC's layout; return them."""
    own = pl.read_csv(folder / PATIENTS, infer_schema=False).select("patient", own="label")
    cells = pl.read_csv(folder / CELLS, infer_schema=False).join(own, on="patient", maintain_order="left")
    kept = cells.filter(pl.col("label") == pl.col("own")).drop("own")
    fewest = kept.group_by("patient").len()["len"].min()
    kept = kept.filter(pl.int_range(pl.len()).over("patient") < fewest)
    kept.write_csv(folder / CELLS)
    return kept


def of_class(cells: pl.DataFrame, label: str = "all") -> list[str]:
    paths: list[str] = cells.filter(pl.col("label") == label)["path"].to_list()
    return paths


def brighter(folder: Path, cells: pl.DataFrame, by: float = 1.2) -> None:
    for path in of_class(cells):
        picture = cv2.imread(str(folder / path))
        cv2.imwrite(str(folder / path), np.clip(picture * by, 0, 255).astype(np.uint8))


def larger_files(folder: Path, cells: pl.DataFrame) -> None:
    for path in of_class(cells):
        with (folder / path).open("ab") as file:
            file.write(bytes(600))


def worse_quality(folder: Path, cells: pl.DataFrame) -> None:
    for path, label in cells.select("path", "label").iter_rows():
        quality = [cv2.IMWRITE_JPEG_QUALITY, 75 if label == "all" else 90]
        _, coded = cv2.imencode(".jpg", cv2.imread(str(folder / path)), quality)
        (folder / path).write_bytes(coded.tobytes())


def files_in_order(folder: Path, cells: pl.DataFrame) -> None:
    named = cells.sort("label", maintain_order=True).with_row_index("number")
    named = named.with_columns(new=pl.format("pictures/{}.png", "number"))
    for old, new in named.select("path", "new").iter_rows():
        shutil.move(folder / old, folder / new)
    named.with_columns(path="new").drop("new", "number").sort("id").write_csv(folder / CELLS)


def folders_in_order(folder: Path, cells: pl.DataFrame) -> None:
    people = pl.read_csv(folder / PATIENTS, infer_schema=False).sort("label", maintain_order=True)
    people = people.with_row_index("number", 1).with_columns(new=pl.format("Q{}", "number"))
    named = cells.join(people.select("patient", "new"), on="patient", maintain_order="left")
    named = named.with_columns(place=pl.format("pictures/{}/{}.png", "new", "id"))
    for old, new in named.select("path", "place").iter_rows():
        (folder / new).parent.mkdir(exist_ok=True)
        shutil.move(folder / old, folder / new)
    named.with_columns(path="place", patient="new", place=None).drop("new").write_csv(folder / CELLS)
    people.with_columns(patient="new").drop("new", "number").write_csv(folder / PATIENTS)


def rows_in_order(folder: Path, cells: pl.DataFrame) -> None:
    cells.sort("label", maintain_order=True).write_csv(folder / CELLS)


def more_pictures(folder: Path, cells: pl.DataFrame) -> None:
    ill = pl.read_csv(folder / PATIENTS, infer_schema=False).filter(pl.col("label") == "all")["patient"]
    kept = pl.col("patient").is_in(ill.implode()) | (pl.int_range(pl.len()).over("patient") < 6)
    cells.filter(kept).write_csv(folder / CELLS)


def two_names(folder: Path, cells: pl.DataFrame) -> None:
    one, other = cells["patient"].unique().sort().head(2)
    pair = zip(*(cells.filter(pl.col("patient") == who)["path"].head(3) for who in (one, other)), strict=True)
    for path, copy in pair:
        shutil.copy(folder / path, folder / copy)


@pytest.mark.parametrize(
    ("fault", "code", "statistic"),
    [
        (brighter, "colour_shortcut", "brightness within the patient"),
        (larger_files, "technical_shortcut", "file size for what it shows"),
        (worse_quality, "technical_shortcut", "JPEG quality"),
        (files_in_order, "technical_shortcut", "file order"),
        (folders_in_order, "technical_shortcut", "file order"),
        (rows_in_order, "technical_shortcut", "row order"),
        (more_pictures, "technical_shortcut", "number of pictures"),
        (two_names, "identical_across_patients", None),
    ],
)
def test_a_planted_fault_is_found(clean: Path, tmp_path: Path, fault: Fault, code: str, statistic: str | None) -> None:
    folder = tmp_path / "planted"
    shutil.copytree(clean, folder)
    fault(folder, pl.read_csv(folder / CELLS, infer_schema=False))
    found = audited(folder).of(code)
    assert found is not None
    assert found.severity != "note"
    assert statistic is None or statistic in found.table["statistic"]


def wider(folder: Path, cells: pl.DataFrame) -> None:
    for path in of_class(cells):
        picture = cv2.imread(str(folder / path))
        cv2.imwrite(str(folder / path), cv2.copyMakeBorder(picture, 2, 2, 2, 2, cv2.BORDER_CONSTANT))


@pytest.mark.parametrize("one_each", [True, False])
@pytest.mark.parametrize("patients", [12, pytest.param(20, marks=pytest.mark.torture)])
@pytest.mark.parametrize(
    ("fault", "code", "statistic"),
    [
        (worse_quality, "technical_shortcut", "JPEG quality"),
        (wider, "technical_shortcut", "picture size"),
    ],
)
def test_a_planted_fault_is_found_among_few_patients(  # noqa: PLR0917 - each is a parameter of the test
    tmp_path: Path, fault: Fault, code: str, statistic: str, patients: int, one_each: bool
) -> None:
    folder = draw_cohort(tmp_path / "drawn", patients=patients, cells=8, size=48, seed=2)
    cells = one_class_each(folder) if one_each else pl.read_csv(folder / CELLS, infer_schema=False)
    fault(folder, cells)
    found = audited(folder).of(code)
    assert found is not None
    assert found.severity == "warning"
    assert statistic in found.table["statistic"]


@pytest.mark.parametrize(
    ("patients", "by", "one_each"), [pytest.param(20, 1.35, True, marks=pytest.mark.torture), (12, 1.2, False)]
)
def test_a_brighter_class_is_found_among_few_patients(tmp_path: Path, patients: int, by: float, one_each: bool) -> None:
    folder = draw_cohort(tmp_path / "drawn", patients=patients, cells=8, size=48, seed=2)
    cells = one_class_each(folder) if one_each else pl.read_csv(folder / CELLS, infer_schema=False)
    brighter(folder, cells, by)
    found = audited(folder).of("colour_shortcut")
    assert found is not None
    assert found.severity == "warning"


def test_a_brighter_class_is_found_in_fields(tmp_path: Path) -> None:
    folder = draw_cohort(tmp_path / "drawn", patients=16, cells=8, size=64, background="smear", seed=2)
    assert audited(folder).failures == ()
    brighter(folder, pl.read_csv(folder / CELLS, infer_schema=False))
    found = audited(folder).of("colour_shortcut")
    assert found is not None
    assert found.severity == "warning"
    assert "colour of the background" in found.table["statistic"]


def test_with_too_few_patients_it_is_said_that_nothing_was_looked_for(tmp_path: Path) -> None:
    folder = draw_cohort(tmp_path / "drawn", patients=6, cells=8, size=48, seed=0)
    one_class_each(folder)
    found = audited(folder).of("shortcuts_not_tried")
    assert found is not None
    assert found.sentence == (
        "Shortcuts were not looked for: too few patients. It takes 4 (linked ones count once) of each of two classes."
    )


def test_a_clean_cohort_raises_nothing(clean: Path) -> None:
    assert audited(clean).failures == ()


@pytest.mark.torture
@pytest.mark.parametrize(
    ("settings", "one_each"),
    [
        ({"patients": 24, "cells": 20, "size": 48}, False),
        ({"patients": 12, "cells": 12, "size": 32}, False),
        ({"patients": 20, "cells": 15, "size": 64}, False),
        ({"patients": 20, "cells": 14, "size": 64}, True),
        ({"patients": 12, "cells": 12, "size": 48}, True),
        ({"patients": 16, "cells": 12, "size": 96, "background": "smear", "classes": 8}, False),
        ({"patients": 40, "cells": 6, "size": 96, "background": "smear"}, False),
    ],
)
def test_clean_cohorts_hardly_ever_raise_anything(tmp_path: Path, settings: dict[str, object], one_each: bool) -> None:
    raised = []
    for seed in range(SEEDS):
        folder = draw_cohort(tmp_path / str(seed), seed=seed, **settings)  # type: ignore[arg-type]
        if one_each:
            one_class_each(folder)
        raised += [(seed, finding.sentence) for finding in audited(folder).failures]
    assert len(raised) <= 1, raised


def turned_and_recoloured(folder: Path, cells: pl.DataFrame) -> None:
    """Copy six cells of one patient under another's name, turned by any angle, in other colours."""
    one, other = cells["patient"].unique().sort().head(2)
    pair = zip(*(cells.filter(pl.col("patient") == who)["path"].head(6) for who in (one, other)), strict=True)
    for number, (path, copy) in enumerate(pair):
        picture = cv2.imread(str(folder / path))
        middle = (picture.shape[1] / 2 - 0.5, picture.shape[0] / 2 - 0.5)
        turn = cv2.getRotationMatrix2D(middle, 37 + 45 * number, 1)
        turned = cv2.warpAffine(picture, turn, picture.shape[1::-1], flags=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / copy), np.clip(turned * [0.85, 1.1, 1.05], 0, 255).astype(np.uint8))


def test_one_patient_under_two_names_is_found_by_the_cells(tmp_path: Path) -> None:
    folder = draw_cohort(tmp_path / "drawn", patients=6, cells=10, size=128, seed=0)
    turned_and_recoloured(folder, pl.read_csv(folder / CELLS, infer_schema=False))
    intake = take_in(read_cohort(folder, "drawn"), measures=(FINGERPRINT,))
    twins = find_twins(intake.cohort, intake.pictures, intake.measured["fingerprint"])
    found = audit(intake.cohort, intake.pictures, twins=twins.pairs, overlapping=twins.overlapping)
    near = found.of("near_across_patients")
    assert near is not None
    assert near.tables["by_patients"].rows() == [("P01", "P02", 6)]
    assert found.of("identical_across_patients") is None
    assert found.of("near_within_patient") is None
