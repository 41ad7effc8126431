"""Why a bundle does not say what it said: the usual mistakes, each tried on its own reference pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import permutations

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from leukoscope.cohort.classes import Classes
from leukoscope.models.cell_model import CellModel
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.known_weights import HALF, IMAGENET_MEAN, IMAGENET_STD

Floats = npt.NDArray[np.float64]
Change = Callable[[Tensor], Tensor]
"""What is done to framed pictures, (n, 3, h, w) float32 in 0 to 1, before a network sees them."""
Say = Callable[[Change], Floats]
"""What gives a bundle's answers, (n, k) float64, one a class, about pictures that were changed."""

COLOURS = ("red", "green", "blue")
WHITE = 255
NORMALISATIONS = {
    "none at all (pixels in 0 to 1)": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "ImageNet's": (IMAGENET_MEAN, IMAGENET_STD),
    "that of -1 to 1": (HALF, HALF),
}


def unchanged(pixels: Tensor) -> Tensor:
    """Return the pictures as they are: the change that is none."""
    return pixels


@dataclass(frozen=True)
class Saved:
    """What a bundle said of its reference pictures when it was saved, and how close it must come to that.

    Args:
        values: (n, k) float64, one a class: probabilities or logits.
        tolerance: Largest difference.
        relative: Whether the tolerance is a share of a value where that is above 1: rounding grows with a logit.
    """

    values: Floats
    tolerance: float
    relative: bool = False

    def wrong(self, said: Floats) -> npt.NDArray[np.bool_]:
        """Return which answers differ by more than the tolerance, (n, k) bool, of (n, k) float64."""
        allowed = self.tolerance * (np.maximum(1, np.abs(self.values)) if self.relative else 1)
        # Not a number is never within the tolerance.
        return np.asarray(~(np.abs(said - self.values) <= allowed))

    def fits(self, said: Floats) -> bool:
        """Return whether all of the answers, (n, k) float64, are within the tolerance."""
        return not self.wrong(said).any()


def _leave(network: CellModel) -> None:
    """Leave the normalisation as it is."""


@dataclass(frozen=True)
class _Suspect:
    """A mistake, in a sentence, and what undoes it: in the pictures, and in a network's normalisation, in place."""

    reason: str
    pixels: Change = unchanged
    normalise: Callable[[CellModel], None] = _leave


def likely_reason(say: Say, networks: Sequence[CellModel], saved: Saved, classes: Classes) -> str | None:
    """Return what would make a bundle say what it once said, in a sentence; None where nothing is found.

    Tried are another order of the classes; other orders of the colours, of the pictures, of what the first layer takes
    and of the normalisation; pixels in 0 to 255; and the usual ways of normalisation in place of the bundle's.

    Args:
        say: The bundle's answers, of the kind that was saved; called for each trial.
        networks: The networks of cells that answer, in evaluation mode; left as they are.
        saved: What was said when it was saved.
        classes: The k classes.
    """
    said = say(unchanged)
    if saved.fits(said):
        # The fault lies elsewhere: a trial that changes nothing must not be blamed for it.
        return None
    order = _order(said, saved)
    if order is not None:
        named = ", ".join(classes.names[place] for place in order)
        return f"The classes stand in another order: its outputs fit these pictures in the order {named}."
    for suspect in _suspects():
        with _put_back(networks):
            for network in networks:
                suspect.normalise(network)
            again = say(suspect.pixels)
        if saved.fits(again):
            return suspect.reason
    return None


def way_on(reason: str | None, versions: str) -> str:
    """Return what to do about a bundle that does not say what it said.

    Args:
        reason: From ``likely_reason``.
        versions: What differs between the libraries then and now; empty if nothing.
    """
    if reason is not None:
        return "Save the bundle again from the run that it came from. Do not use this one."
    same = "The libraries are the same: its weights or bundle.json were altered, or this machine computes otherwise."
    return f"{versions or same} Do not use it here."


def by_class(logits: Floats, classes: Classes) -> Floats:
    """Return a logit for each class, (n, k) float64, so that other orders of the classes are other orders of columns.

    Args:
        logits: (n, k) float64; or (n, 1), the positive class's logit, where there are two classes: the other class's
            is its negative.
        classes: The k classes.
    """
    if logits.shape[1] == len(classes):
        return logits
    positive = classes.index(str(classes.positive))
    return np.hstack([logits, -logits] if positive == 0 else [-logits, logits])


def _order(said: Floats, saved: Saved) -> list[int] | None:
    """Return which class each output fits, where all fit one another in some order."""
    apart = np.abs(said[:, :, None] - saved.values[:, None, :]).sum(axis=0)
    if not np.isfinite(apart).all():
        return None
    # Of classes that are all improbable each output fits several: the closest pairs are taken, each class once.
    _, order = linear_sum_assignment(apart)
    return order.tolist() if saved.fits(said[:, np.argsort(order)]) else None


def _suspects() -> Iterator[_Suspect]:
    # Blue, green, red comes first: most libraries that do not read red, green, blue read that.
    for order in (list(turned) for turned in permutations((2, 1, 0)) if turned != (0, 1, 2)):
        colours = f"stand in another order: with {', '.join(COLOURS[place] for place in order)} it says what it said."
        pixels, normalise = partial(_turned, order=order), partial(_turn_normalisation, order=order)
        yield _Suspect(f"The channels {colours}", pixels)
        # Both turned alike are normalised as before, and reach the first layer in this order.
        yield _Suspect(f"The channels of the first layer {colours}", pixels, normalise)
        yield _Suspect(f"The normalisation's channels {colours}", normalise=normalise)
    yield _Suspect("The pixels have another range: with 0 to 255 instead of 0 to 1 it says what it said.", _to_white)
    for name, (mean, std) in NORMALISATIONS.items():
        reason = f"The normalisation of the channels is another: with {name} it says what it said."
        yield _Suspect(reason, normalise=partial(_normalise, mean=mean, std=std))


def _turned(pixels: Tensor, *, order: list[int]) -> Tensor:
    return pixels[:, order]


def _to_white(pixels: Tensor) -> Tensor:
    return pixels * WHITE


def _turn_normalisation(network: CellModel, *, order: list[int]) -> None:
    for buffer in _normalisation(network):
        buffer.copy_(buffer[:, order])


def _normalise(network: CellModel, *, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
    for buffer, value in ((network.mean, mean), (network.std, std)):
        buffer.copy_(torch.tensor(value).view_as(buffer))


@contextmanager
def _put_back(networks: Sequence[CellModel]) -> Iterator[None]:
    """Leave the networks' normalisation as it was, whatever is done to it within."""
    kept = [(buffer, buffer.clone()) for network in networks for buffer in _normalisation(network)]
    try:
        yield
    finally:
        for buffer, value in kept:
            buffer.copy_(value)


def _normalisation(network: CellModel) -> list[Tensor]:
    """Return what is done to the channels, each (branches, 3, 1, 1): of networks side by side also each branch's."""
    backbone = network.backbone
    own = [backbone.means, backbone.stds] if isinstance(backbone, JointBackbone) else []
    return [network.mean, network.std, *own]
