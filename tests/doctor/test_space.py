from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from leukoscope.doctor import space
from leukoscope.doctor.space import ask_disk, ask_memory, disk_row, memory

GIB = 2**30


def test_memory_is_what_the_system_says_and_no_more_than_the_container_grants(tmp_path: Path) -> None:
    info, granted = tmp_path / "meminfo", tmp_path / "memory.max"
    info.write_text("MemTotal:       8388608 kB\nMemFree: 1 kB\nMemAvailable:   4194304 kB\n", encoding="utf-8")
    assert memory(info, granted) == (8 * GIB, 4 * GIB)
    granted.write_text("max\n", encoding="utf-8")
    assert memory(info, granted) == (8 * GIB, 4 * GIB)
    granted.write_text(f"{2 * GIB}\n", encoding="utf-8")
    assert memory(info, granted) == (2 * GIB, 2 * GIB)


def test_without_linux_s_account_the_system_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    total, free = memory(tmp_path / "no", tmp_path / "no")
    assert total == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert free is None
    monkeypatch.setattr(os, "sysconf_names", {})
    assert memory(tmp_path / "no", tmp_path / "no") == (None, None)


@pytest.mark.parametrize(
    ("found", "value", "verdict"),
    [
        ((16 * GIB, 8 * GIB), "16.0 GiB, 8.0 GiB free", "ok"),
        ((16 * GIB, GIB), "16.0 GiB, 1.0 GiB free", "note"),
        ((16 * GIB, None), "16.0 GiB", "ok"),
        ((None, None), "unknown", "ok"),
    ],
)
def test_little_memory_is_a_note(
    monkeypatch: pytest.MonkeyPatch, found: tuple[int | None, int | None], value: str, verdict: str
) -> None:
    monkeypatch.setattr(space, "memory", lambda: found)
    (row,) = ask_memory()
    assert (row.value, row.verdict) == (value, verdict)


def test_the_disk_of_a_place_that_is_not_there_is_that_of_the_folder_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def usage(path: Path) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(free=50 * GIB)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    row = disk_row("cache", tmp_path / "not" / "yet")
    assert (asked, row.verdict) == ([tmp_path], "ok")
    assert row.value == f"50 GiB free in {tmp_path / 'not' / 'yet'}"


def test_a_full_disk_and_one_that_can_t_be_written_are_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=GIB))
    assert disk_row("here", tmp_path).do == "Free some space: a store of framed pictures takes gigabytes."
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert disk_row("here", tmp_path).value == f"{tmp_path} can't be written"


def test_three_places_are_looked_at() -> None:
    assert [row.name for row in ask_disk()] == ["working folder", "temporary files", "cache of weights"]
