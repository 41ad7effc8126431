"""Whether a map is of the network at all: with other weights it must change."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import pearsonr, rankdata
from torch import nn

from leukoscope.cohort.classes import Classes
from leukoscope.explanation.overlay import Floats32
from leukoscope.explanation.seeing.layers import refuse_unsuitable
from leukoscope.explanation.seeing.maps import class_maps, seen_part
from leukoscope.explanation.seeing.on_cell import mask_at
from leukoscope.explanation.seeing.state import as_pixels, looked_into
from leukoscope.models.cell_model import CellModel
from leukoscope.models.network import Network
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Mask
from leukoscope.randomness import integer

SAME, ALIKE = 0.8, 0.5
HALF = 0.5
FEWEST = 4
CHANGES = "changes, as it must"
LITTLE = "changes little: read it with care"
NOT = "does not change: it shows the picture, not what the network learnt"


@dataclass(frozen=True)
class Sanity:
    """How alike a method's maps are with the trained and with drawn weights.

    Args:
        method: The method.
        cells: How many cells it was tried on.
        head: Spearman's correlation of the absolute values with the head drawn anew, the mean over cells, -1 to 1.
        everything: The same with all weights drawn anew.
    """

    method: str
    cells: int
    head: float
    everything: float

    @property
    def verdict(self) -> str:
        """What follows, in words: by ``everything``, from 0.8 on it does not change, from 0.5 on little."""
        return NOT if self.everything >= SAME else LITTLE if self.everything >= ALIKE else CHANGES


def sanity_check(
    network: Network,
    pictures: Pixels,
    classes: Classes,
    *,
    of: Sequence[str],
    masks: Sequence[Mask],
    method: str,
    layer: str | None = None,
    trained: Sequence[Floats32] | None = None,
    seed: int = 0,
) -> Sanity:
    """Make maps again with the head's weights drawn anew, then with all weights: Adebayo et al. 2018.

    Sanity checks for saliency maps, NeurIPS 2018, section 3: cascading randomisation, here its first and last step.
    Ranks are compared on the cell alone: that black around it stays without evidence would look like agreement.

    Args:
        network: The network; it is left as it was.
        pictures: (n, h, w, 3) uint8, RGB, framed.
        classes: The network's classes.
        of: The class of each picture's map.
        masks: Where the cell lies in each, (h, w) bool.
        method: A name in ``METHODS``.
        layer: As of ``class_maps``.
        trained: The trained network's maps where they are at hand, (h', w') each.
        seed: Of the drawn weights.

    Raises:
        LeukoscopeError: as of ``class_maps``.
    """
    cells = refuse_unsuitable(network)
    own = list(trained) if trained is not None else _maps(cells, pictures, classes, of, method=method, layer=layer)
    views = [seen_part(mask, cells.crop) for mask in masks]
    found = []
    for drawn in (with_drawn_head(cells, seed), with_drawn_weights(cells, pictures, seed)):
        others = _maps(drawn, pictures, classes, of, method=method, layer=layer)
        found.append(float(np.mean([alike(*three) for three in zip(own, others, views, strict=True)])))
    return Sanity(method, len(pictures), *found)


def alike(first: Floats32, second: Floats32, mask: Mask) -> float:
    """Return Spearman's correlation of two maps' absolute values over the places that lie on the cell.

    Where fewer than four lie on it all count. A map that is the same everywhere is like no other (0), but like itself.

    Args:
        first: (h', w') float32.
        second: (h', w') float32.
        mask: (h, w) bool, of the same view.
    """
    on = mask_at(mask, (first.shape[0], first.shape[1])) >= HALF
    on = on if on.sum() >= FEWEST else np.ones_like(on)
    ranks = [rankdata(np.abs(each[on])) for each in (first, second)]
    if any(np.ptp(each) == 0 for each in ranks):
        return float(np.array_equal(first, second))
    return float(pearsonr(*ranks).statistic)


def with_drawn_head(network: CellModel, seed: int) -> CellModel:
    """Return a copy whose head's weights are drawn anew."""
    other = copy.deepcopy(network)
    _draw(other.head, seed)
    return other


def with_drawn_weights(network: CellModel, pictures: Pixels, seed: int) -> CellModel:
    """Return a copy whose weights are all drawn anew.

    Batch-norms take the statistics of these pictures: with those of the old weights most channels would die, and a
    dead map would look like one that changed.
    """
    other = copy.deepcopy(network)
    _draw(other.backbone, seed)
    _draw(other.head, seed)
    norms = [module for module in other.backbone.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    with looked_into(other), torch.no_grad():
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum, norm.training = None, True
        other(as_pixels(pictures, other.mean.device))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return other


def _draw(module: nn.Module, seed: int) -> None:
    """Draw each tensor from the normal distribution of its own mean and deviation; single numbers stay."""
    with torch.no_grad():
        for name, values in module.named_parameters():
            if values.numel() > 1:
                generator = torch.Generator().manual_seed(integer(seed, "sanity", name))
                drawn = torch.randn(values.shape, generator=generator).to(values)
                values.copy_(drawn * values.std() + values.mean())


def _maps(
    network: CellModel, pictures: Pixels, classes: Classes, of: Sequence[str], *, method: str, layer: str | None
) -> list[Floats32]:
    places = {name: [place for place, asked in enumerate(of) if asked == name] for name in dict.fromkeys(of)}
    maps: dict[int, Floats32] = {}
    for name, own in places.items():
        found = class_maps(network, pictures[own], classes, of=name, method=method, layer=layer)
        maps.update(zip(own, found.maps, strict=True))
    return [maps[place] for place in range(len(of))]
