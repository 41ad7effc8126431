from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from leukoscope.doctor import processor
from leukoscope.doctor.processor import abilities_of, ask_processor, linux_flags, torch_abilities, usable_cores


def test_flags_are_those_of_the_first_processor(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("processor : 0\nflags\t\t: fpu avx2 amx_tile\n\nprocessor : 1\nflags\t\t: fpu\n", encoding="utf-8")
    assert linux_flags(info) == {"fpu", "avx2", "amx_tile"}
    info.write_text("processor : 0\nFeatures : fp asimd bf16\n", encoding="utf-8")
    assert linux_flags(info) == {"fp", "asimd", "bf16"}
    assert linux_flags(tmp_path / "nowhere") == set()


def test_abilities_follow_from_flags() -> None:
    assert abilities_of({"avx512_vnni", "amx_bf16"}) == {
        "AVX2": False, "AVX-512": False, "VNNI": True, "bf16": True, "AMX": False,
    }  # fmt: skip


@pytest.mark.skipif(not linux_flags(processor.CPUINFO), reason="this system has no /proc/cpuinfo")
def test_torch_and_the_system_agree_on_this_processor() -> None:
    said = torch_abilities()
    assert {
        name: able for name, able in abilities_of(linux_flags(processor.CPUINFO)).items() if said[name] is not None
    } == {name: able for name, able in said.items() if able is not None}


def test_what_can_t_be_asked_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "CPUINFO", Path("/nowhere/cpuinfo"))
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, "avx512_f": False})
    row = next(row for row in ask_processor() if row.name == "abilities")
    assert row.value == "AVX2; not AVX-512; unknown: VNNI, bf16, AMX"
    assert row.facts["AMX"] is None
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert set(torch_abilities().values()) == {None}


@pytest.mark.parametrize(("quota", "cores"), [("max 100000", 8), ("200000 100000", 2), ("50000 100000", 1), ("max", 8)])
def test_a_container_s_grant_limits_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    (tmp_path / "cpu.max").write_text(f"{quota}\n", encoding="utf-8")
    assert usable_cores(tmp_path / "cpu.max") == cores


@pytest.mark.parametrize(
    ("threads", "said", "verdict", "do"),
    [
        (4, "4 threads", "ok", None),
        (1, "1 thread", "note", "unset OMP_NUM_THREADS"),
        (9, "9 threads", "note", "=4"),
    ],
)
def test_threads_are_compared_with_cores(
    monkeypatch: pytest.MonkeyPatch, threads: int, said: str, verdict: str, do: str | None
) -> None:
    monkeypatch.setattr(processor, "usable_cores", lambda: 4)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    row = next(row for row in ask_processor() if row.name == "cores")
    assert row.verdict == verdict
    assert row.value.endswith(f"may be used; torch computes with {said}")
    assert row.do is None if do is None else do in (row.do or "")
