from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from leukoscope.explanation.contributions import contributions, instance_logits
from leukoscope.explanation.instances import each_patient
from leukoscope.pictures.bags import BagData

SUMMING = ["mean", "max", {"top_k": {"k": 3}}, {"top_and_bottom_k": {"k": 2}}, "bn_sigmoid", "attention"]


class Added(nn.Module):
    """Adds twice the first fact to thrice the pictures' logit."""

    def forward(self, patient: Tensor, facts: Tensor) -> Tensor:
        return 3 * patient + 2 * facts[:, :1]


@pytest.mark.parametrize("aggregator", SUMMING, ids=str)
def test_contributions_sum_to_the_logit(aggregator: Any, bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model(aggregator)
    for patient in each_patient(model, bags, cpu):
        found = contributions(model, patient)
        assert found.sums
        assert found.values.shape == patient.instances.shape[:2]
        assert float(found.values.sum()) == pytest.approx(found.logit, abs=1e-4)


@pytest.mark.parametrize("aggregator", ["mean", "attention"])
def test_contributions_of_aggregated_features_sum_too(
    aggregator: str, bags: BagData, make_model: Any, cpu: torch.device
) -> None:
    model = make_model(aggregator, order="features")
    for patient in each_patient(model, bags, cpu):
        found = contributions(model, patient)
        assert found.sums
        assert float(found.values.sum()) == pytest.approx(found.logit, abs=1e-4)


def test_without_a_sum_it_is_gradient_times_input(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("noisy_or")
    patient = list(each_patient(model, bags, cpu))[1]
    found = contributions(model, patient)
    assert not found.sums
    step = torch.zeros_like(patient.instances)
    step[2, 0] = 1e-2
    with torch.no_grad():
        up, down = (model.diagnose(patient.instances + sign * step, patient.bags)[0, 0] for sign in (1, -1))
    slope = float(up - down) / 2e-2
    assert float(found.values[2, 0]) == pytest.approx(slope * float(patient.instances[2, 0, 0]), rel=0.02, abs=1e-4)


def test_facts_fused_within_the_network_are_taken_along(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    plain, fused = make_model("mean"), make_model("mean", fusion=Added())
    patient = list(each_patient(fused, bags, cpu))[2]
    alone, together = contributions(plain, patient), contributions(fused, patient)
    assert together.logit == pytest.approx(3 * alone.logit + 2 * 2.0, rel=1e-5)
    assert torch.allclose(together.values, 3 * alone.values, atol=1e-6)
    assert (alone.sums, together.sums) == (True, False)


def test_the_asked_class_is_explained(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("mean", outputs=3)
    patient = next(each_patient(model, bags, cpu))
    logits = model.diagnose(patient.instances, patient.bags)[0]
    for output in range(3):
        assert float(contributions(model, patient, output).values.sum()) == pytest.approx(
            float(logits[output]), abs=1e-4
        )


def test_instances_logits_average_to_the_means(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    for order in ("logits", "features"):
        model = make_model("mean", order=order)
        patient = next(each_patient(model, bags, cpu))
        own = instance_logits(model, patient)
        assert own is not None
        assert float(own.mean()) == pytest.approx(contributions(model, patient).logit, abs=1e-4)
    assert instance_logits(make_model("mean", order="features", fusion=Added()), patient) is None
