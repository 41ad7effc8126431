"""The state of torch's random numbers, so that dropout can be drawn a second time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class RandomState:
    """Where torch's generators stand.

    Args:
        processor: The processor's state.
        card: The graphics card's state; None where none is used.
        device: Where is computed.
    """

    processor: Tensor
    card: Tensor | None
    device: torch.device

    @classmethod
    def now(cls, device: torch.device) -> RandomState:
        """Return where the generators of the processor and of ``device`` stand."""
        card = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
        return cls(torch.get_rng_state(), card, device)

    def restore(self) -> None:
        """Set the generators back to here."""
        torch.set_rng_state(self.processor)
        if self.card is not None:
            torch.cuda.set_rng_state(self.card, self.device)
