from __future__ import annotations

import pytest

from leukoscope.evaluation.names import OF_A_CLASS, OF_ALL, smaller_is_better, value_range
from leukoscope.training.metrics import SMALLEST_IS_BEST


@pytest.mark.parametrize("name", sorted({*OF_ALL, *OF_A_CLASS}))
def test_of_a_loss_the_best_value_is_the_smallest(name: str) -> None:
    loss = name in {"brier", "ece", "log_loss"}
    assert smaller_is_better(name) == smaller_is_better(f"patient_{name}") == loss
    assert (name in SMALLEST_IS_BEST) == loss, "the best epoch is chosen the same way round"
    assert loss or value_range(name, binary=False)[1] == 1
