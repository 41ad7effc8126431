from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from torch import Tensor, nn

from leukoscope.models.aggregators import AGGREGATORS, make_aggregator
from leukoscope.models.cell_model import BATCH_NORMS
from leukoscope.recipes.schema import BagSettings
from leukoscope.training.bag_steps import chunked_step, whole_step
from leukoscope.training.bag_steps.chunked import still_statistics

RAGGED = (1, 200, 7, 33)
CHUNKS = BagSettings(max_forward=16)


MULTICLASS = [name for name, kind in AGGREGATORS.items() if kind.multiclass]
# What makes two columns of one makes no logit; what takes one column alone takes no features.
OF_LOGITS = [(name, "logits") for name in AGGREGATORS if make_aggregator(name, 4, 1, 0).width(1) == 1]
OF_FEATURES = [(name, "features") for name in MULTICLASS]
ONCE = dict([*OF_FEATURES, *OF_LOGITS]).items()
Compare = Callable[..., None]


@pytest.fixture(scope="module")
def compare(learnt: Any, same_gradients: Any) -> Compare:
    """Compare loss, gradients, running statistics and the next random number with those of the whole graph."""

    def compared(made: Any, asked: BagSettings = CHUNKS) -> None:
        expected, theirs, next_theirs = learnt(made, whole_step, asked)
        loss, ours, next_ours = learnt(made, chunked_step, asked)
        assert loss == pytest.approx(expected, rel=1e-12)
        same_gradients(ours, theirs)
        assert torch.equal(next_ours, next_theirs)
        for name, buffer in ours.named_buffers():
            torch.testing.assert_close(buffer, theirs.get_buffer(name), rtol=1e-12, atol=1e-15, msg=name)

    return compared


@pytest.mark.parametrize("batch_norm", ["frozen", "train"])
@pytest.mark.parametrize(("aggregator", "order"), ONCE)
def test_the_gradient_is_that_of_the_whole_graph(
    bench: Any, compare: Compare, aggregator: str, order: str, batch_norm: str
) -> None:
    compare(bench(aggregator, RAGGED, order=order, batch_norm=batch_norm))


@pytest.mark.parametrize("fused", [False, True], ids=["alone", "fused"])
@pytest.mark.parametrize("instances", ["pixels", "cells"])
@pytest.mark.parametrize(("aggregator", "order"), OF_LOGITS + OF_FEATURES)
def test_whatever_is_aggregated_and_fused(  # noqa: PLR0917 - what is tried
    bench: Any, compare: Compare, aggregator: str, order: str, instances: str, fused: bool
) -> None:
    compare(bench(aggregator, instances=instances, order=order, fused=fused, batch_norm="train"))


@pytest.mark.parametrize(("aggregator", "order"), [case for case in ONCE if case[0] in MULTICLASS])
def test_three_classes(bench: Any, compare: Compare, aggregator: str, order: str) -> None:
    compare(bench(aggregator, order=order, outputs=3))


def test_every_aggregator_is_compared() -> None:
    assert set(dict(ONCE)) == set(AGGREGATORS)


@settings(max_examples=15, deadline=None)
@given(sizes=some.lists(some.integers(1, 30), min_size=1, max_size=4), largest=some.integers(2, 40))
def test_whatever_the_bags_and_the_chunks(bench: Any, compare: Compare, sizes: list[int], largest: int) -> None:
    compare(bench("bn_sigmoid", tuple(sizes)), BagSettings(max_forward=largest))


def test_dropout_and_statistics_are_at_work_in_what_was_compared(bench: Any, learnt: Any) -> None:
    made = bench(batch_norm="train")
    first = learnt(made, chunked_step, CHUNKS)[0]
    torch.manual_seed(12)
    assert chunked_step(copy.deepcopy(made.model), made.batch, made.loss_of, CHUNKS) != first
    assert learnt(bench(batch_norm="frozen"), chunked_step, CHUNKS)[0] != first


def test_running_statistics_move_once_a_chunk(bench: Any, learnt: Any) -> None:
    made = bench(batch_norm="train")
    moved = learnt(made, chunked_step, CHUNKS)[1]
    counts = {int(module.num_batches_tracked) for module in moved.modules() if isinstance(module, nn.BatchNorm2d)}
    assert counts == {4}  # 60 cells in four chunks of 15


def test_statistics_stand_still_for_a_while_and_move_again(bench: Any) -> None:
    model = bench(batch_norm="train").model
    norms = [module for module in model.modules() if isinstance(module, BATCH_NORMS)]
    norms[0].eval()
    with still_statistics(model):
        assert [norm.track_running_stats for norm in norms[:2]] == [True, False]
    assert all(norm.track_running_stats for norm in norms)


def test_only_one_chunk_has_a_graph_at_a_time(bench: Any, learnt: Any) -> None:
    def kept_at_most(step: Any) -> int:
        made, kept, largest = bench(), 0, 0

        def pack(tensor: Tensor) -> Any:
            nonlocal kept, largest
            kept += 1
            largest = max(largest, kept)
            return Held(tensor)

        class Held:
            def __init__(self, tensor: Tensor) -> None:
                self.tensor = tensor

            def __del__(self) -> None:
                nonlocal kept
                kept -= 1

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda held: held.tensor):
            learnt(made, step, BagSettings(max_forward=6))
        return largest

    assert 5 * kept_at_most(chunked_step) < kept_at_most(whole_step)  # of ten chunks


def test_one_chunk_goes_through_once(bench: Any, learnt: Any) -> None:
    made = bench()
    learnt(made, chunked_step, BagSettings(max_forward=60))
    assert made.pixels.calls == 1


def test_frozen_parts_have_no_gradient_and_need_no_second_pass(bench: Any, learnt: Any, compare: Compare) -> None:
    made = bench(order="features", fused=True)
    for parameter in made.model.cells.backbone.parameters():
        parameter.requires_grad_(False)
    compare(made)
    made.pixels.calls = 0
    learnt(made, chunked_step, CHUNKS)
    assert made.pixels.calls <= 4 + 2  # all four, then one tried and one made ahead
