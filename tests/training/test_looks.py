from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.training.looks import looks_of, looks_of_store


def test_stored_cells_look_as_their_pictures_do(two_classes: Any) -> None:
    model, told = two_classes.model(), list[int]()
    found = looks_of_store(model, two_classes.train, torch.device("cpu"), after_batch=told.append)
    pixels = two_classes.train.pixels(np.arange(len(two_classes.train)))
    assert found == pytest.approx(looks_of(model, pixels, torch.device("cpu")), abs=1e-4)
    assert sum(told) == len(two_classes.train)
    assert not model.training
