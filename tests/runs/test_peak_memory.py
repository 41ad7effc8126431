from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from leukoscope.runs import peak_memory
from leukoscope.runs.folder import RunFolder


def test_the_peak_is_told() -> None:
    assert (peak_memory.peak_memory_mb() or 1) > 0


def forgets() -> bool:
    """Return whether this system lets a peak begin anew: Linux does, not in every container."""
    try:
        peak_memory.FORGET.write_text("5", encoding="ascii")
    except OSError:
        return False
    return peak_memory.PEAK.search(peak_memory.STATUS.read_text(encoding="ascii")) is not None


@pytest.mark.skipif(not forgets(), reason="this system forgets no peak")
def test_what_was_held_before_is_forgotten() -> None:
    held = np.ones(40_000_000)  # 305 MiB
    before = peak_memory.peak_memory_mb()
    assert before is not None
    del held
    peak_memory.forget_peak()
    after = peak_memory.peak_memory_mb()
    assert after is not None
    assert after < before - 200


def test_a_system_that_cannot_forget_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak_memory, "FORGET", tmp_path / "none" / "clear_refs")
    peak_memory.forget_peak()
    monkeypatch.setattr(peak_memory, "STATUS", tmp_path / "none")
    assert (peak_memory.peak_memory_mb() or 1) > 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")
def test_a_status_without_the_line_leaves_the_number_to_getrusage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "status").write_text("VmRSS:\t  1024 kB\n", encoding="ascii")
    monkeypatch.setattr(peak_memory, "STATUS", tmp_path / "status")
    found = peak_memory.peak_memory_mb()
    assert found is not None
    assert found > 1


def test_a_stopped_run_keeps_its_peak_where_it_goes_on_with_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path)
    folder.update(status="running")
    held = iter([900.0, 300.0, None])
    monkeypatch.setattr(peak_memory, "peak_memory_mb", lambda: next(held))
    with pytest.raises(KeyboardInterrupt), peak_memory.noting_peak(folder):
        raise KeyboardInterrupt
    for _ in range(2):
        with peak_memory.noting_peak(folder):
            pass
        assert folder.read_record()["peak_memory_mb"] == 900.0
