"""The training cells that a bundle keeps, as trials: by some a graph is quantised, by others compared once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.errors import counted
from leukoscope.exporting.graph import Graph
from leukoscope.exporting.trials import Trial, feed_of, trials_of
from leukoscope.pictures.conversion import Pixels

MOST, TOGETHER = 128, 16
"""So many training cells at the most to quantise by, and as many to compare by; so many at a time."""
QUARTERS = 4


def training_cells(bundle: AnyBundle) -> tuple[list[Trial], list[Trial]]:
    """Return training cells that a bundle keeps, as pictures, a few at a time; of patients as patients without facts.

    Any first so many of them are spread over classes and patients, which every second one is not: classes take turns.

    Args:
        bundle: The bundle; where it keeps none there are no trials.

    Returns:
        The first half, to quantise by; and as many of the rest, to compare by. Of a single cell the first alone.
    """
    for model in models_of(bundle):
        if model.reference is not None and model.reference.pictures:
            pictures = model.reference.pictures[: 2 * MOST]
            half = (len(pictures) + 1) // 2
            return _trials(model, pictures[:half]), _trials(model, pictures[half:])
    return [], []


def quantisation_feeds(bundle: AnyBundle, graph: Graph) -> list[dict[str, npt.NDArray[Any]]]:
    """Return what a graph is shown: the bundle's training cells, or else its self-test's, each also turned by quarters.

    Args:
        bundle: The bundle.
        graph: Its graph.
    """
    real, turned = training_cells(bundle)[0], []
    for trial in () if real else trials_of(bundle):
        views = (np.rot90(trial.pictures, turns, axes=(1, 2)) for turns in range(QUARTERS))
        turned += [replace(trial, pictures=np.ascontiguousarray(view)) for view in views]
    return [feed_of(bundle, graph, trial) for trial in real or turned]


def quantised_on(bundle: AnyBundle) -> str:
    """Return on what a bundle's graph was quantised, in words."""
    shown, others = (sum(len(trial.pictures) for trial in trials) for trials in training_cells(bundle))
    if shown:
        compared = "; 'parity_on_training_cells' is of others that it keeps" if others else ""
        return f"{counted(shown, 'training cell')} that the bundle keeps{compared}."
    return "The drawn cells of the bundle's self-test, turned by quarters: the bundle keeps no training cells."


def _trials(model: Bundle, pictures: Sequence[bytes]) -> list[Trial]:
    """Return kept JPEGs as trials."""
    height, width = next(step.size for step in model.framing.steps if step.size is not None)
    # Kept as the network sees them: given back the size that its framing takes from a picture.
    cells = [cv2.resize(_decoded(one), (width, height), interpolation=cv2.INTER_LINEAR) for one in pictures]
    parts = [cells[start : start + TOGETHER] for start in range(0, len(cells), TOGETHER)]
    return [Trial(np.stack([np.asarray(one, dtype=np.uint8) for one in part])) for part in parts]


def _decoded(picture: bytes) -> Pixels:
    """Return a kept JPEG as (h, w, 3) uint8, RGB."""
    found = cv2.imdecode(np.frombuffer(picture, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    assert found is not None, "bundles keep JPEGs that they wrote"
    return np.asarray(found, dtype=np.uint8)
