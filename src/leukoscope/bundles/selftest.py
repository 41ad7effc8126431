"""The self-test: a few drawn cells with what the bundle said of them when it was saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.selftest_patients import TOLERANCE as LOGIT_TOLERANCE
from leukoscope.bundles.selftest_patients import expected_of, refuse_other_logits
from leukoscope.bundles.suspects import Change, Floats, Saved, by_class, likely_reason, unchanged, way_on
from leukoscope.cohort.classes import Classes
from leukoscope.drawn import reference_pictures
from leukoscope.errors import BundleError
from leukoscope.files import read_json, write_bytes, write_json
from leukoscope.models.cell_look import look_at
from leukoscope.models.cell_model import CellModel
from leukoscope.models.network import Network, cells_of
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.decode import decode

FOLDER, EXPECTED = "selftest", "expected.json"
SMALLEST_SIDE, LARGEST_SIDE = 16, 512
TOLERANCE = 1e-4
"""Largest difference of a probability: other processors and versions round differently, but not by more."""


def write_selftest(folder: Path, model: Network, card: BundleCard) -> None:
    """Write the reference pictures and what the model says of them, cell by cell, or as bags of drawn patients.

    A picture passes decoding, framing, normalisation and network, in one view: whatever goes wrong on the way from a
    file to a probability shows here.

    Args:
        folder: The bundle's.
        model: The network, on the processor, in evaluation mode.
        card: Its card.
    """
    names = write_pictures(folder, side_of(card))
    with exactly():
        if isinstance(model, PatientModel):
            kept = expected_of(names, partial(_pixels, folder, model=model, card=card), model, card)
        else:
            kept = _answers(folder, names, model, card)
    write_json(folder / FOLDER / EXPECTED, {"classes": list(card.classes.names), **kept})


def write_pictures(folder: Path, side: int) -> list[str]:
    """Write the reference pictures, and return their names.

    Args:
        folder: The bundle's.
        side: Their side in px.
    """
    names = []
    for number, pixels in enumerate(reference_pictures(side), start=1):
        names.append(f"{number}.png")
        _, encoded = cv2.imencode(".png", pixels[:, :, ::-1])
        write_bytes(folder / FOLDER / names[-1], encoded.tobytes())
    return names


def run_selftest(folder: Path, model: Network, card: BundleCard, versions: str) -> None:
    """Let the model look at the reference pictures again.

    Args:
        folder: The bundle's.
        model: The network, on its device, in evaluation mode.
        card: Its card.
        versions: What differs between the libraries then and now, for the error; empty if nothing.

    Raises:
        BundleError: the classes are others than the self-test's, or a probability or logit differs by more than the
            tolerance; the likely reason is said where one is found.
    """
    kept: dict[str, Any] = read_json(folder / FOLDER / EXPECTED)
    refuse_other_classes(kept, card.classes, where=str(folder / FOLDER / EXPECTED))
    with exactly():
        if isinstance(model, PatientModel):
            where = str(folder / FOLDER / EXPECTED)
            framed = partial(_pixels, folder, model=model, card=card)
            refuse_other_logits(kept, framed, model, card, where=where, versions=versions)
        else:
            _refuse_other_answers(kept, folder, model, card, versions)


def look_at_pictures(folder: Path, model: Network, card: BundleCard) -> npt.NDArray[np.float32]:
    """Return what a network sees in the reference pictures, (n, d) float32, as ``models.cell_look`` puts it.

    Args:
        folder: The bundle's.
        model: The network, on its device, in evaluation mode.
        card: Its card.
    """
    names = [f"{number}.png" for number in range(1, 1 + len(list((folder / FOLDER).glob("*.png"))))]
    with exactly():
        return look_at(cells_of(model), _pixels(folder, names, model, card))


def refuse_other_classes(kept: dict[str, Any], classes: Classes, *, where: str) -> None:
    """Refuse a card whose classes are not those that the self-test was made with, in their order.

    Args:
        kept: The expected values; those of an earlier version name no classes.
        classes: The card's.
        where: The file.

    Raises:
        BundleError: they are others.
    """
    then = kept.get("classes", list(classes.names))
    if then != list(classes.names):
        order = "in another order" if sorted(then) == sorted(classes.names) else "of other names"
        raise BundleError(
            f"The self-test was made with the classes {', '.join(then)}; on the card they are {order}: "
            f"{', '.join(classes.names)}. The probabilities would be given to the wrong classes.",
            where=where,
            do="Take the bundle as it was saved, or save it again.",
        )


def _answers(folder: Path, names: list[str], model: CellModel, card: BundleCard) -> dict[str, Any]:
    """Return what a model of cells says of the reference pictures, as JSON values.

    The logits tell what the probabilities cannot: which of two classes is which where both are next to impossible.
    """
    logits = _logits(model, _pixels(folder, names, model, card))
    shares = _shares(logits, card.classes)
    return {
        "tolerance": TOLERANCE,
        "probabilities": {name: row.tolist() for name, row in zip(names, shares, strict=True)},
        "logit_tolerance": LOGIT_TOLERANCE,
        "logits": {name: row.tolist() for name, row in zip(names, logits, strict=True)},
    }


def _refuse_other_answers(
    kept: dict[str, Any], folder: Path, model: CellModel, card: BundleCard, versions: str
) -> None:
    names = list(kept["probabilities"])
    pixels, saved = _pixels(folder, names, model, card), _saved(kept, names, card.classes)
    logits = _logits(model, pixels)
    for what, then in saved.items():
        said = READ[what](logits, card.classes)
        wrong = then.wrong(said)
        if wrong.any():
            picture = int(wrong.any(axis=1).argmax())
            differences = np.nan_to_num(np.abs(said - then.values)[picture], nan=np.inf)
            place = int(np.where(wrong[picture], differences, 0).argmax())
            reason = _reason(model, pixels, saved, card.classes)
            raise BundleError(
                f"The bundle does not give the results that it was saved with: the {what} of "
                f"{card.classes.names[place]!r} is {said[picture, place]:.4f}, {then.values[picture, place]:.4f} was "
                "saved." + (f" {reason}" if reason else ""),
                where=str(folder / FOLDER / names[picture]),
                more=int(wrong.any(axis=1).sum()) - 1,
                do=way_on(reason, versions),
            )


def _saved(kept: dict[str, Any], names: list[str], classes: Classes) -> dict[str, Saved]:
    """Return what must be said again, the finest last; an earlier version kept no logits."""
    saved = {"probability": Saved(np.array([kept["probabilities"][name] for name in names]), kept["tolerance"])}
    if "logits" in kept:
        logits = by_class(np.array([kept["logits"][name] for name in names]), classes)
        saved["logit"] = Saved(logits, kept["logit_tolerance"], relative=True)
    return saved


def _reason(model: CellModel, pixels: Tensor, saved: dict[str, Saved], classes: Classes) -> str | None:
    what = list(saved)[-1]

    def say(change: Change) -> Floats:
        return READ[what](_logits(model, change(pixels)), classes)

    return likely_reason(say, [model], saved[what], classes)


def shares_of(
    folder: Path, names: Sequence[str], model: CellModel, card: BundleCard, change: Change = unchanged
) -> Floats:
    """Return what a model says of reference pictures in one view, (n, k) float64.

    Args:
        folder: The bundle's that holds the pictures.
        names: The pictures'.
        model: The network, on its device, in evaluation mode.
        card: Its card.
        change: What is done to the framed pictures before the model sees them.
    """
    return _shares(_logits(model, change(_pixels(folder, names, model, card))), card.classes)


def _logits(model: CellModel, pixels: Tensor) -> Floats:
    """Return a model's logits, (n, outputs) float64."""
    with torch.inference_mode():
        found: Floats = model(pixels).double().cpu().numpy()
    return found


def _shares(logits: Floats, classes: Classes) -> Floats:
    found: Floats = probabilities(torch.from_numpy(logits), classes).numpy()
    return found


READ: dict[str, Callable[[Floats, Classes], Floats]] = {"probability": _shares, "logit": by_class}
"""What makes answers of each kind, one a class, of logits."""


def _pixels(folder: Path, names: Sequence[str], model: Network, card: BundleCard) -> Tensor:
    """Return pictures as the network takes them, (n, 3, h, w) float32 on its device."""
    framed = np.stack([card.framing.apply(decode(folder / FOLDER / name).pixels) for name in names])
    return torch.from_numpy(framed).to(model.mean.device).permute(0, 3, 1, 2).float() / 255


def exactly() -> AbstractContextManager[None]:
    """Compute as exactly as the device can."""
    # cuDNN would round the factors of convolutions to ten bits (TF32) where it is let to.
    return torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)


def side_of(card: BundleCard) -> int:
    """Return the side of the pictures: what the framing's first step sees of a cell, within what can be drawn."""
    sizes = [step.size for step in card.framing.steps if step.size is not None]
    return min(max(*sizes[0], SMALLEST_SIDE), LARGEST_SIDE)
