"""Checkpoints: everything that a training needs to go on as if it had never stopped; no pickle."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from leukoscope.errors import LeukoscopeError
from leukoscope.files import remove, write_json

FORMAT = 1
WEIGHTS, OPTIMISER, AVERAGE = "weights.safetensors", "optimizer.safetensors", "average.safetensors"
STATE = "state.json"
Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Checkpoint:
    """A training between two epochs, or what its best epoch left.

    Args:
        weights: The network's weights and buffers.
        state: JSON values: the history and whatever else goes with it.
        optimiser: The optimiser's tensors, as ``optimiser_state`` returns them; None where they are not kept.
        average: The moving average of the weights; None where there is none.
    """

    weights: Tensors
    state: dict[str, Any]
    optimiser: Tensors | None = None
    average: Tensors | None = None


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint as a folder, whole or not at all; until it is whole the one before stays.

    Args:
        folder: ``checkpoints/last`` or ``checkpoints/best``.
        checkpoint: What to keep.
    """
    fresh, former = _beside(folder)
    remove(fresh)
    fresh.mkdir(parents=True)
    tensors = {WEIGHTS: checkpoint.weights, OPTIMISER: checkpoint.optimiser, AVERAGE: checkpoint.average}
    kept = {name: values for name, values in tensors.items() if values is not None}
    for name, values in kept.items():
        _write_tensors(fresh / name, values)
    # The state comes last: a folder that has it has everything.
    write_json(fresh / STATE, {"format": FORMAT, "files": list(kept), **checkpoint.state})
    remove(former)
    if folder.exists():
        folder.rename(former)
    fresh.rename(folder)
    remove(former)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """Read a checkpoint that ``save_checkpoint`` wrote, also where the next one's writing was cut off.

    Returns:
        The checkpoint; None where there is none yet.

    Raises:
        LeukoscopeError: it is damaged, or of another version.
    """
    _mend(folder)
    if not folder.exists():
        return None
    state = _read_state(folder / STATE)
    tensors = {name: _read_tensors(folder / name) for name in state.pop("files")}
    return Checkpoint(tensors[WEIGHTS], state, tensors.get(OPTIMISER), tensors.get(AVERAGE))


def load_weights(model: nn.Module, tensors: Tensors) -> None:
    """Give a network the weights of a checkpoint.

    Raises:
        LeukoscopeError: they are another network's.
    """
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise LeukoscopeError(
            f"The checkpoint's weights do not fit the network: {_second_line(error)}",
            do="Start the training anew in another folder.",
        ) from None


def weights_of(model: nn.Module) -> Tensors:
    """Return copies of a network's weights and buffers, on the processor and contiguous, ready to be written."""
    return {name: value.detach().cpu().contiguous().clone() for name, value in model.state_dict().items()}


def _beside(folder: Path) -> tuple[Path, Path]:
    return folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")


def _mend(folder: Path) -> None:
    """Finish or undo a writing that was cut off: between the two renames the new folder is whole, before not."""
    fresh, former = _beside(folder)
    if not folder.exists() and (fresh / STATE).is_file():
        fresh.rename(folder)
    if not folder.exists() and former.exists():
        former.rename(folder)
    remove(fresh)
    remove(former)


def _write_tensors(path: Path, tensors: Tensors) -> None:
    save_file(tensors, path)
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def _read_tensors(path: Path) -> Tensors:
    try:
        tensors: Tensors = load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise _damaged(path, str(error)) from None
    return tensors


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from None
    if state.pop("format", None) != FORMAT:
        raise LeukoscopeError(
            "This checkpoint was written by another version of Leukoscope.",
            where=str(path),
            do="Go on with that version, or start the training anew in another folder.",
        )
    return state


def _damaged(path: Path, reason: str) -> LeukoscopeError:
    return LeukoscopeError(
        f"The checkpoint is damaged: {reason}.", where=str(path), do="Start the training anew in another folder."
    )


def _second_line(error: RuntimeError) -> str:
    # PyTorch's first line only names the class.
    return " ".join(str(error).split("\n")[1:2]).strip() or str(error)
