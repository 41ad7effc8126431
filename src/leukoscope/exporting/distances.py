"""How far cells are from a bundle's training cells, within a graph: what the network sees, and how unlike it is."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from leukoscope.bundles.reference import Reference
from leukoscope.evaluation.feature_space import MOST, NEIGHBOURS, FeatureSpace
from leukoscope.models.cell_look import Looking, looking
from leukoscope.models.cell_model import CellModel
from leukoscope.models.picture_look import picture_look


class DistancesInGraph(nn.Module):
    """What ``Reference.distances`` says: relative to the limit, which is 1.

    Args:
        reference: The bundle's training cells.

    Attributes:
        width: How many numbers are seen in a cell.
    """

    def __init__(self, reference: Reference) -> None:
        super().__init__()
        fitted = reference.fitted
        self.spaces = nn.ModuleList(SpaceInGraph(space) for space in fitted.spaces)
        self.limits = [one * fitted.limit for one in fitted.limits]
        self.widths, self.width = [space.width for space in fitted.spaces], fitted.width

    def forward(self, looks: Tensor) -> Tensor:
        """Return distances, (n,), of what was seen, (n, d); infinity where that is no number."""
        parts = zip(self.spaces, self.limits, torch.split(looks, self.widths, dim=1), strict=True)
        found = torch.stack([space(part) / limit for space, limit, part in parts]).amax(dim=0)
        return torch.where(torch.isfinite(looks).all(dim=1), found, torch.inf)


class SpaceInGraph(nn.Module):
    """What ``FeatureSpace.distances`` says of features that are numbers.

    Args:
        space: Where the training cells lie.
    """

    centre: Tensor
    scale: Tensor
    axes: Tensor
    spread: Tensor
    rest: Tensor
    known: Tensor

    def __init__(self, space: FeatureSpace) -> None:
        super().__init__()
        for name, values in space.arrays().items():
            self.register_buffer(name, torch.from_numpy(values))
        self.neighbours = min(NEIGHBOURS, len(space.known))

    def forward(self, features: Tensor) -> Tensor:
        """Return distances, (n,), of features, (n, d)."""
        scaled = ((features - self.centre) / self.scale).clamp(-MOST, MOST)
        along = scaled @ self.axes.T
        place = along / self.spread
        off = (scaled.square().sum(dim=1) - along.square().sum(dim=1)).clamp(min=0) / self.rest**2
        apart = place.square().sum(dim=1, keepdim=True) + self.known.square().sum(dim=1) - 2 * place @ self.known.T
        nearest = torch.topk(apart.clamp(min=0), self.neighbours, dim=1, largest=False).values
        return (nearest.mean(dim=1) / self.axes.shape[0] + off).sqrt()


def looks_of(seen: Looking, pixels: Tensor, views: int, measures: Tensor | None) -> Tensor:
    """Return what a network has just seen in pictures, (n, d), as ``Looking.look`` has it.

    Args:
        seen: What noted it.
        pixels: The framed pictures, (n, 3, h, w), 0 to 1.
        views: How many views of each it was shown in one batch, view after view; the first one counts.
        measures: The named measures of the first view, (n, m), where they are given from outside.
    """
    parts = [seen.found[name].flatten(1).float() for name in seen.order if name in seen.found]
    first = [part.view(views, -1, part.shape[1])[0] for part in parts]
    return torch.cat([picture_look(pixels), *first, *(() if measures is None else (measures,))], dim=1)


def looks_at_whole(network: CellModel, pixels: Tensor) -> Tensor:
    """Return what a network sees in framed pictures themselves, where none of its views is the whole picture."""
    with looking(network) as seen:
        network.embed(pixels)
        return looks_of(seen, pixels, 1, None)
