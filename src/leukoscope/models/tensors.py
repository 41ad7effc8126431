"""Reading tensors from a file of weights. Nothing in a file is ever executed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from leukoscope.errors import WeightsError

SAFETENSORS = ".safetensors"
TORCH_ENDINGS = (".pth", ".pt", ".bin")
ENDINGS = (SAFETENSORS, *TORCH_ENDINGS)
TEACHER, OF_TEACHER = "teacher", "backbone."


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read all tensors of a file of weights.

    Args:
        path: A safetensors file, or a state dict that torch saved (``.pth``, ``.pt``, ``.bin``), also one level down
            under ``state_dict``, or as DINOv2's training saves it: the backbone of its ``teacher``. What torch saved
            is read with ``weights_only``: code in it is refused, not run.

    Returns:
        Name to tensor, in the types they are stored in.

    Raises:
        WeightsError: the file is of another kind, damaged, or holds more than tensors.
    """
    if path.suffix not in ENDINGS:
        raise WeightsError(f"Weights must end in one of: {', '.join(ENDINGS)}.", where=str(path))
    try:
        stored: Any = load_file(path) if path.suffix == SAFETENSORS else torch.load(path, weights_only=True)
    except Exception as error:  # what torch's reader meets in a damaged file it raises as it comes
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise WeightsError(
            f"These weights can't be read: {reason}.", where=str(path), do="Fetch the file anew."
        ) from None
    if isinstance(stored, dict) and isinstance(stored.get("state_dict"), dict):
        stored = stored["state_dict"]
    if isinstance(stored, dict) and isinstance(stored.get(TEACHER), dict):
        teacher: dict[str, Any] = stored[TEACHER]
        stored = {name.removeprefix(OF_TEACHER): value for name, value in teacher.items() if OF_TEACHER in name}
    if not isinstance(stored, dict) or not all(isinstance(value, Tensor) for value in stored.values()):
        raise WeightsError("The file holds more than named tensors.", where=str(path), do="Save a state dict alone.")
    return stored
