"""Framing: the deterministic way from a decoded picture to the network's input. Fitted on nothing, part of the bundle.

An operator is one file here and one line in ``FRAMINGS``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from leukoscope.errors import DataError
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import DECODER_VERSION
from leukoscope.pictures.framing.center_crop import CenterCrop
from leukoscope.pictures.framing.clahe import Clahe
from leukoscope.pictures.framing.macenko import Macenko
from leukoscope.pictures.framing.operator import Operator, Size
from leukoscope.pictures.framing.otsu_hull import OtsuHull
from leukoscope.pictures.framing.reinhard import Reinhard
from leukoscope.pictures.framing.resize import Resize
from leukoscope.pictures.framing.threshold_crop import ThresholdCrop
from leukoscope.pictures.steps import parse_steps

__all__ = [
    "FRAMINGS",
    "CenterCrop",
    "Clahe",
    "Framing",
    "Macenko",
    "Operator",
    "OtsuHull",
    "Reinhard",
    "Resize",
    "ThresholdCrop",
    "parse_framing",
    "resolve_auto",
]

FRAMINGS: dict[str, type[Operator]] = {
    operator.name: operator for operator in (CenterCrop, ThresholdCrop, OtsuHull, Resize, Reinhard, Macenko, Clahe)
}
"""The framing operators there are, by the name that recipes use."""


@dataclass(frozen=True)
class Framing:
    """Operators that are applied one after the other.

    Args:
        steps: In order; none leaves a picture as it is.

    Example:
        >>> framing = parse_framing([{"center_crop": 300}, {"resize": 128}])
        >>> framing.size, framing.spec()
        ((128, 128), [{'center_crop': 300}, {'resize': 128}])
    """

    steps: tuple[Operator, ...] = ()

    def apply(self, pixels: Pixels) -> Pixels:
        """Frame one picture.

        Args:
            pixels: (h, w, 3) uint8, RGB.

        Returns:
            (h', w', 3) uint8, contiguous.

        Raises:
            DataError: the array is of another shape or type.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:  # noqa: PLR2004 - axes, channels
            raise DataError(f"A picture must be (h, w, 3) uint8; got {pixels.shape} {pixels.dtype}.")
        for step in self.steps:
            pixels = step.apply(pixels)
        return np.ascontiguousarray(pixels)

    def spec(self) -> list[dict[str, Any]]:
        """Return the steps as plain JSON values that ``parse_framing`` reads."""
        return [step.entry() for step in self.steps]

    @property
    def size(self) -> Size | None:
        """Height and width of every framed picture; None where they differ from picture to picture."""
        return next((step.size for step in reversed(self.steps) if step.size is not None), None)

    @property
    def key(self) -> str:
        """SHA-256 (hexadecimal) of the steps, their versions and the decoder's: equal keys give equal pixels."""
        versions = [step.version for step in self.steps]
        text = json.dumps([DECODER_VERSION, self.spec(), versions], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def parse_framing(entries: Sequence[Mapping[str, Any]]) -> Framing:
    """Read a framing as a recipe or a bundle writes it.

    Args:
        entries: ``[{"center_crop": 300}, {"resize": 128}]``.

    Raises:
        SettingsError: unknown operators, wrong values; all faults at once.
    """
    return Framing(parse_steps(entries, FRAMINGS, "framing"))


def resolve_auto(entries: Sequence[Mapping[str, Any]], side: int) -> list[dict[str, Any]]:
    """Return the entries with ``{center_crop: auto}`` put into figures.

    Args:
        entries: A framing as a recipe writes it.
        side: What ``auto`` stands for, in pixels: the data set's own crop, or ``common_side`` if that is less.

    Example:
        >>> resolve_auto([{"center_crop": "auto"}, {"resize": 128}], 300)
        [{'center_crop': 300}, {'resize': 128}]
    """
    return [{name: side if value == "auto" else value for name, value in entry.items()} for entry in entries]
