from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.errors import SettingsError
from leukoscope.models.bags import Bags
from leukoscope.models.building import build_patient_model
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import logit_of, probabilities
from leukoscope.pictures.augmentation import views as all_views
from leukoscope.pictures.bags import BagData
from leukoscope.recipes import schema
from leukoscope.recipes.schema import BagSettings
from leukoscope.training import patient_scoring
from leukoscope.training.device import as_input
from leukoscope.training.patient_scoring import patient_logits, scoring_steps

CPU = torch.device("cpu")
SIZES = np.array([1, 11, 3, 9])


@pytest.fixture(scope="module")
def patients(two_classes: Any) -> BagData:
    return BagData(two_classes.train.subset(np.arange(24)), SIZES, list("abcd"), np.array([0, 1, 0, 1]))


@pytest.fixture(scope="module")
def network(two_classes: Any) -> PatientModel:
    bag = BagSettings(aggregator="bn_sigmoid")
    return build_patient_model(two_classes.recipe.model, bag, two_classes.recipe.facts, 1, seed=0)[0]


@pytest.mark.parametrize("batch", [1, 5, 24, 1000])
def test_logits_do_not_depend_on_the_chunks(network: PatientModel, patients: BagData, batch: int) -> None:
    expected = patient_logits(network, patients, CPU, batch=8)
    np.testing.assert_allclose(patient_logits(network, patients, CPU, batch=batch), expected, rtol=1e-4, atol=1e-6)
    assert expected.shape == (4, 1)
    assert expected.dtype == np.float32


def test_logits_do_not_depend_on_who_else_is_scored(
    network: PatientModel, patients: BagData, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = patient_logits(network, patients, CPU)
    alone = [patient_logits(network, patients.subset(np.array([place])), CPU)[0] for place in range(4)]
    np.testing.assert_allclose(alone, expected, rtol=1e-4, atol=1e-6)
    monkeypatch.setattr(patient_scoring, "CHUNKS_TOGETHER", 1)
    np.testing.assert_allclose(patient_logits(network, patients, CPU, batch=12), expected, rtol=1e-4, atol=1e-6)


def test_no_more_than_a_chunk_goes_through_at_once(
    network: PatientModel, patients: BagData, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    own = network.instances
    monkeypatch.setattr(network, "instances", lambda pixels: seen.append(len(pixels)) or own(pixels))
    monkeypatch.setattr(patient_scoring, "CHUNKS_TOGETHER", 3)
    told: list[None] = []
    patient_logits(network, patients, CPU, batch=4, after_chunk=lambda: told.append(None))
    assert seen == [4, 4, 4, 4, 4, 4]  # the first two patients have twelve cells, the others as many
    assert len(told) == 6 == scoring_steps(patients, batch=4)


@pytest.mark.parametrize("mean", ["logits", "probabilities"])
def test_views_are_of_the_whole_patient(network: PatientModel, patients: BagData, mean: Any, two_classes: Any) -> None:
    asked = schema.TestTimeSettings(rotations=3, mean=mean, fill="edge")
    found = patient_logits(network, patients, CPU, test_time=asked)
    pixels = as_input(patients.cells.store.batch(patients.cells.rows), CPU)
    bags = Bags(torch.from_numpy(SIZES))
    with torch.inference_mode():
        views = torch.stack([network(view.of(pixels, fill="edge"), bags) for view in all_views(rotations=3)])
        shares = torch.stack([probabilities(view, two_classes.classes) for view in views])
        expected = views.mean(dim=0) if mean == "logits" else logit_of(shares.mean(dim=0), two_classes.classes)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-6)


def test_a_patient_may_have_more_cells_than_are_kept_together(
    network: PatientModel, patients: BagData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient_scoring, "CHUNKS_TOGETHER", 1)
    assert scoring_steps(patients, batch=2) == 1 + 6 + 2 + 5
    assert patient_logits(network, patients, CPU, batch=2).shape == (4, 1)


@pytest.mark.parametrize("instances", ["cells", "pixels"])
@pytest.mark.parametrize(
    ("order", "aggregator"), [("logits", "bn_sigmoid"), ("logits", "gated_attention"), ("features", "gated_attention")]
)
def test_logits_by_features_are_those_by_pixels(
    two_classes: Any, patients: BagData, instances: Any, order: Any, aggregator: str
) -> None:
    bag = BagSettings(aggregator=aggregator, instances=instances, order=order)
    network = build_patient_model(two_classes.recipe.model, bag, two_classes.recipe.facts, 1, seed=51)[0]
    expected = patient_logits(network, patients, CPU)
    for batch in (5, 64):  # the second time nothing is computed but the head and the aggregator
        found = patient_logits(network, patients, CPU, frozen=True, batch=batch)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_by_features_the_backbone_is_not_asked_twice(
    two_classes: Any, patients: BagData, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = BagSettings(aggregator="mean")
    network = build_patient_model(two_classes.recipe.model, bag, two_classes.recipe.facts, 1, seed=52)[0]
    told: list[None] = []
    first = patient_logits(network, patients, CPU, frozen=True)
    monkeypatch.setattr(network, "cell_features", lambda _: pytest.fail("the backbone was asked again"))
    asked = {"frozen": True, "batch": 4, "after_chunk": lambda: told.append(None)}
    np.testing.assert_allclose(patient_logits(network, patients, CPU, **asked), first, rtol=1e-5, atol=1e-7)
    assert len(told) == 6 == scoring_steps(patients, batch=4)


def test_features_have_one_view(network: PatientModel, patients: BagData) -> None:
    with pytest.raises(SettingsError, match=r"can't have 3 rotations in scoring"):
        patient_logits(network, patients, CPU, frozen=True, test_time=schema.TestTimeSettings(rotations=3))
