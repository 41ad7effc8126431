"""Where to compute, pixels on their way there, and computing the same bits each time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from leukoscope.errors import SettingsError


def choose_device(name: str | torch.device = "auto") -> torch.device:
    """Return the device of a name.

    Args:
        name: ``auto`` (the graphics card where there is one, else the processor), ``cpu``, ``cuda`` or ``cuda:1``.

    Raises:
        SettingsError: an unknown name, or a device that this machine does not have.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    if str(name) == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise SettingsError(f"There is no device {str(name)!r}.", do="Take auto, cpu, cuda or cuda:1.") from None
    if device.type not in {"cpu", "cuda"}:
        raise SettingsError(f"Devices of the kind {device.type!r} are not supported.", do="Take auto, cpu or cuda.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SettingsError(f"This machine has no device {str(name)!r}.", do="Take --device cpu.")
    return device


def as_input(pixels: np.ndarray, device: torch.device) -> Tensor:
    """Return pictures as a network takes them.

    The channels come last in memory, which is how the pictures lie there anyway, and with which small networks train a
    third faster on a processor.

    Args:
        pixels: (n, h, w, 3) uint8, RGB.
        device: Where to.

    Returns:
        (n, 3, h, w) float32, 0 to 1, on the device.
    """
    stored = torch.from_numpy(np.ascontiguousarray(pixels))
    if device.type == "cuda":
        stored = stored.pin_memory().to(device, non_blocking=True)
    return stored.permute(0, 3, 1, 2).float().div_(255)


@contextlib.contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """Let PyTorch take only ways of computing that give the same bits each time.

    On a processor equal bits need the same number of threads (``torch.get_num_threads``) and the same build of
    PyTorch; on a graphics card also the same model of card. Where a network has an operation without such a way,
    PyTorch warns and computes it nevertheless. Cards compute in whole float32, not in TF32. Settings are put back on
    leaving.
    """
    if device.type == "cuda":
        # cuBLAS reads this once, when it starts; without it matrix products are refused or differ.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    enabled, warn = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    memory: Any = torch.utils.deterministic
    fill = memory.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling fresh memory only helps code that reads what it never wrote, and costs a tenth of the time.
    memory.fill_uninitialized_memory = False
    try:
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.use_deterministic_algorithms(enabled, warn_only=warn)
        memory.fill_uninitialized_memory = fill
