"""Keeping freed memory for the next step instead of giving it back to the system after each."""

from __future__ import annotations

import ctypes
import platform

# mallopt's names for its parameters, from glibc's malloc.h.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT = 1 << 30
# The largest that glibc takes.
OWN_MAPPING = 32 << 20


def keep_freed_memory() -> bool:
    """Tell the C library to keep up to 1 GiB of freed memory; return whether it does.

    A training step frees and takes the same few hundred MiB again and again. Given back each time, every page is
    cleared and mapped anew: on two cores a step of ``mobilenetv2_100`` (32 cells, 128 px) took 14.1 ms a cell with a
    third of it in the system, and 9.6 ms with the memory kept; the peak grows by 2 %. It holds for the whole process.
    Only glibc (Linux) is asked; elsewhere nothing is done.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    return bool(libc.mallopt(TRIM_THRESHOLD, KEPT)) and bool(libc.mallopt(MMAP_THRESHOLD, OWN_MAPPING))
