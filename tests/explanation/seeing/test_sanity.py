from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from leukoscope.cohort.classes import Classes
from leukoscope.explanation.seeing import METHODS, Sanity, sanity_check
from leukoscope.explanation.seeing.methods import Asked, Method
from leukoscope.explanation.seeing.sanity import alike, with_drawn_head, with_drawn_weights
from leukoscope.models.cell_model import CellModel

Make = Callable[..., CellModel]


def edges(asked: Asked) -> Tensor:
    """Return the picture's edges: a map that looks convincing and knows nothing of the network."""
    grey = asked.pixels.mean(dim=1)
    across, down = grey.diff(dim=2, append=grey[:, :, -1:]), grey.diff(dim=1, append=grey[:, -1:])
    return across.abs() + down.abs()


def checked(network: CellModel, cells: np.ndarray, classes: Classes, method: str) -> Sanity:
    masks = list(cells.any(axis=3))
    return sanity_check(network, cells, classes, of=["all", "hem", "all"], masks=masks, method=method)


def test_a_map_that_ignores_the_weights_is_caught(
    make_network: Make, cells: np.ndarray, classes: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = Method("edges", "Edges", "nobody", of_layer=False, meaning="", maps=edges)
    monkeypatch.setitem(METHODS, "edges", planted)
    found = checked(make_network(), cells, classes, "edges")
    assert (found.head, found.everything) == (pytest.approx(1), pytest.approx(1))
    assert found.verdict == "does not change: it shows the picture, not what the network learnt"


@pytest.mark.parametrize("method", METHODS)
def test_the_methods_change_with_the_weights(
    method: str, make_network: Make, cells: np.ndarray, classes: Classes
) -> None:
    network = make_network()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    found = checked(network, cells, classes, method)
    assert found.cells == 3
    assert found.everything < 0.8
    assert found.verdict != "does not change: it shows the picture, not what the network learnt"
    assert found == checked(network, cells, classes, method)
    assert all(torch.equal(values, before[name]) for name, values in network.state_dict().items())


@pytest.mark.parametrize(
    ("everything", "begins"), [(0.2, "changes, as"), (-0.9, "changes, as"), (0.5, "changes little"), (0.8, "does not")]
)
def test_the_verdict_goes_by_the_network_that_knows_nothing(everything: float, begins: str) -> None:
    assert Sanity("occlusion", 2, 0.9, everything).verdict.startswith(begins)


def test_ranks_are_compared_on_the_cell_alone() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 20, 20)).astype(np.float32)
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:15] = True
    assert alike(first, -first, mask) == pytest.approx(1)
    assert abs(alike(first * mask, second * mask, mask)) < 0.3  # the empty rest would make it 0.8
    assert alike(first * mask, second * mask, np.ones_like(mask)) > 0.7
    nothing = np.zeros_like(first)
    assert (alike(nothing, first, mask), alike(nothing, nothing, mask)) == (0, 1)
    assert alike(first, first, np.zeros_like(mask)) == pytest.approx(1)


def test_only_what_is_to_be_drawn_anew_is(make_network: Make, cells: np.ndarray) -> None:
    network = make_network()
    other = with_drawn_head(network, 0)
    changed = {
        name for name, values in other.state_dict().items() if not torch.equal(values, network.state_dict()[name])
    }
    assert changed == {"head.linear.weight"}
    whole = with_drawn_weights(network, cells, 0)
    own = dict(network.named_parameters())
    same = [own[name] for name, values in whole.named_parameters() if torch.equal(values, own[name])]
    assert len(same) < len(own)
    assert all(values.numel() == 1 or values.std() == 0 for values in same)
    assert not torch.equal(whole.head.linear.weight, with_drawn_weights(network, cells, 1).head.linear.weight)
