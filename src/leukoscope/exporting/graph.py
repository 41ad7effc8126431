"""What is exported: a module of tensor operations alone, with named inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

Feed = dict[str, Tensor]
"""What a graph is given, by the names of its inputs."""


@dataclass(frozen=True)
class Input:
    """One input of a graph.

    Args:
        name: Its name.
        kind: Its type.
        shape: Its axes: a number, or the name of a length that may be any from 1 on.
        meaning: What it is, for whoever writes a client.
    """

    name: str
    kind: Literal["uint8", "float32"]
    shape: tuple[int | str, ...]
    meaning: str


@dataclass(frozen=True)
class Output:
    """One output of a graph, of float32; the arguments as of ``Input``."""

    name: str
    shape: tuple[int | str, ...]
    meaning: str


@dataclass(frozen=True, eq=False)
class Graph:
    """A module that can become a graph.

    Args:
        module: It takes the inputs in their order, and gives the outputs in theirs, as a tuple.
        inputs: The inputs.
        outputs: The outputs.
        framing_inside: Whether pictures of any size are taken as they are.
    """

    module: nn.Module
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    framing_inside: bool

    def examples(self) -> tuple[Tensor, ...]:
        """Return values for each input that a graph can be made with: every length that may be any is another."""
        lengths: dict[str, int] = {}
        found = []
        for one in self.inputs:
            shape = [
                lengths.setdefault(side, 3 + 2 * len(lengths)) if isinstance(side, str) else side for side in one.shape
            ]
            given = torch.full(shape, 7.0)
            found.append(given.to(torch.uint8) if one.kind == "uint8" else given)
        return tuple(found)
