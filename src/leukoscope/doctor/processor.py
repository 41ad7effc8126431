"""What the processor can do, and how much of it may be used. Nothing is assumed: what can't be asked is unknown."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from leukoscope.doctor.row import Row
from leukoscope.errors import counted

TOPIC = "processor"
CPUINFO = Path("/proc/cpuinfo")
CGROUP = Path("/sys/fs/cgroup/cpu.max")
# An ability to the flags of Linux's /proc/cpuinfo that mean it; ARM processors have bf16 under that name.
FLAGS = {
    "AVX2": ("avx2",),
    "AVX-512": ("avx512f",),
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "bf16": ("avx512_bf16", "amx_bf16", "bf16"),
    "AMX": ("amx_tile",),
}
# The same in torch.cpu.get_capabilities(), which asks the processor itself (x86 and ARM, any system).
TORCH_NAMES = {
    "AVX2": ("avx2",),
    "AVX-512": ("avx512_f",),
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "bf16": ("avx512_bf16", "amx_bf16", "bf16"),
    "AMX": ("amx_tile",),
}

Abilities = dict[str, bool | None]


def ask_processor() -> list[Row]:
    """Return the processor's name, what it can do, and how many cores and threads are used."""
    abilities = _abilities()
    return [Row(TOPIC, "model", _model(), facts={"model": _model()}), _abilities_row(abilities), _cores()]


def _abilities() -> Abilities:
    flags = linux_flags(CPUINFO)
    return abilities_of(flags) if flags else torch_abilities()


def linux_flags(cpuinfo: Path) -> set[str]:
    """Return the flags of the first processor in Linux's ``/proc/cpuinfo``; empty where there is none."""
    if not cpuinfo.is_file():
        return set()
    for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, values = line.partition(":")
        if name.strip() in {"flags", "Features"}:
            return set(values.split())
    return set()


def abilities_of(flags: set[str]) -> Abilities:
    """Return each ability with whether its flags are there.

    Example:
        >>> abilities_of({"avx2", "avx_vnni"})
        {'AVX2': True, 'AVX-512': False, 'VNNI': True, 'bf16': False, 'AMX': False}
    """
    return {name: bool(flags & set(meanings)) for name, meanings in FLAGS.items()}


def torch_abilities() -> Abilities:
    """Return what torch says of the processor; None for what it does not say."""
    try:
        import torch  # noqa: PLC0415 - only where the system can't be asked
    except (ImportError, OSError, RuntimeError):
        return dict.fromkeys(FLAGS)
    ask = getattr(torch.cpu, "get_capabilities", None)
    said = ask() if ask is not None else {}
    return {
        name: any(said[key] for key in keys if key in said) if any(key in said for key in keys) else None
        for name, keys in TORCH_NAMES.items()
    }


def _abilities_row(abilities: Abilities) -> Row:
    groups = {
        "": [name for name, able in abilities.items() if able],
        "not ": [name for name, able in abilities.items() if able is False],
        "unknown: ": [name for name, able in abilities.items() if able is None],
    }
    value = "; ".join(before + ", ".join(names) for before, names in groups.items() if names)
    return Row(TOPIC, "abilities", value, facts=dict(abilities))


def _model() -> str:
    if CPUINFO.is_file():
        for line in CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine() or "unknown"


def _cores() -> Row:
    there, usable, threads = os.cpu_count() or 1, usable_cores(), _threads()
    facts = {"cores": there, "usable": usable, "threads": threads, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS")}
    computes = "unknown threads" if threads is None else counted(threads, "thread")
    value = f"{usable} of {there} may be used; torch computes with {computes}"
    if threads is not None and threads < usable:
        do = "Training will be slower than it could be: unset OMP_NUM_THREADS, if that is not intended."
        return Row(TOPIC, "cores", value, "note", do, facts)
    if threads is not None and threads > usable:
        do = f"More threads than cores hinder each other: export OMP_NUM_THREADS={usable}"
        return Row(TOPIC, "cores", value, "note", do, facts)
    return Row(TOPIC, "cores", value, facts=facts)


def usable_cores(cgroup: Path = CGROUP) -> int:
    """Return how many cores this process may use: those it is bound to, and no more than its container is granted."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cgroup.is_file():
        quota, period = (*cgroup.read_text(encoding="utf-8").split(), "0")[:2]
        if quota.isdigit() and period.isdigit() and int(period):
            return max(1, min(bound, int(quota) // int(period)))
    return bound


def _threads() -> int | None:
    try:
        import torch  # noqa: PLC0415 - it may be missing
    except (ImportError, OSError, RuntimeError):
        return None
    return torch.get_num_threads()
