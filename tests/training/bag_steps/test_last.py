from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.randomness import generator
from leukoscope.recipes.schema import BagSettings
from leukoscope.training.bag_steps import last_step, whole_step


def test_with_room_for_all_it_is_the_whole_gradient(bench: Any, learnt: Any, same_gradients: Any) -> None:
    made = bench("mean", dropout=0.0)
    asked = BagSettings(max_forward=9, max_backward=60)
    loss, ours, _ = learnt(made, last_step, asked)
    expected, theirs, _ = learnt(made, whole_step, asked)
    assert loss == pytest.approx(expected, rel=1e-12)
    same_gradients(ours, theirs)


def test_the_gradient_is_that_of_the_last_pictures_of_the_shuffled_stack(
    bench: Any, learnt: Any, same_gradients: Any
) -> None:
    made = bench("mean", dropout=0.0)
    loss, ours, _ = learnt(made, last_step, BagSettings(max_forward=9, max_backward=20))
    kept = generator(5, "stack").permutation(60)[-20:]
    assert len(set(made.batch.bags.index[torch.from_numpy(kept)].tolist())) > 1  # shuffled across patients

    def by_hand(model: Any, batch: Any, loss_of: Any, _: Any) -> float:
        found = model.instances(made.pixels(np.arange(60)))
        with_graph = torch.zeros(60, 1, 1, dtype=torch.bool)
        with_graph[kept] = True
        loss = loss_of(batch.diagnose(model, torch.where(with_graph, found, found.detach())))
        loss.backward()
        return loss.item()

    expected, theirs, _ = learnt(made, by_hand, None)
    assert loss == pytest.approx(expected, rel=1e-12)
    same_gradients(ours, theirs)


def test_the_shuffle_is_the_seeds_alone(bench: Any, learnt: Any) -> None:
    asked = BagSettings(max_forward=9, max_backward=20)
    first, again = (learnt(bench(dropout=0.0), last_step, asked)[1] for _ in range(2))
    for ours, theirs in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(ours.grad, theirs.grad)


def test_gradients_of_no_more_pictures_than_asked_are_kept(bench: Any) -> None:
    made = bench(dropout=0.0)
    sizes = []
    conv = next(module for module in made.model.cells.backbone.modules() if isinstance(module, torch.nn.Conv2d))
    conv.register_forward_hook(lambda _, taken, __: sizes.append(len(taken[0]) if torch.is_grad_enabled() else 0))
    last_step(made.model, made.batch, made.loss_of, BagSettings(max_forward=9, max_backward=20))
    assert sum(sizes) == 20
    assert len(sizes) == 5 + 3  # forty in five chunks without a graph, twenty in three with one
