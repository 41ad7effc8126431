"""What a bundle is asked when it is exported: its self-test's pictures, or patients, in several sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.bundles.network import encoder_of
from leukoscope.bundles.selftest import EXPECTED, FOLDER
from leukoscope.exporting.facts import raw_facts
from leukoscope.exporting.graph import Graph
from leukoscope.exporting.signature import framers
from leukoscope.files import read_json
from leukoscope.models.network import cells_of
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import decode
from leukoscope.training.device import as_input
from leukoscope.training.views import seen, views_of

WIDER, HIGHER = 37, 11


@dataclass(frozen=True, eq=False)
class Trial:
    """Pictures of one size; of patients those of one patient.

    Args:
        pictures: (n, h, w, 3) uint8, RGB, as a client has them.
        facts: The patient's facts by name; empty where none count.
    """

    pictures: Pixels
    facts: Mapping[str, Any] = field(default_factory=dict)


def trials_of(bundle: AnyBundle) -> list[Trial]:
    """Return what a bundle's exported graph must answer as the bundle does.

    All pictures of the self-test together, one of them alone, and all of them in a wider and in a smaller frame; of
    patients the self-test's own bags, of several cells and of one, in these frames.

    Args:
        bundle: The bundle.
    """
    if bundle.card.task == "cells":
        pictures = _read(bundle.folder, [path.name for path in sorted((bundle.folder / FOLDER).glob("*.png"))])
        return [Trial(pictures), Trial(pictures[:1]), Trial(_wider(pictures)), Trial(_smaller(pictures))]
    bags = read_json(bundle.folder / FOLDER / EXPECTED)["bags"]
    whole = [Trial(_read(bundle.folder, bag["pictures"]), bag["facts"]) for bag in bags]
    return [
        *whole,
        *(Trial(_wider(one.pictures), one.facts) for one in whole),
        Trial(_smaller(whole[0].pictures), whole[0].facts),
    ]


def feed_of(bundle: AnyBundle, graph: Graph, trial: Trial) -> dict[str, npt.NDArray[Any]]:
    """Return what a graph is given for a trial, by the names of its inputs: what the client must do is done here.

    Args:
        bundle: The bundle.
        graph: Its graph.
        trial: The trial.
    """
    model, names = models_of(bundle)[0], [one.name for one in graph.inputs]
    feed: dict[str, npt.NDArray[Any]] = {
        name: trial.pictures if graph.framing_inside else _framed(one, trial) for name, one in framers(bundle).items()
    }
    if "measures" in names:
        feed["measures"] = measures_of(model, _framed(model, trial))
    encoder = encoder_of(model.card) if "facts" in names else None
    return feed if encoder is None else {**feed, "facts": raw_facts(encoder, trial.facts)}


def measures_of(model: Bundle, framed: Pixels) -> npt.NDArray[np.float32]:
    """Return the named measures of framed pictures in each view, (n, views, m) float32, for a model that has some.

    Args:
        model: The model.
        framed: (n, h, w, 3) uint8, RGB.
    """
    measures, asked = cells_of(model.model).measures, model.card.test_time
    assert measures is not None, "only where there is such an input"
    whole = as_input(framed, model.device)
    found: list[npt.NDArray[np.float32]] = [
        measures(seen(whole, view, asked)).cpu().numpy() for view in views_of(asked)
    ]
    return np.stack(found, axis=1)


def _framed(model: Bundle, trial: Trial) -> Pixels:
    return np.stack([model.framing.apply(picture) for picture in trial.pictures])


def _read(folder: Path, names: Sequence[str]) -> Pixels:
    return np.stack([decode(folder / FOLDER / name).pixels for name in names])


def _wider(pictures: Pixels) -> Pixels:
    """Return pictures within a wider frame of their own border, not square."""
    around = [cv2.copyMakeBorder(one, HIGHER, 0, WIDER, WIDER, cv2.BORDER_REPLICATE) for one in pictures]
    return np.stack([np.asarray(one, dtype=np.uint8) for one in around])


def _smaller(pictures: Pixels) -> Pixels:
    """Return the middle of pictures, not square: four fifths of their height, half of their width."""
    height, width = pictures.shape[1:3]
    return np.ascontiguousarray(pictures[:, height // 10 : height - height // 10, width // 4 : width - width // 4])
