"""``{fill: edge}``: what comes in from outside."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from leukoscope.pictures.augmentation.change import Change
from leukoscope.pictures.augmentation.parameters import Fill, Parameters


class FillWith(Change):
    """Say what stands where a moved picture leaves room; black where this step is not given.

    Args:
        kind: ``black``; ``edge``, the outermost pixels stretched; ``reflect``, the picture mirrored at its edge.
    """

    name: ClassVar[str] = "fill"
    kind: Fill = Field(description="black, edge (stretched) or reflect (mirrored).")

    def drawn(self, parameters: Parameters, seeds: npt.NDArray[np.uint64]) -> Parameters:  # noqa: ARG002 - nothing is drawn
        """Return the parameters with the filling set."""
        return replace(parameters, fill=self.kind)
