"""Why a bundle of cells does not say what it said: the usual mistakes, each tried on its own reference pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from leukoscope.cohort.classes import Classes
from leukoscope.models.cell_model import CellModel
from leukoscope.models.known_weights import HALF, IMAGENET_MEAN, IMAGENET_STD
from leukoscope.models.probabilities import probabilities

Floats = npt.NDArray[np.float64]
COLOURS = ("red", "green", "blue")
WHITE = 255
NORMALISATIONS = {
    "none at all (pixels in 0 to 1)": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "ImageNet's": (IMAGENET_MEAN, IMAGENET_STD),
    "that of -1 to 1": (HALF, HALF),
}


def likely_reason(model: CellModel, pixels: Tensor, expected: Floats, classes: Classes, tolerance: float) -> str | None:
    """Return what would make a model say of reference pictures what it once said, in a sentence; None where nothing.

    Tried are another order of the classes, other orders of the colours, pixels in 0 to 255, and the usual ways of
    normalisation in place of the bundle's.

    Args:
        model: The network, in evaluation mode; left as it is.
        pixels: (n, 3, h, w) float32 in 0 to 1, on its device: the pictures as the framing gives them.
        expected: (n, k), what the model said when it was saved.
        classes: The k classes.
        tolerance: Largest difference of a probability.
    """

    def fits(said: Floats) -> bool:
        return said.shape == expected.shape and bool((np.abs(said - expected) <= tolerance).all())

    said = _shares(model, pixels, classes)
    order = _order(said, expected, tolerance)
    if order is not None:
        named = ", ".join(classes.names[place] for place in order)
        return f"The classes stand in another order: its outputs fit these pictures in the order {named}."
    for turned in permutations(range(3)):
        if turned != (0, 1, 2) and fits(_shares(model, pixels[:, list(turned)], classes)):
            named = ", ".join(COLOURS[place] for place in turned)
            return f"The channels stand in another order: with {named} it says what it said."
    if fits(_shares(model, pixels * WHITE, classes)):
        return "The pixels have another range: with 0 to 255 instead of 0 to 1 it says what it said."
    for name, (mean, std) in NORMALISATIONS.items():
        with _normalised(model, mean, std):
            again = _shares(model, pixels, classes)
        if fits(again):
            return f"The normalisation of the channels is another: with {name} it says what it said."
    return None


def _shares(model: CellModel, pixels: Tensor, classes: Classes) -> Floats:
    with torch.inference_mode():
        found: Floats = probabilities(model(pixels).double(), classes).cpu().numpy()
    return found


def _order(said: Floats, expected: Floats, tolerance: float) -> list[int] | None:
    """Return which output fits each class, where each of the outputs fits one and they stand otherwise."""
    close = (np.abs(said[:, :, None] - expected[:, None, :]) <= tolerance).all(axis=0)
    order = close.argmax(axis=0).tolist()
    fitting = close.any(axis=0).all() and sorted(order) == list(range(len(order)))
    return order if fitting and order != sorted(order) else None


@contextmanager
def _normalised(model: CellModel, mean: tuple[float, ...], std: tuple[float, ...]) -> Iterator[None]:
    kept = model.mean.clone(), model.std.clone()
    try:
        _set(model, torch.tensor(mean), torch.tensor(std))
        yield
    finally:
        _set(model, *kept)


def _set(model: CellModel, mean: Tensor, std: Tensor) -> None:
    for buffer, value in ((model.mean, mean), (model.std, std)):
        buffer.copy_(value.reshape(buffer.shape).to(buffer))
