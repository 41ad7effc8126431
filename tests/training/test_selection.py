from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from leukoscope.errors import SettingsError
from leukoscope.models.bags import Bags
from leukoscope.models.building import build_patient_model
from leukoscope.pictures.bags import BagData
from leukoscope.recipes.schema import BagSettings
from leukoscope.training.bag_batches import bag_batch
from leukoscope.training.cell_sources import pixel_source
from leukoscope.training.selection import cell_scores_of, drawn_cells, highest_cells, with_cells

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def patients(two_classes: Any) -> BagData:
    data = two_classes.train.subset(np.arange(24))
    return BagData(data, np.array([1, 11, 3, 9]), list("abcd"), np.array([0, 1, 0, 1]), np.eye(4, dtype=np.float32))


def test_a_few_of_each_patient_are_drawn(patients: BagData) -> None:
    drawn = drawn_cells(patients, 4, seed=0, epoch=1)
    assert [len(places) for places in drawn] == [1, 4, 3, 4]
    for patient, places in enumerate(drawn):
        assert set(places) <= set(patients.cells_of(patient))
        assert (np.diff(places) > 0).all()


def test_the_draw_depends_on_seed_epoch_and_patient_alone(patients: BagData) -> None:
    drawn = drawn_cells(patients, 4, seed=0, epoch=1)[1]
    alone = drawn_cells(patients.subset(np.array([1])), 4, seed=0, epoch=1)[0]
    np.testing.assert_array_equal(alone + patients.starts[1], drawn)
    others = [drawn_cells(patients, 4, seed=seed, epoch=epoch)[1] for seed in (0, 1) for epoch in (2, 3, 4)]
    assert len({tuple(places) for places in [drawn, *others]}) == 7


def test_every_cell_is_drawn_at_some_time(patients: BagData) -> None:
    seen = {int(place) for epoch in range(40) for place in drawn_cells(patients, 4, seed=0, epoch=epoch)[1]}
    assert seen == set(range(1, 12))


@given(sizes=some.lists(some.integers(1, 9), min_size=1, max_size=5), number=some.integers(1, 6))
def test_the_highest_of_each_bag_are_taken(sizes: list[int], number: int) -> None:
    scores = torch.from_numpy(np.random.default_rng(0).normal(size=sum(sizes)))
    found = highest_cells(scores, Bags(torch.tensor(sizes)), number)
    start = 0
    for size, places in zip(sizes, found, strict=True):
        own = scores[start : start + size].sort(descending=True).values[:number]
        torch.testing.assert_close(scores[places].sort(descending=True).values, own)
        assert all(start <= place < start + size for place in places)
        start += size


def test_of_equal_scores_the_first_are_taken() -> None:
    assert highest_cells(torch.tensor([0.0, 1.0, 0.0, 0.0]), Bags(torch.tensor([4])), 2)[0].tolist() == [0, 1]


def test_the_patients_stay_with_fewer_cells(patients: BagData) -> None:
    fewer = with_cells(patients, [np.array([0]), np.array([1, 4]), np.array([12]), np.array([20, 23])])
    assert fewer.sizes.tolist() == [1, 2, 1, 2]
    assert fewer.cells.ids == [patients.cells.ids[place] for place in (0, 1, 4, 12, 20, 23)]
    assert (fewer.patients, fewer.facts is patients.facts) == (patients.patients, True)


@pytest.mark.parametrize("order", ["logits", "features"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_cells_score_is_its_mean_logit(two_classes: Any, patients: BagData, order: Any, outputs: int) -> None:
    bag = BagSettings(order=order, aggregator="attention")
    network = build_patient_model(two_classes.recipe.model, bag, two_classes.recipe.facts, outputs, seed=0)[0]
    batch = bag_batch(patients, pixel_source(CPU), CPU)
    network.train()
    before = torch.get_rng_state()
    found = cell_scores_of(network, batch, outputs=outputs, largest=5)
    assert network.training
    assert torch.equal(torch.get_rng_state(), before)
    network.eval()
    with torch.no_grad():
        # Mean and linear head may change places: a cut network's pooled features are the means of its maps.
        logits = network.cells(batch.inputs(np.arange(24)))
    own = logits[:, 0] if outputs == 1 else logits[torch.arange(24), batch.labels[batch.bags.index]]
    torch.testing.assert_close(found, own, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("aggregator", ["mean", "mean_and_spread"])
def test_fused_or_widened_features_rank_no_cells(two_classes: Any, patients: BagData, aggregator: str) -> None:
    bag = BagSettings(order="features", aggregator=aggregator)
    network = build_patient_model(two_classes.recipe.model, bag, two_classes.recipe.facts, 1, seed=0)[0]
    network.fusion = torch.nn.Identity() if aggregator == "mean" else None
    batch = bag_batch(patients, pixel_source(CPU), CPU)
    with pytest.raises(SettingsError) as caught:
        cell_scores_of(network, batch, outputs=1, largest=5)
    assert str(caught.value) == (
        "Cells can't be ranked: the linear map stands behind more than a cell's features, so no cell has a logit.\n"
        "  where: bag.select\n"
        "  what to do: Set bag.order to logits, or leave bag.select out."
    )
