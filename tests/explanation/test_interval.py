from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.explanation import interval
from leukoscope.explanation.instances import each_patient
from leukoscope.pictures.bags import BagData


def test_draws_of_the_mean_spread_like_its_standard_error(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("mean")
    patient = list(each_patient(model, bags, cpu))[2]
    drawn = interval.resampled_logits(model, patient, "P3", replicates=2000)[:, 0]
    own = patient.instances[..., 0].mean(dim=1).numpy()
    assert drawn.mean() == pytest.approx(own.mean(), abs=4 * own.std() / np.sqrt(5 * 2000))
    assert drawn.std() == pytest.approx(own.std() / np.sqrt(5), rel=0.08)


def test_draws_depend_on_seed_and_name_and_not_on_the_blocks(
    bags: BagData, make_model: Any, cpu: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model("bn_sigmoid")
    patient = list(each_patient(model, bags, cpu))[1]
    drawn = interval.resampled_logits(model, patient, "P2", replicates=20)
    monkeypatch.setattr(interval, "MOST_NUMBERS", 3 * patient.instances.numel())
    assert np.allclose(interval.resampled_logits(model, patient, "P2", replicates=20), drawn, atol=1e-5)
    assert not np.allclose(interval.resampled_logits(model, patient, "P3", replicates=20), drawn)
    assert not np.allclose(interval.resampled_logits(model, patient, "P2", replicates=20, seed=1), drawn)
