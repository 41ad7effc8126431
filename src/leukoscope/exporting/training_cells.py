"""The training cells that a bundle keeps, as trials: by them a graph is quantised, and compared once more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.exporting.graph import Graph
from leukoscope.exporting.trials import Trial, feed_of, trials_of
from leukoscope.pictures.conversion import Pixels

KEPT, TOGETHER = 128, 16
"""So many training cells at the most, so many at a time."""
QUARTERS = 4


def training_cells(bundle: AnyBundle) -> list[Trial]:
    """Return training cells that a bundle keeps, as pictures, a few at a time; of patients as patients without facts.

    Args:
        bundle: The bundle; where it keeps none there are no trials.
    """
    for model in models_of(bundle):
        if model.reference is not None and model.reference.pictures:
            height, width = next(step.size for step in model.framing.steps if step.size is not None)
            # Kept as the network sees them: given back the size that its framing takes from a picture.
            cells = [
                cv2.resize(_decoded(one), (width, height), interpolation=cv2.INTER_LINEAR)
                for one in model.reference.pictures[:KEPT]
            ]
            parts = [cells[start : start + TOGETHER] for start in range(0, len(cells), TOGETHER)]
            return [Trial(np.stack([np.asarray(one, dtype=np.uint8) for one in part])) for part in parts]
    return []


def quantisation_feeds(bundle: AnyBundle, graph: Graph) -> list[dict[str, npt.NDArray[Any]]]:
    """Return what a graph is shown: the bundle's training cells, or else its self-test's, each also turned by quarters.

    Args:
        bundle: The bundle.
        graph: Its graph.
    """
    real, turned = training_cells(bundle), []
    for trial in () if real else trials_of(bundle):
        views = (np.rot90(trial.pictures, turns, axes=(1, 2)) for turns in range(QUARTERS))
        turned += [replace(trial, pictures=np.ascontiguousarray(view)) for view in views]
    return [feed_of(bundle, graph, trial) for trial in real or turned]


def quantised_on(bundle: AnyBundle) -> str:
    """Return on what a bundle's graph was quantised, in words."""
    if training_cells(bundle):
        return "Training cells that the bundle keeps."
    return "The drawn cells of the bundle's self-test, turned by quarters: the bundle keeps no training cells."


def _decoded(picture: bytes) -> Pixels:
    """Return a kept JPEG as (h, w, 3) uint8, RGB."""
    found = cv2.imdecode(np.frombuffer(picture, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    assert found is not None, "bundles keep JPEGs that they wrote"
    return np.asarray(found, dtype=np.uint8)
