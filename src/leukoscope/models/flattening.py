"""Every pixel of the last feature map as one vector, as Keras's ``Flatten`` makes it before dense layers."""

from __future__ import annotations

from torch import Tensor, nn

from leukoscope.errors import SettingsError


class Flattening(nn.Module):
    """From feature maps to one vector a cell that keeps what lies where; its length depends on the picture's size.

    There are no parameters. The vector is channel by channel, each row by row (Keras: pixel by pixel).

    Args:
        size: Height and width in px of the pictures that the maps are made of.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, maps: Tensor, pixels: Tensor) -> Tensor:
        """Return (n, c h' w') of maps, (n, c, h', w').

        Args:
            maps: What is flattened.
            pixels: (n, 3, h, w), the pictures that the maps were made of.

        Raises:
            SettingsError: the pictures are of another size than the network was built for.
        """
        height, width = pixels.shape[-2:]
        if (height, width) != self.size:
            raise SettingsError(
                f"The network was built for pictures of {self.size[0]} x {self.size[1]} px; these have "
                f"{height} x {width}.",
                where="model.pool",
                do="Frame pictures as in training, or build the network with model.pool: average, which takes any "
                "size.",
            )
        return maps.flatten(1)

    def extra_repr(self) -> str:
        """Return the size for the network's description."""
        return f"{self.size[0]} x {self.size[1]} px"


def seen_size(size: tuple[int, int] | None, crop: int | None) -> tuple[int, int]:
    """Return the height and width in px of what the backbone sees.

    Args:
        size: Of the framed picture; None where it is not known.
        crop: Side of the centre that the backbone sees; None: all of it.

    Raises:
        SettingsError: neither is known.
    """
    if crop is not None:
        return crop, crop
    if size is None:
        raise SettingsError(
            "Every pixel of the last map counts (model.pool: flatten), so the pictures must have one known size.",
            where="model.pool",
            do="End the framing with a step that sets the size: {resize: 128}; from Python, give size=(128, 128).",
        )
    return size
