from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.storage import KEY, load_cohort, save_cohort
from leukoscope.errors import DataError


@pytest.fixture
def cohort() -> Cohort:
    cells = pl.DataFrame({"id": ["a", "b"], "path": ["a.png", "b.png"], "patient": ["1", "2"], "turn": [0.5, None]})
    patients = pl.DataFrame(
        {
            "patient": ["1", "2"],
            "label": ["hem", None],
            "age": [40, None],
            "born": [dt.date(1980, 2, 29), None],
            "count": [4.25, None],
        }
    )
    classes = Classes(("hem", "all"), ("normal", "leukaemic"), "hem")
    return Cohort("small", Path("/data/small"), cells, patients, classes, ("Two formats of date.",))


def test_a_cohort_comes_back(cohort: Cohort, tmp_path: Path) -> None:
    save_cohort(cohort, tmp_path / "cohort.parquet")
    back = load_cohort(tmp_path / "cohort.parquet")
    assert_frame_equal(back.cells, cohort.cells)
    assert_frame_equal(back.patients, cohort.patients)
    assert (back.name, back.root, back.classes, back.notes) == (
        cohort.name,
        cohort.root,
        cohort.classes,
        cohort.notes,
    )


def test_a_cohort_without_patients_comes_back(tmp_path: Path) -> None:
    cells = pl.DataFrame({"id": ["a"], "path": ["a.png"]})
    save_cohort(Cohort.from_cells("small", Path(), cells, Classes(("a", "b"))), tmp_path / "cohort.parquet")
    assert load_cohort(tmp_path / "cohort.parquet").patients.schema == {"patient": pl.String, "label": pl.String}


def test_marks_and_what_is_known_of_patients_come_back(cohort: Cohort, tmp_path: Path) -> None:
    boxes = pl.DataFrame({"id": ["a", "a"], "label": ["WBC", None], "left": [1.5, 0.0]})
    links = pl.DataFrame({"patient_a": ["1"], "patient_b": ["9"], "pictures": [3], "kind": ["near"], "reason": ["r"]})
    save_cohort(replace(cohort, tables={"boxes": boxes}, patient_links=links), tmp_path / "cohort.parquet")
    back = load_cohort(tmp_path / "cohort.parquet")
    assert list(back.tables) == ["boxes"]
    assert_frame_equal(back.tables["boxes"], boxes)
    assert_frame_equal(back.patient_links, links)


def test_a_moved_folder_can_be_named(cohort: Cohort, tmp_path: Path) -> None:
    save_cohort(cohort, tmp_path / "cohort.parquet")
    assert load_cohort(tmp_path / "cohort.parquet", root=tmp_path).file("a.png") == tmp_path / "a.png"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        load_cohort(tmp_path / "cohort.parquet")
    assert str(raised.value) == f"The cohort's file is missing.\n  where: {tmp_path / 'cohort.parquet'}"


@pytest.mark.parametrize("content", [b"", b"no parquet at all", b"PAR1" * 4])
def test_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cohort.parquet").write_bytes(content)
    with pytest.raises(DataError, match="This is no cohort file"):
        load_cohort(tmp_path / "cohort.parquet")


@pytest.mark.parametrize("head", [None, {"format": 99}])
def test_another_parquet_file_or_a_newer_format(tmp_path: Path, head: dict[str, int] | None) -> None:
    path = tmp_path / "cohort.parquet"
    pl.DataFrame({"id": ["a"]}).write_parquet(path, metadata={KEY: json.dumps(head)} if head else None)
    with pytest.raises(DataError) as raised:
        load_cohort(path)
    assert str(raised.value) == f"This is no cohort file of format 2.\n  where: {path}"
