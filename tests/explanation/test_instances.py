from __future__ import annotations

from typing import Any

import torch

from leukoscope.explanation.instances import each_patient, grid_of
from leukoscope.pictures.bags import BagData


def test_patients_come_one_by_one_in_chunks_of_any_size(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model()
    whole = list(each_patient(model, bags, cpu))
    small = list(each_patient(model, bags, cpu, batch=2))
    assert [len(patient.instances) for patient in whole] == [1, 3, 5]
    assert [patient.place for patient in whole] == [0, 1, 2]
    for one, other in zip(whole, small, strict=True):
        assert torch.allclose(one.instances, other.instances, atol=1e-5)
        assert one.facts is not None
        assert one.facts.tolist() == [bags.facts[one.place].tolist()]  # type: ignore[index]


def test_the_grid_is_the_feature_maps_and_may_be_wider_than_high(
    bags: BagData, make_model: Any, cpu: torch.device
) -> None:
    rows, columns = grid_of(make_model(), bags, cpu)
    assert (columns, rows * columns) == (2 * rows, next(each_patient(make_model(), bags, cpu)).instances.shape[1])
    assert grid_of(make_model(instances_of="cells"), bags, cpu) == (1, 1)
