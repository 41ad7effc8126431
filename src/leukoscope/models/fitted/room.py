"""Tensors whose lengths are known only after a fit: room for them, and what is put there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy.typing as npt
import torch
from torch import nn

Shapes = Mapping[str, Sequence[int]]
Module = TypeVar("Module", bound=nn.Module)


def numbers(*shape: int, value: float = 0.0) -> nn.Parameter:
    """Return room for numbers that a fit gives and no step of training changes.

    Args:
        shape: Of the numbers.
        value: What stands there until the fit's are put in.

    Returns:
        A float64 parameter without gradient, so that it stands among a module's stored tensors.
    """
    return nn.Parameter(torch.full(shape, value, dtype=torch.float64), requires_grad=False)


def places(*shape: int) -> torch.Tensor:
    """Return room for whole numbers, zeros of this shape, int32; to be registered as a buffer."""
    return torch.zeros(shape, dtype=torch.int32)


def filled(module: Module, values: Mapping[str, npt.NDArray[Any]]) -> Module:
    """Put a fit's numbers into the room that a module has for them.

    Args:
        module: Changed in place.
        values: All of its tensors by name, each of the shape of its room; numbers of another kind are converted.

    Returns:
        The same module.

    Raises:
        RuntimeError: a tensor is missing or has no room, or a shape is another.
    """
    module.load_state_dict({name: torch.from_numpy(value) for name, value in values.items()})
    return module


def length_of(shapes: Shapes, name: str) -> int:
    """Return the first length of a stored tensor; 1 where it is not there, which is told as a misfit later."""
    return next(iter(shapes.get(name, ())), 1)


def shapes_within(shapes: Shapes, name: str) -> dict[str, Sequence[int]]:
    """Return the shapes of what lies in a module of that name, without the name."""
    return {each.removeprefix(f"{name}."): shape for each, shape in shapes.items() if each.startswith(f"{name}.")}
