"""What a network is tried on: random pictures, and for patients bags of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from leukoscope.models.bags import Bags
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead
from leukoscope.models.network import Network, cells_of
from leukoscope.models.patient_model import PatientModel
from leukoscope.randomness import integer
from leukoscope.testing.aggregator_checks.example import told
from leukoscope.testing.contract import require

CELLS = 5
BAGS = (3, 1, 2)
NOISE = 0.1

MakeNetwork = Callable[[int], Network]
"""Of a seed."""
Given = tuple[Tensor] | tuple[Tensor, Bags, Tensor | None]
"""What a network of cells, or of patients, is asked of."""


@dataclass(frozen=True)
class Example:
    """A network to be tried.

    Args:
        make: Makes it, anew each time.
        outputs: Number of its logits.
        size: Height and width in px of the pictures that it takes.
    """

    make: MakeNetwork
    outputs: int
    size: tuple[int, int]

    def fresh(self, seed: int = 0) -> Network:
        """Return a new one, as made.

        Raises:
            AssertionError: it cannot be made, or is no network of ours.
        """
        made = told(lambda: self.make(seed), f"Making a network of seed {seed}")
        require(
            isinstance(made, CellModel | PatientModel),
            f"A network is a CellModel or a PatientModel; this one is of the class {type(made).__name__}.",
        )
        return made

    def made(self, seed: int = 0) -> Network:
        """Return a new one in evaluation mode, moved off where it starts: a nought there would hide faults.

        Running means are moved, and parameters that are all nought: biases, the last scale of a residual block, the
        say of the facts. Under a head that was fitted at once all stays as the fit saw it.

        Raises:
            AssertionError: as ``fresh``.
        """
        made, generator = self.fresh(seed), torch.Generator().manual_seed(integer(0, "moved"))
        if isinstance(cells_of(made).head, FittedHead):
            return made.eval()
        means = [buffer for name, buffer in made.named_buffers() if name.endswith("running_mean")]
        noughts = [one for one in made.parameters() if not one.any()]
        with torch.no_grad():
            for one in [*means, *noughts]:
                one.add_(NOISE * torch.randn(one.shape, generator=generator))
        return made.eval()

    def pixels(self, cells: int = CELLS) -> Tensor:
        """Return pictures of grainy discs on black, each of its own size and colour: (n, 3, h, w) float32 in 0 to 1."""
        generator, (height, width) = torch.Generator().manual_seed(integer(0, "pixels")), self.size
        drawn = torch.rand(cells, 4, 1, 1, generator=generator)
        rows, columns = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)
        discs = rows**2 + columns**2 < (0.4 + 0.5 * drawn[:, 3:]) ** 2
        grains: Tensor = (0.2 + 0.6 * drawn[:, :3]) * torch.rand(cells, 3, height, width, generator=generator)
        return grains * discs

    def bags(self, model: PatientModel) -> tuple[list[Tensor], list[Tensor | None]]:
        """Return the pictures of some patients, and their facts (each (f,), or None where the network takes none)."""
        pixels, generator = self.pixels(sum(BAGS)), torch.Generator().manual_seed(integer(0, "facts"))
        rows = torch.randn(len(BAGS), model.facts, generator=generator)
        return list(torch.split(pixels, list(BAGS))), [row if model.facts else None for row in rows]

    def given(self, model: Network) -> Given:
        """Return what a network of its kind is asked of: pictures, or patients' pictures, bags and facts."""
        return given_of(*self.bags(model)) if isinstance(model, PatientModel) else (self.pixels(),)

    @staticmethod
    def said(model: Network, pixels: Tensor, *more: Bags | Tensor | None) -> Tensor:
        """Return what a network says, (rows, outputs), of what ``given`` returned.

        Raises:
            AssertionError: it stopped.
        """
        with torch.inference_mode():
            said: Tensor = told(lambda: model(pixels, *more), f"Asking it of {len(pixels)} pictures in evaluation mode")
        return said

    def said_of(self, model: Network, bags: Sequence[Tensor], facts: Sequence[Tensor | None]) -> Tensor:
        """Return what a network of patients says of bags, (b, outputs)."""
        return self.said(model, *given_of(bags, facts))


def given_of(bags: Sequence[Tensor], facts: Sequence[Tensor | None]) -> tuple[Tensor, Bags, Tensor | None]:
    """Return bags of pictures, and facts, as a network of patients takes them.

    Args:
        bags: (n, 3, h, w) float32, of each of b patients.
        facts: (f,) float32, of each; None where no facts count.

    Returns:
        All pictures in one, which of them belong together, and the facts, (b, f).
    """
    known = [fact for fact in facts if fact is not None]
    sizes = Bags(torch.tensor([len(bag) for bag in bags]))
    return torch.cat(list(bags)), sizes, torch.stack(known) if known else None
