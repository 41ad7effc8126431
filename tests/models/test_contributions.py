from __future__ import annotations

import pytest
import torch

from leukoscope.models.building import build_patient_model
from leukoscope.models.contributions import instance_contributions
from leukoscope.models.patient_model import PatientModel
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings


def made(aggregator: str) -> PatientModel:
    bag, settings = BagSettings(aggregator=aggregator), ModelSettings(backbone="test_resnet", cut="layer2")
    return build_patient_model(settings, bag, FactsSettings(), 1, inputs=0, seed=3)[0].eval()


@pytest.mark.parametrize(("aggregator", "sums"), [("mean", True), ("max", True), ("noisy_or", False)])
def test_instances_that_were_seen_without_gradients_are_explained_alike(aggregator: str, sums: bool) -> None:
    """Predicting looks at cells in inference mode, where tensors take no part in any gradient."""
    model, pixels = made(aggregator), torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain = model.instances(pixels)
    with torch.inference_mode():
        inferred = model.instances(pixels)
        inside = instance_contributions(model, inferred, None)
    found, known = instance_contributions(model, inferred, None), instance_contributions(model, plain, None)
    assert (found.sums, found.values.shape) == (sums, inferred.shape[:2])
    assert torch.equal(found.values, known.values)
    assert torch.equal(inside.values, known.values)
    if sums:
        assert float(found.values.sum()) == pytest.approx(found.logit, abs=1e-4)
