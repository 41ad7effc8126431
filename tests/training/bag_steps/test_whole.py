from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.recipes.schema import BagSettings
from leukoscope.training.bag_steps import whole_step


@pytest.mark.parametrize("instances", ["pixels", "cells"])
def test_it_is_the_plain_gradient_of_the_network(bench: Any, learnt: Any, same_gradients: Any, instances: str) -> None:
    made = bench(instances=instances, dropout=0.0)
    loss, model, _ = learnt(made, whole_step, BagSettings(max_forward=9))
    plain = copy.deepcopy(made.model)
    expected = made.loss_of(plain(made.pixels(np.arange(60)), made.batch.bags))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    same_gradients(model, plain)


def test_no_chunk_is_larger_than_max_forward(bench: Any, learnt: Any) -> None:
    made = bench()
    learnt(made, whole_step, BagSettings(max_forward=9))
    assert (made.pixels.largest, made.pixels.calls) == (9, 7)


def test_gradients_are_added_to_those_that_are_there(bench: Any) -> None:
    made = bench(dropout=0.0)
    found = []
    for _ in range(2):
        whole_step(made.model, made.batch, made.loss_of, BagSettings())
        found.append(made.model.cells.head.linear.weight.grad.clone())
    torch.testing.assert_close(found[1], 2 * found[0])
