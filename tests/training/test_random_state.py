from __future__ import annotations

import torch

from leukoscope.training.random_state import RandomState


def test_the_same_numbers_are_drawn_again() -> None:
    state = RandomState.now(torch.device("cpu"))
    first = torch.rand(3)
    assert not torch.equal(torch.rand(3), first)
    state.restore()
    assert torch.equal(torch.rand(3), first)
