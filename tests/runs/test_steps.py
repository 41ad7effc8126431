from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.runs.folder import RunFolder
from leukoscope.runs.steps import noting_end, timed


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path)
    made.update(status="running", seconds={})
    return made


def test_how_it_ends_is_noted(folder: RunFolder) -> None:
    with noting_end(folder):
        assert folder.read_record()["status"] == "running"
    assert folder.read_record()["status"] == "finished"
    with noting_end(folder, "trained"):
        pass
    assert folder.read_record()["status"] == "trained"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [(KeyboardInterrupt(), "interrupted", None), (ZeroDivisionError("of all things"), "failed", "of all things")],
)
def test_an_error_is_noted_and_goes_on(folder: RunFolder, error: BaseException, status: str, said: str | None) -> None:
    with pytest.raises(type(error)), noting_end(folder):
        raise error
    record = folder.read_record()
    assert (record["status"], record.get("error")) == (status, said)


def test_the_seconds_of_several_sittings_are_added_up(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 12.5, 100.0, 101.0])
    monkeypatch.setattr("leukoscope.runs.steps.time.monotonic", lambda: next(clock))
    for _ in range(2):
        with timed(folder, "training"):
            pass
    assert folder.read_record()["seconds"] == {"training": 3.5}
