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
    """Return room for numbers that a fit gives and no step of training changes, float64."""
    return nn.Parameter(torch.full(shape, value, dtype=torch.float64), requires_grad=False)


def places(*shape: int) -> torch.Tensor:
    """Return room for whole numbers, int32."""
    return torch.zeros(shape, dtype=torch.int32)


def filled(module: Module, values: Mapping[str, npt.NDArray[Any]]) -> Module:
    """Put a fit's numbers into the room that a module has for them, each of its tensors, and return the module."""
    module.load_state_dict({name: torch.from_numpy(value) for name, value in values.items()})
    return module


def length_of(shapes: Shapes, name: str) -> int:
    """Return the first length of a stored tensor; 1 where it is not there, which is told as a misfit later."""
    return next(iter(shapes.get(name, ())), 1)


def shapes_within(shapes: Shapes, name: str) -> dict[str, Sequence[int]]:
    """Return the shapes of what lies in a module of that name, without the name."""
    return {each.removeprefix(f"{name}."): shape for each, shape in shapes.items() if each.startswith(f"{name}.")}
