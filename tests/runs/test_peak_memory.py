from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from leukoscope.runs import peak_memory


def test_the_peak_is_told() -> None:
    assert (peak_memory.peak_memory_mb() or 1) > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone forgets a peak")
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
