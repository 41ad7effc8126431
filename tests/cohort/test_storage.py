from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.storage import KEY, load_cohort, refuse_other_ending, save_cohort
from leukoscope.errors import DataError, SettingsError


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


DAMAGED = "\n  what to do: Make it again, or copy it again."


@pytest.mark.parametrize("content", [b"", b"no parquet at all", b"PAR1" * 4])
def test_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cohort.parquet").write_bytes(content)
    with pytest.raises(DataError) as raised:
        load_cohort(tmp_path / "cohort.parquet")
    assert str(raised.value).startswith("This cohort file is damaged: ")
    assert str(raised.value).endswith(f".\n  where: {tmp_path / 'cohort.parquet'}{DAMAGED}")


def test_a_file_whose_rows_are_damaged(cohort: Cohort, tmp_path: Path) -> None:
    path = tmp_path / "cohort.parquet"
    save_cohort(cohort, path)
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56  # the rows stand before the metadata
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"^This cohort file is damaged: "):
        load_cohort(path)


def write_head(path: Path, head: str) -> None:
    pl.DataFrame({"id": ["a"]}).write_parquet(path, metadata={KEY: head})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": ...}, "'name' is not in it"),
        ({"patients": "no table"}, None),
        ({"notes": None}, "'NoneType' object is not iterable"),
        ({"tables": []}, "'list' object has no attribute 'items'"),
    ],
)
def test_damaged_metadata(cohort: Cohort, tmp_path: Path, change: dict[str, Any], why: str | None) -> None:
    path = tmp_path / "cohort.parquet"
    save_cohort(cohort, path)
    head = {**json.loads(pl.read_parquet_metadata(path)[KEY]), **change}
    write_head(path, json.dumps({name: value for name, value in head.items() if value is not ...}))
    with pytest.raises(DataError) as raised:
        load_cohort(path)
    assert str(raised.value).startswith(f"This cohort file is damaged: {f'{why}.' if why else ''}")
    assert str(raised.value).endswith(DAMAGED)


@pytest.mark.parametrize("head", ["{", "[]", "{}"])
def test_metadata_that_is_no_description_of_a_cohort(tmp_path: Path, head: str) -> None:
    write_head(tmp_path / "cohort.parquet", head)
    with pytest.raises(DataError, match=r"^This cohort file is damaged: "):
        load_cohort(tmp_path / "cohort.parquet")


def test_another_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "cohort.parquet"
    pl.DataFrame({"id": ["a"]}).write_parquet(path)
    with pytest.raises(DataError) as raised:
        load_cohort(path)
    assert str(raised.value) == (
        f"This is no cohort file.\n  where: {path}\n"
        "  what to do: Name the parquet file that merge or a run (cohort.parquet) wrote."
    )


def test_another_format(tmp_path: Path) -> None:
    path = tmp_path / "cohort.parquet"
    write_head(path, json.dumps({"format": 99}))
    with pytest.raises(DataError) as raised:
        load_cohort(path)
    assert str(raised.value) == (
        f"This cohort file is of format 99, and this version reads format 2.\n  where: {path}\n"
        "  what to do: Read the data set again."
    )


def test_how_a_reader_was_recognised_is_not_kept(cohort: Cohort, tmp_path: Path) -> None:
    notes = ("Read by the reader 'cnmc', recognised by its layout.", "Kept.", "pbc: One junk file.")
    older = "pbc: Read by the reader 'saved', recognised by its layout."
    save_cohort(replace(cohort, notes=(*notes, older)), tmp_path / "cohort.parquet")
    assert load_cohort(tmp_path / "cohort.parquet").notes == notes[1:]


def test_only_parquet_is_a_cohort_s_ending() -> None:
    refuse_other_ending(Path("a.PARQUET"))
    with pytest.raises(SettingsError) as raised:
        refuse_other_ending(Path("sets/merged"))
    assert str(raised.value) == (
        "A cohort's file must end in .parquet.\n  where: sets/merged\n  what to do: Name it merged.parquet."
    )
