"""What a network is tried on: random pictures, and for patients bags of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from leukoscope.models.bags import Bags
from leukoscope.models.cell_model import CellModel
from leukoscope.models.network import Network
from leukoscope.models.patient_model import PatientModel
from leukoscope.randomness import integer
from leukoscope.testing.aggregator_checks.example import told
from leukoscope.testing.contract import require

CELLS = 5
BAGS = (3, 1, 2)
CLOSE = 1e-4
"""How far apart rounding may bring logits, absolutely and relatively: other batches are summed in another order."""

Make = Callable[[int], Network]
"""Of a seed."""


@dataclass(frozen=True)
class Example:
    """A network to be tried.

    Args:
        make: Makes it, anew each time.
        outputs: Number of its logits.
        size: Height and width in px of the pictures that it takes.
    """

    make: Make
    outputs: int
    size: tuple[int, int]

    def made(self, seed: int = 0) -> Network:
        """Return a new one in evaluation mode, its running statistics moved off where they start.

        Raises:
            AssertionError: it cannot be made, or is no network of ours.
        """
        made = told(lambda: self.make(seed), f"Making a network of seed {seed}")
        require(
            isinstance(made, CellModel | PatientModel),
            f"A network is a CellModel or a PatientModel; this one is of the class {type(made).__name__}.",
        )
        generator = torch.Generator().manual_seed(integer(seed, "statistics"))
        for name, buffer in made.named_buffers():
            if name.endswith("running_mean"):
                buffer.add_(0.1 * torch.randn(buffer.shape, generator=generator))
        return made.eval()

    def pixels(self, cells: int = CELLS) -> Tensor:
        """Return random pictures, (n, 3, h, w) float32 in 0 to 1, no two alike."""
        generator = torch.Generator().manual_seed(integer(0, "pixels"))
        return torch.rand(cells, 3, *self.size, generator=generator)

    def bags(self) -> tuple[list[Tensor], list[Tensor | None]]:
        """Return the pictures of some patients, and their facts (each (f,), or None where no facts count)."""
        pixels, generator = self.pixels(sum(BAGS)), torch.Generator().manual_seed(integer(0, "facts"))
        facts = getattr(self.made(), "facts", 0)
        rows = torch.randn(len(BAGS), facts, generator=generator)
        return list(torch.split(pixels, list(BAGS))), [row if facts else None for row in rows]

    def said(self, model: Network, pixels: Tensor) -> Tensor:
        """Return what a network of cells says of pictures, (n, outputs)."""
        with torch.inference_mode():
            said: Tensor = told(lambda: model(pixels), f"Asking it of {len(pixels)} pictures in evaluation mode")
        return said

    def said_of(self, model: Network, bags: Sequence[Tensor], facts: Sequence[Tensor | None]) -> Tensor:
        """Return what a network of patients says of bags, (b, outputs)."""
        sizes = Bags(torch.tensor([len(bag) for bag in bags]))
        known = [fact for fact in facts if fact is not None]
        table = torch.stack(known) if known else None
        with torch.inference_mode():
            said: Tensor = told(
                lambda: model(torch.cat(list(bags)), sizes, table), f"Asking it of bags of {[len(bag) for bag in bags]}"
            )
        return said
