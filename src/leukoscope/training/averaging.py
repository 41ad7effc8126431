"""An exponential moving average of a network's weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class WeightAverage:
    """A smoothed copy of the weights, which is what is evaluated and kept (Polyak & Juditsky 1992, exponential form).

    After each step: average = decay x average + (1 - decay) x weights. Batch-norm statistics are averaged alike;
    whole numbers are copied. It starts from the weights that the stage starts from.

    Args:
        model: The network that is trained.
        decay: 0 to 1, exclusive; the average reaches back over about 1 / (1 - decay) steps.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.tensors: dict[str, Tensor] = {name: value.detach().clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, prefix: str = "") -> None:
        """Take in the weights after a step.

        Args:
            model: The network, or the only part of it that the step changed: an average of what stays is what it was.
            prefix: What stands before the part's names in the network: ``head.``.
        """
        for name, value in model.state_dict(prefix=prefix).items():
            if value.is_floating_point():
                self.tensors[name].lerp_(value, 1 - self.decay)
            else:
                self.tensors[name].copy_(value)

    def copies(self) -> dict[str, Tensor]:
        """Return the averages on the processor, contiguous, ready to be written."""
        return {name: value.cpu().contiguous().clone() for name, value in self.tensors.items()}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take up the average that a checkpoint kept."""
        for name, value in tensors.items():
            self.tensors[name].copy_(value)

    @contextlib.contextmanager
    def applied(self, model: nn.Module) -> Iterator[None]:
        """Let the network have the averaged weights for a while."""
        own = {name: value.detach().clone() for name, value in model.state_dict().items()}
        model.load_state_dict(self.tensors)
        try:
            yield
        finally:
            model.load_state_dict(own)


@contextlib.contextmanager
def evaluated_weights(model: nn.Module, average: WeightAverage | None) -> Iterator[None]:
    """Let the network have the weights that are evaluated: the averaged ones where there is an average."""
    if average is None:
        yield
        return
    with average.applied(model):
        yield
