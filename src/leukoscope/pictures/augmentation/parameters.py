"""What was drawn for each cell of a batch, in a form that both backends apply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Fill = Literal["black", "edge", "reflect"]
_EXACT = 1e-9


@dataclass(frozen=True, eq=False)
class Parameters:
    """Drawn changes of n cells. The warp comes first, then gain, contrast and noise.

    Places are measured from the centre of the picture in pixels, x to the right and y down. What stands at p comes to
    stand at ``linear @ p + shift * s``, where s is the shorter side.

    Args:
        linear: (n, 2, 2), on (x, y): rotations and mirrorings.
        shift: (n, 2), to the right and down, as a share of the shorter side.
        gain: (n, 3), what red, green and blue are multiplied by.
        contrast: (n,), what the distance to the picture's mean (over pixels and channels) is multiplied by.
        noise: (n,), standard deviation of the added noise, as a share of the full range.
        noise_seed: (n,) uint64, what each cell's noise is drawn from.
        fill: What comes in from outside: black, the edge's pixels stretched, or the picture reflected.
    """

    linear: Floats
    shift: Floats
    gain: Floats
    contrast: Floats
    noise: Floats
    noise_seed: npt.NDArray[np.uint64]
    fill: Fill = "black"

    @classmethod
    def unchanged(cls, count: int, fill: Fill = "black") -> Parameters:
        """Return the parameters that change nothing, for ``count`` cells."""
        return cls(
            linear=np.tile(np.eye(2), (count, 1, 1)),
            shift=np.zeros((count, 2)),
            gain=np.ones((count, 3)),
            contrast=np.ones(count),
            noise=np.zeros(count),
            noise_seed=np.zeros(count, dtype=np.uint64),
            fill=fill,
        )

    def __len__(self) -> int:
        return len(self.contrast)

    def moved(self, linear: Floats, shift: Floats | None = None) -> Parameters:
        """Return the parameters with one more movement after those that are there.

        Args:
            linear: (n, 2, 2).
            shift: (n, 2), as a share of the shorter side; none where None.
        """
        shifted = np.einsum("nij,nj->ni", linear, self.shift) + (0 if shift is None else shift)
        return replace(self, linear=linear @ self.linear, shift=shifted)

    def inverse(self) -> tuple[Floats, Floats]:
        """Return where each place of the result comes from: ``linear @ p + shift * s``, (n, 2, 2) and (n, 2)."""
        linear = np.asarray(np.linalg.inv(self.linear), dtype=np.float64)
        return linear, -np.einsum("nij,nj->ni", linear, self.shift)

    @property
    def exact(self) -> npt.NDArray[np.bool_]:
        """(n,): whether a cell is only mirrored and turned by quarters, so that no pixel need be interpolated."""
        rounded = np.rint(self.linear)
        whole = (np.abs(self.linear - rounded) < _EXACT).all(axis=(1, 2)) & (np.abs(rounded).sum(axis=(1, 2)) == 2)  # noqa: PLR2004
        return np.asarray(whole & (np.abs(self.shift) < _EXACT).all(axis=1))

    @property
    def coloured(self) -> npt.NDArray[np.bool_]:
        """(n,): whether a cell's values are changed by gain, contrast or noise."""
        return np.asarray((self.gain != 1).any(axis=1) | (self.contrast != 1) | (self.noise > 0))


def rotation(degrees: npt.ArrayLike) -> Floats:
    """Return rotations about the centre, counter-clockwise as one sees the picture.

    Args:
        degrees: (n,) angles.

    Returns:
        (n, 2, 2), on (x, y) with y down.

    Example:
        >>> (rotation([90.0]) @ [1.0, 0.0]).round(9).tolist()  # what is right comes to stand at the top
        [[0.0, -1.0]]
    """
    angle = np.deg2rad(np.asarray(degrees, dtype=np.float64))
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([cosine, sine], axis=-1), np.stack([-sine, cosine], axis=-1)], axis=-2)
