"""Cells through the network in batches of one size, so that what it says of a cell does not depend on its neighbours.

The libraries that compute convolutions and matrix products choose their way by the size of a batch: alone, a cell may
get other last digits than among others. In batches of one size, of which the rest is filled with black, it gets the
same (``benchmarks/bench_service.py`` measures it). A bundle whose rule for fewer views makes smaller batches of a
batch takes cells one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.inference.flags import said_with_flags
from leukoscope.inference.saying import Pixels, framings_of

ON_PROCESSOR, ON_CARD = 8, 64
"""Cells in one batch of the network."""


class FixedBatches:
    """Says what a bundle says of cells, in batches of one size.

    Args:
        bundle: A bundle of cells.
        size: Cells in a batch; chosen by the device where None.
    """

    def __init__(self, bundle: AnyBundle, size: int | None = None) -> None:
        self.bundle = bundle
        self.size = size or batch_size(bundle)
        sizes = {model.framing.key: model.card.input_size for model in models_of(bundle)}
        self.black = tuple(np.zeros((*sizes[key], 3), dtype=np.uint8) for key in framings_of(bundle))

    def __call__(self, framed: Sequence[tuple[Pixels, ...]]) -> pl.DataFrame:
        """Return the rows of ``said_with_flags``, in order.

        Args:
            framed: Each picture, 1 or more, in each of the bundle's framings.
        """
        parts = [self._one(framed[start : start + self.size]) for start in range(0, len(framed), self.size)]
        return pl.concat(parts)

    def _one(self, framed: Sequence[tuple[Pixels, ...]]) -> pl.DataFrame:
        filled = [*framed, *[self.black] * (self.size - len(framed))]
        return said_with_flags(self.bundle, filled).head(len(framed))


def batch_size(bundle: AnyBundle) -> int:
    """Return how many cells a bundle's network is given at a time."""
    if any(getattr(model.card, "view_rule", None) is not None for model in models_of(bundle)):
        return 1
    return ON_PROCESSOR if bundle.device.type == "cpu" else ON_CARD
