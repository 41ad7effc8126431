from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import DataError
from leukoscope.explanation.evidence import evidence_of, plain_probability, strongest
from leukoscope.pictures.bags import BagData
from leukoscope.training.patients import patient_logits


def test_cells_sum_to_the_logits_of_training(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("bn_sigmoid")
    found = evidence_of(model, bags, cpu, replicates=20)
    logits = patient_logits(model, bags, cpu)[:, 0]
    summed = found.cells.group_by("patient", maintain_order=True).agg(pl.col("evidence", "share").sum())
    assert summed["patient"].to_list() == bags.patients
    assert np.allclose(summed["evidence"], logits, atol=1e-4)
    assert np.allclose(found.patients["logit"], logits, atol=1e-4)
    assert found.patients["sums"].all()
    assert np.allclose(summed["share"], 1)


def test_the_table_ranks_and_the_maps_sum_to_the_cells(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    found = evidence_of(make_model("mean"), bags, cpu, batch=2, replicates=0)
    last = found.cells.filter(found.cells["patient"] == bags.patients[2]).sort("rank")
    assert last["rank"].to_list() == [1, 2, 3, 4, 5]
    assert last["evidence"].is_sorted(descending=True)
    evidence = dict(found.cells.select("id", "evidence").iter_rows())
    assert sorted(found.shown) == sorted(bags.cells.ids)
    assert found.maps.shape[2] == 2 * found.maps.shape[1]
    assert np.allclose(found.maps.sum(axis=(1, 2)), [evidence[name] for name in found.shown], atol=1e-5)


def test_maps_lie_as_the_picture_does(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("mean")
    found = evidence_of(model, bags, cpu, replicates=0)
    row = bags.cells.rows[bags.cells.ids.index(found.shown[0])]
    pixels = torch.from_numpy(bags.cells.store.batch(np.array([row]))).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        maps = model.cells.features(pixels)
        logits = model.cells.head(maps.permute(0, 2, 3, 1).flatten(0, 2)).view(maps.shape[2:])
    assert found.logit_maps is not None
    assert np.allclose(found.logit_maps[0], logits.numpy(), atol=1e-4)


def test_a_patient_of_one_cell_has_no_interval(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    found = evidence_of(make_model("mean"), bags, cpu, replicates=50).patients
    assert found["low"].is_null().to_list() == [True, False, False]
    share = 1 / (1 + np.exp(-found["logit"].to_numpy()))
    for place in (1, 2):
        assert found["low"][place] < share[place] < found["high"][place]


def test_the_interval_is_that_of_the_final_probability(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    places = []

    def halved(place: int, logits: np.ndarray, output: int) -> np.ndarray:
        places.append(place)
        return plain_probability(place, logits, output) / 2

    model = make_model("mean")
    plain, own = evidence_of(model, bags, cpu), evidence_of(model, bags, cpu, probability=halved)
    assert places == [1, 2]
    assert np.allclose(own.patients["high"][1:], plain.patients["high"][1:] / 2)


def test_equal_evidence_everywhere_is_a_flat_map_and_no_nan(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("mean")
    torch.nn.init.zeros_(model.cells.head.linear.weight)
    found = evidence_of(model, bags, cpu)
    assert found.cells["share"].to_list() == [0.0] * 9
    assert (found.shown, found.maps.shape[0]) == ([], 0)
    torch.nn.init.ones_(model.cells.head.linear.bias)
    flat = evidence_of(model, bags, cpu)
    assert np.allclose(flat.maps[1], 1 / (3 * flat.maps[1].size))
    assert np.isfinite(flat.cells.select("evidence", "share", "mean_logit").to_numpy()).all()


def test_of_several_classes_the_highest_is_explained(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("mean", outputs=3)
    found = evidence_of(model, bags, cpu).patients
    logits = patient_logits(model, bags, cpu)
    assert found["output"].to_list() == logits.argmax(axis=1).tolist()
    assert np.allclose(found["logit"], logits.max(axis=1), atol=1e-4)


def test_a_logit_that_is_no_number_is_refused(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("mean")
    torch.nn.init.constant_(model.cells.head.linear.bias, float("nan"))
    with pytest.raises(DataError) as raised:
        evidence_of(model, bags, cpu)
    assert str(raised.value) == "The network gives this patient a logit that is no number.\n  where: patient P1"


def test_probabilities_of_several_classes_sum_to_one() -> None:
    logits = np.array([[1.0, 2.0, -800.0], [0.0, 0.0, 0.0]])
    shares = np.stack([plain_probability(0, logits, output) for output in range(3)])
    assert np.allclose(shares.sum(axis=0), 1)
    assert plain_probability(0, np.array([[0.0], [9000.0]]), 0).tolist() == [0.5, 1.0]


@given(st.lists(st.floats(-10, 10), max_size=30), st.integers(1, 5))
def test_the_strongest_are_on_their_own_side_and_beat_the_rest(values: list[float], shown: int) -> None:
    evidence = np.array(values)
    chosen = strongest(evidence, shown)
    rest = np.delete(evidence, chosen)
    taken = evidence[chosen]
    assert len(set(chosen.tolist())) == len(chosen)
    assert (taken > 0).sum() == min(shown, (evidence > 0).sum())
    assert (taken < 0).sum() == min(shown, (evidence < 0).sum())
    assert rest[rest > 0].max(initial=0) <= taken[taken > 0].min(initial=np.inf)
    assert rest[rest < 0].min(initial=0) >= taken[taken < 0].max(initial=-np.inf)
