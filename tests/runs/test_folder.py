from __future__ import annotations

import re
from pathlib import Path

import pytest

from leukoscope.errors import DataError, SettingsError
from leukoscope.runs.folder import RunFolder, now, start_folder, versions


def test_the_record_merges_one_level_deep(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.update(status="running", seconds={"a": 1})
    folder.update(seconds={"b": 2})
    assert folder.read_record() == {"format": 1, "status": "running", "seconds": {"a": 1, "b": 2}}


def test_a_folder_without_a_run_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        RunFolder(tmp_path).read_record()
    assert str(caught.value) == (
        f"This folder holds no run.\n  where: {tmp_path}\n  what to do: Name the --out of an earlier train."
    )


def test_a_record_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(DataError, match=r"This run's record is not of format 1\."):
        RunFolder(tmp_path).read_record()


@pytest.mark.parametrize(
    ("status", "way"),
    [
        ("finished", "Name another --out."),
        ("running", "Add --resume to go on with it, or name another --out."),
        ("interrupted", "Add --resume to go on with it, or name another --out."),
    ],
)
def test_a_run_is_not_started_over(tmp_path: Path, status: str, way: str) -> None:
    folder = RunFolder(tmp_path)
    folder.update(status=status)
    folder.cohort.touch()
    with pytest.raises(SettingsError) as caught:
        start_folder(folder)
    assert str(caught.value) == (
        f"This folder already holds a run (status: {status}).\n  where: {tmp_path}\n  what to do: {way}"
    )


def test_a_failed_run_is_cleared_but_for_what_is_costly_to_make_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.update(status="failed")
    (tmp_path / "pixels").mkdir()
    (tmp_path / "checkpoints").mkdir()
    start_folder(folder)
    assert [entry.name for entry in tmp_path.iterdir()] == ["pixels"]


def test_a_run_that_was_stopped_before_it_had_begun_is_started_over(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.update(status="running")
    start_folder(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_new_or_empty_folder_is_fine(tmp_path: Path) -> None:
    start_folder(RunFolder(tmp_path))
    start_folder(RunFolder(tmp_path / "new"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_or_a_strangers_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for path in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(SettingsError, match=r"This folder is not empty, and holds no run\."):
            start_folder(RunFolder(path))
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_versions_and_time_are_told() -> None:
    assert {"python", "leukoscope", "torch", "timm"} <= set(versions())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", now())
