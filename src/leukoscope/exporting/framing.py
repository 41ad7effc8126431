"""Framing within a graph: the crops and resizes of ``pictures.framing`` as tensor operations, for pictures of any size.

Sizes are tensors here, never Python's numbers, so that a graph takes pictures of sizes that it was not made with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from leukoscope.pictures.framing import CenterCrop, Framing, Operator, Resize
from leukoscope.pictures.framing.operator import Size

ROWS, COLUMNS = 2, 3
WHITE = 255
AXES = (ROWS, COLUMNS)
MIDDLE = 128.0
"""Taken from pixels while they are added up, so that sums stay small."""
EXACT = 2**24
"""Below it every whole number is one of float32's."""
HALF_UP = 0.125
"""What lets a mean of four whole numbers that ends in .5 be rounded up, and no other change."""
UNIT, DROPPED_FIRST, DROPPED = 2048, 2**4, 2**16
"""How ``cv2.resize`` interpolates bytes: weights in 2048ths, and what it drops of the products on the way."""


class PixelsInGraph(nn.Module):
    """From pictures as a client has them to what a network takes.

    Args:
        framing: What is done to them; None where the client has done it.
    """

    def __init__(self, framing: Framing | None) -> None:
        super().__init__()
        steps = () if framing is None else framing.steps
        sizes = [height_and_width(step) for step in steps]
        # Behind the first step pictures have a size that is always the same.
        before: list[Size | None] = [None, *sizes[:-1]]
        self.steps = nn.Sequential(
            *(STEPS[type(step)](size, had) for step, size, had in zip(steps, sizes, before, strict=False))
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (n, 3, h', w') float32, 0 to 1, of (n, h, w, 3) uint8, RGB."""
        framed: Tensor = self.steps(pictures.permute(0, 3, 1, 2))
        return framed.float() / WHITE


def fits_graph(framing: Framing) -> bool:
    """Return whether all of a framing can be part of a graph."""
    return all(type(step) in STEPS for step in framing.steps)


def height_and_width(step: Operator) -> Size:
    """Return the size that a step gives.

    Args:
        step: One of the kinds in ``STEPS``, which all give one.
    """
    assert step.size is not None
    return step.size


class CropInGraph(nn.Module):
    """``CenterCrop`` of (n, 3, h, w), of any type.

    Args:
        size: Height and width that come out.
        had: Those that go in, where they are always the same; it makes no difference here.
    """

    def __init__(self, size: Size, had: Size | None = None) -> None:
        super().__init__()
        self.size, self.had = size, had

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (n, 3, ``size``) float32."""
        height, width = self.size
        rows, within_rows = _middle(_length(pixels, ROWS), height)
        columns, within_columns = _middle(_length(pixels, COLUMNS), width)
        found = pixels.index_select(ROWS, rows).index_select(COLUMNS, columns).float()
        return found * within_rows.float().view(height, 1) * within_columns.float()


class ResizeInGraph(nn.Module):
    """``Resize`` of (n, 3, h, w) whole numbers, 0 to 255: what shrinks is averaged, then what grows is interpolated.

    The means over areas are two matrix products, whose matrices are made of the picture's size. They hold whole
    numbers, and sums of whole numbers are exact whatever their order: every runtime gives the same pixels. OpenCV's own
    means are off by rounding, so that a mean within a hair of .5 may come out one level apart.

    Args:
        size: Height and width that come out.
        had: Those that go in, where they are always the same.
    """

    rows: Tensor | None
    columns: Tensor | None

    def __init__(self, size: Size, had: Size | None = None) -> None:
        super().__init__()
        self.size, self.had = size, had
        self.shrinks, self.grows = True, True
        known: list[Tensor | None] = [None, None]
        if had is not None:
            self.shrinks = any(one > other for one, other in zip(had, size, strict=True))
            self.grows = any(one < other for one, other in zip(had, size, strict=True))
            known = [_areas(torch.zeros(1, 3, *had), axis, to).weights for axis, to in zip(AXES, size, strict=True)]
        for name, weights in zip(("rows", "columns"), known, strict=True):
            self.register_buffer(name, weights)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (n, 3, ``size``) float32, whole numbers."""
        found = pixels.float()
        found = self._shrunk(found) if self.shrinks or self.grows else found
        return self._grown(found, pixels) if self.grows else found

    def _shrunk(self, pixels: Tensor) -> Tensor:
        """Return (n, 3, ``size``): along a side that shrinks, means; along others what was there, then anything."""
        rows, columns = (
            _areas(pixels, axis, wanted, known)
            for axis, wanted, known in zip(AXES, self.size, (self.rows, self.columns), strict=True)
        )
        across = (pixels - MIDDLE) @ columns.weights.T
        if self.had is not None and MIDDLE * rows.most * columns.most < EXACT:
            sums = (rows.weights @ across).double()
        else:
            sums = rows.weights.double() @ across.double()
        means = sums / (rows.total * columns.total) + MIDDLE
        height, width = (_length(pixels, axis) for axis in AXES)
        quarters = (height == 2 * self.size[0]) & (width == 2 * self.size[1])
        return torch.round(means + HALF_UP * quarters.double()).float()

    def _grown(self, shrunk: Tensor, pixels: Tensor) -> Tensor:
        height, width = (_length(pixels, axis).clamp(max=wanted) for axis, wanted in zip(AXES, self.size, strict=True))
        top, bottom, down = _neighbours(height, self.size[0], clamped=False)
        left, right, along = _neighbours(width, self.size[1], clamped=True)
        # In float64, whose whole numbers are exact up to far above 255 x 2048 x 2048: floors of them cost less than
        # divisions of whole numbers, which ONNX rounds towards zero and graphs mend in five steps.
        whole = shrunk.double()
        across = whole.index_select(COLUMNS, left) * (UNIT - along) + whole.index_select(COLUMNS, right) * along
        across = torch.floor(across / DROPPED_FIRST)
        upper = torch.floor(across.index_select(ROWS, top) * (UNIT - down).view(-1, 1) / DROPPED)
        lower = torch.floor(across.index_select(ROWS, bottom) * down.view(-1, 1) / DROPPED)
        return torch.floor((upper + lower + 2) / 4).float()


STEPS: dict[type[Operator], type[CropInGraph] | type[ResizeInGraph]] = {CenterCrop: CropInGraph, Resize: ResizeInGraph}
"""The framing operators that can be part of a graph."""


def _length(pixels: Tensor, axis: int) -> Tensor:
    """Return a side as a tensor, () int64: what depends on it is computed in the graph."""
    return torch.scalar_tensor(pixels.shape[axis], dtype=torch.int64, device=pixels.device)


def _middle(had: Tensor, wanted: int) -> tuple[Tensor, Tensor]:
    """Return from where each place of the middle is taken, (wanted,) int64, and whether it lies in the picture."""
    first = torch.where(had >= wanted, (had - wanted) // 2, -((wanted - had) // 2))
    places = torch.arange(wanted, device=had.device) + first
    return torch.minimum(places.clamp(min=0), had - 1), (places >= 0) & (places < had)


@dataclass(frozen=True, eq=False)
class _Areas:
    """What each pixel counts in each mean along one axis.

    Args:
        weights: (wanted, had) float32, whole numbers; of a side that does not shrink the identity, times ``total``.
        total: What the weights of a mean sum to, () float64.
        most: The same in Python, where the size is always the same; else 0.
    """

    weights: Tensor
    total: Tensor
    most: int = 0


def _areas(pixels: Tensor, axis: int, wanted: int, known: Tensor | None = None) -> _Areas:
    """Return the areas of an axis; a length that is always the same makes for the smallest whole numbers.

    Args:
        pixels: (n, 3, h, w); only the length of the axis counts.
        axis: The axis.
        wanted: Its length afterwards.
        known: The weights, where they were made before.
    """
    places = pixels.shape[axis]
    common = math.gcd(places, wanted) if isinstance(places, int) else 1
    had, parts = _length(pixels, axis) // common, wanted // common
    total, most = had.double(), places // common if isinstance(places, int) else 0
    if known is not None:
        return _Areas(known, total, most)
    into, of = torch.arange(wanted).unsqueeze(1), torch.arange(places)
    shared = torch.minimum((of + 1) * parts, (into + 1) * had) - torch.maximum(of * parts, into * had)
    weights = torch.where(had > parts, shared.clamp(min=0), (into == of) * had)
    return _Areas(weights.float(), total, most)


def _neighbours(had: Tensor, wanted: int, *, clamped: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Return between which two places each new one lies, int64, and the second one's weight in 2048ths, float64.

    As in ``cv2``, a place beyond the border is the border itself where it is ``clamped`` (columns), and else a mean of
    the border with itself (rows), which is rounded once more.
    """
    at = ((torch.arange(wanted) + 0.5) * (had.double() / wanted) - 0.5).float()
    last = had - 1
    at = torch.minimum(at.clamp(min=0), last.float()) if clamped else at
    first = at.floor()
    weight = torch.round((at - first) * UNIT).double()
    place = first.to(torch.int64)
    return torch.minimum(place.clamp(min=0), last), torch.minimum((place + 1).clamp(min=0), last), weight
