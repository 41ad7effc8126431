"""Memory, and free disk where Leukoscope writes."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from leukoscope.doctor.requirements import version_of
from leukoscope.doctor.row import Row

TOPIC = "space"
MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup/memory.max")
GIBIBYTE = 2**30
LITTLE_MEMORY = 4 * GIBIBYTE
LITTLE_DISK = 5 * GIBIBYTE


def ask_memory() -> list[Row]:
    """Return how much memory there is, and how much of it is free."""
    total, free = memory()
    facts = {"bytes": total, "free_bytes": free}
    if total is None:
        return [Row(TOPIC, "memory", "unknown", facts=facts)]
    value = f"{total / GIBIBYTE:.1f} GiB" + ("" if free is None else f", {free / GIBIBYTE:.1f} GiB free")
    if (total if free is None else free) < LITTLE_MEMORY:
        do = "Close other programs, or take smaller batches: --set stages.0.batch=8"
        return [Row(TOPIC, "memory", value, "note", do, facts)]
    return [Row(TOPIC, "memory", value, facts=facts)]


def memory(meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> tuple[int | None, int | None]:
    """Return the memory and the free part of it, in bytes; None for what can't be asked.

    Args:
        meminfo: Linux's own account.
        cgroup: What a container is granted.
    """
    total, free = _from_linux(meminfo) if meminfo.is_file() else _from_system()
    granted = cgroup.read_text(encoding="utf-8").strip() if cgroup.is_file() else ""
    if granted.isdigit() and total is not None:
        total = min(total, int(granted))
        free = None if free is None else min(free, total)
    return total, free


def _from_linux(meminfo: Path) -> tuple[int | None, int | None]:
    lines = (line.partition(":") for line in meminfo.read_text(encoding="utf-8").splitlines())
    found = {name: int(value.split()[0]) * 1024 for name, _, value in lines if value.split()}
    return found.get("MemTotal"), found.get("MemAvailable")


def _from_system() -> tuple[int | None, int | None]:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names or "SC_PAGE_SIZE" not in names:
        return None, None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), None


def ask_disk() -> list[Row]:
    """Return the free disk of the working folder, the folder for temporary files, and the cache of weights."""
    places = {"working folder": Path.cwd(), "temporary files": Path(tempfile.gettempdir())}
    if version_of("huggingface-hub") is not None:
        from huggingface_hub import constants  # noqa: PLC0415 - takes a while, and may be missing

        places["cache of weights"] = Path(constants.HF_HUB_CACHE)
    return [disk_row(name, place) for name, place in places.items()]


def disk_row(name: str, place: Path) -> Row:
    """Return the free disk at a place; of one that is not there yet, at the nearest folder above it."""
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    value, facts = f"{free / GIBIBYTE:.0f} GiB free in {place}", {"path": str(place), "free_bytes": free}
    if not os.access(there, os.W_OK):
        return Row(TOPIC, name, f"{place} can't be written", "note", "Work in another folder.", facts)
    if free < LITTLE_DISK:
        return Row(TOPIC, name, value, "note", "Free some space: a store of framed pictures takes gigabytes.", facts)
    return Row(TOPIC, name, value, facts=facts)
