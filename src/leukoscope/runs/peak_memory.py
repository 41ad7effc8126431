"""The most memory that a run holds, without the peaks of those before it in the same process."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from leukoscope.runs.folder import RunFolder

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
KIB = 1024


def forget_peak() -> None:
    """Let the peak begin anew, at what is held now; where the system cannot, what was held before counts too."""
    # Linux alone can, and not in every container: the peak is then that of the whole process, as elsewhere.
    with contextlib.suppress(OSError):
        FORGET.write_text("5", encoding="ascii")


def peak_memory_mb() -> float | None:
    """Return the most memory held since the last ``forget_peak``, in MiB; None where the system does not tell."""
    # Some kernels and sandboxes have the file without the line.
    found = PEAK.search(STATUS.read_text(encoding="ascii", errors="replace")) if STATUS.is_file() else None
    if found is not None:
        return round(int(found[1]) / KIB, 1)
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (KIB * KIB if sys.platform == "darwin" else KIB), 1)


@contextlib.contextmanager
def noting_peak(folder: RunFolder) -> Iterator[None]:
    """Note in the record the most memory held, however what is done here ends.

    A run that was stopped is gone on with in another process, which need not hold as much: the larger number stays.

    Args:
        folder: The run's folder.
    """
    try:
        yield
    finally:
        known = [folder.read_record().get("peak_memory_mb"), peak_memory_mb()]
        folder.update(peak_memory_mb=max((value for value in known if value is not None), default=None))
