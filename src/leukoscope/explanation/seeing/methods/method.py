"""What a method of class maps is, and what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from leukoscope.models.cell_model import CellModel


class ClassLogit(nn.Module):
    """A network's logit for one class.

    Two classes have one logit, the positive class's; for the negative class its sign is turned.

    Args:
        network: The network of cells.
        output: Which of its outputs.
        sign: 1, or -1 for the negative class of two.
    """

    def __init__(self, network: CellModel, output: int, sign: int = 1) -> None:
        super().__init__()
        self.network, self.output, self.sign = network, output, sign

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (n,) logits of (n, 3, h, w) float32 pixels in 0 to 1."""
        found: Tensor = self.sign * self.network(pixels)[:, self.output]
        return found


@dataclass(frozen=True, eq=False)
class Asked:
    """What a map is asked of.

    Args:
        logit: The class's logit, in evaluation mode.
        layer: The layer that the map is laid on; None for methods of the picture's own pixels.
        pixels: (n, 3, h, w) float32, RGB, 0 to 1.
    """

    logit: ClassLogit
    layer: nn.Module | None
    pixels: Tensor

    @property
    def layer_given(self) -> nn.Module:
        """The layer, of which methods that are laid on one make sure."""
        if self.layer is None:
            raise ValueError("this method needs a layer")
        return self.layer


@dataclass(frozen=True)
class Method:
    """A way to make a map of what speaks for a class.

    Args:
        name: As it is asked for.
        title: As people write it.
        source: Who published it.
        of_layer: Whether the map is laid on a layer, at that layer's resolution; else on the picture's pixels.
        meaning: What a value of the map says, its unit and sign.
        maps: From what is asked to (n, h', w') float32.
        of_light: Whether black pixels have no evidence whatever the network: a share on a cell on black says nothing.
        speckled: Whether the map is too grainy for the eye, so that sheets show it smoothed.
        settings: How it was made for pictures of a height and width, in words; empty where nothing can be set.
    """

    name: str
    title: str
    source: str
    of_layer: bool
    meaning: str
    maps: Callable[[Asked], Tensor]
    of_light: bool = False
    speckled: bool = False
    settings: Callable[[int, int], str] = lambda _height, _width: ""
