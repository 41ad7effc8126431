from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from leukoscope.bundles.opening import open_bundle
from leukoscope.exporting.exporting import graph_of
from leukoscope.exporting.training_cells import quantisation_feeds, quantised_on, training_cells

LEVELS = (30, 70, 110, 150, 190)


def keeping(bundle: Any, levels: tuple[int, ...]) -> Any:
    """Return a bundle whose training cells are all over of these greys."""
    pictures = [cv2.imencode(".jpg", np.full((24, 24, 3), level, dtype=np.uint8))[1].tobytes() for level in levels]
    return replace(bundle, reference=replace(bundle.reference, pictures=tuple(pictures)))


@pytest.fixture(scope="module")
def bundle(maker: Any, knowing: Any) -> Any:
    return knowing(open_bundle(maker.cells()))


@pytest.mark.parametrize(("kept", "shown"), [(5, 3), (4, 2), (1, 1)])
def test_what_a_graph_is_quantised_by_is_not_what_it_is_compared_by(bundle: Any, kept: int, shown: int) -> None:
    own = keeping(bundle, LEVELS[:kept])
    quantising = quantisation_feeds(own, graph_of(own))
    assert greys(np.concatenate([feed["pictures"] for feed in quantising])) == pytest.approx(LEVELS[:shown], abs=2)
    _, others = training_cells(own)
    assert sum(len(trial.pictures) for trial in others) == kept - shown
    if others:
        assert others[0].pictures.shape[1:] == (48, 48, 3)
        assert greys(others[0].pictures) == pytest.approx(LEVELS[shown:kept], abs=2)
    what = "1 training cell" if shown == 1 else f"{shown} training cells"
    compared = "; 'parity_on_training_cells' is of others that it keeps" if others else ""
    assert quantised_on(own) == (f"{what} that the bundle keeps{compared}.")


def test_of_many_cells_the_first_are_taken(bundle: Any) -> None:
    shown, others = training_cells(keeping(bundle, LEVELS * 60))
    assert [sum(len(trial.pictures) for trial in part) for part in (shown, others)] == [128, 128]
    assert max(len(trial.pictures) for trial in (*shown, *others)) == 16


def test_without_training_cells_the_self_test_s_are_turned(maker: Any) -> None:
    own = open_bundle(maker.cells())
    assert training_cells(own) == ([], [])
    assert len(quantisation_feeds(own, graph_of(own))) == 4 * 4
    assert quantised_on(own) == (
        "The drawn cells of the bundle's self-test, turned by quarters: the bundle keeps no training cells."
    )


def greys(pictures: np.ndarray) -> list[float]:
    return list(pictures.mean(axis=(1, 2, 3)))
