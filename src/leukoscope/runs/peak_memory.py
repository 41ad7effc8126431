"""The most memory that a run holds, by itself also where several follow each other in one process."""

from __future__ import annotations

import contextlib
import re
import sys
from pathlib import Path

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
KIB = 1024


def forget_peak() -> None:
    """Let the peak begin anew; where the system cannot, what was held before counts too."""
    # Linux alone can, and not in every container: the peak is then that of the whole process, as elsewhere.
    with contextlib.suppress(OSError):
        FORGET.write_text("5", encoding="ascii")


def peak_memory_mb() -> float | None:
    """Return the most memory held since the last ``forget_peak``, in MiB; None where the system does not tell."""
    if STATUS.is_file():
        found = PEAK.search(STATUS.read_text(encoding="ascii", errors="replace"))
        return None if found is None else round(int(found[1]) / KIB, 1)
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (KIB * KIB if sys.platform == "darwin" else KIB), 1)
