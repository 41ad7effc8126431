"""The self-test: a few drawn cells with the probabilities that the bundle gave when it was saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from leukoscope.bundles.card import BundleCard
from leukoscope.drawn import reference_pictures
from leukoscope.errors import BundleError
from leukoscope.files import read_json, write_bytes, write_json
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.decode import decode

FOLDER, EXPECTED = "selftest", "expected.json"
SMALLEST_SIDE, LARGEST_SIDE = 16, 512
TOLERANCE = 1e-4
"""Largest difference of a probability: other processors and versions round differently, but not by more."""


def write_selftest(folder: Path, model: CellModel, card: BundleCard) -> None:
    """Write the reference pictures and what the model says of them.

    A picture passes decoding, framing, normalisation and network, in one view: whatever goes wrong on the way from a
    file to a probability shows here.

    Args:
        folder: The bundle's.
        model: The network, on the processor, in evaluation mode.
        card: Its card.
    """
    names = []
    for number, pixels in enumerate(reference_pictures(_side(card)), start=1):
        names.append(f"{number}.png")
        _, encoded = cv2.imencode(".png", pixels[:, :, ::-1])
        write_bytes(folder / FOLDER / names[-1], encoded.tobytes())
    said = _said(folder, names, model, card)
    expected = {name: values.tolist() for name, values in zip(names, said, strict=True)}
    write_json(folder / FOLDER / EXPECTED, {"tolerance": TOLERANCE, "probabilities": expected})


def run_selftest(folder: Path, model: CellModel, card: BundleCard, versions: str) -> None:
    """Let the model look at the reference pictures again.

    Args:
        folder: The bundle's.
        model: The network, on its device, in evaluation mode.
        card: Its card.
        versions: What differs between the libraries then and now, for the error; empty if nothing.

    Raises:
        BundleError: a probability differs by more than the tolerance.
    """
    kept: dict[str, Any] = read_json(folder / FOLDER / EXPECTED)
    names = list(kept["probabilities"])
    said, expected = _said(folder, names, model, card), np.array([kept["probabilities"][name] for name in names])
    differences = np.abs(said - expected)
    # Not a number is never within the tolerance.
    wrong = np.flatnonzero(~(differences.max(axis=1) <= kept["tolerance"]))
    if wrong.size:
        picture = int(wrong[0])
        place = int(np.nan_to_num(differences[picture], nan=2.0).argmax())
        raise BundleError(
            f"The bundle does not give the results that it was saved with: the probability of "
            f"{card.classes.names[place]!r} is {said[picture, place]:.4f}, {expected[picture, place]:.4f} was saved.",
            where=str(folder / FOLDER / names[picture]),
            more=wrong.size - 1,
            do=f"{versions or 'The libraries are the same; this machine computes otherwise.'} Do not use it here.",
        )


def _said(folder: Path, names: list[str], model: CellModel, card: BundleCard) -> np.ndarray:
    framed = np.stack([card.framing.apply(decode(folder / FOLDER / name).pixels) for name in names])
    # cuDNN would round the factors of convolutions to ten bits (TF32) where it is let to.
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        pixels = torch.from_numpy(framed).to(model.mean.device).permute(0, 3, 1, 2).float() / 255
        return probabilities(model(pixels).double(), card.classes).cpu().numpy()


def _side(card: BundleCard) -> int:
    """Return the side of the pictures: what the framing's first step sees of a cell, within what can be drawn."""
    sizes = [step.size for step in card.framing.steps if step.size is not None]
    return min(max(*sizes[0], SMALLEST_SIDE), LARGEST_SIDE)
