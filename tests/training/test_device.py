from __future__ import annotations

import numpy as np
import pytest
import torch

from leukoscope.errors import SettingsError
from leukoscope.training.device import as_input, choose_device, deterministic

NO_CARD = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a graphics card")


def test_a_device_may_be_named_or_given() -> None:
    assert choose_device(torch.device("cpu")) == torch.device("cpu")
    assert choose_device().type in {"cpu", "cuda"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gpu", "There is no device 'gpu'.\n  what to do: Take auto, cpu, cuda or cuda:1."),
        ("mps", "Devices of the kind 'mps' are not supported.\n  what to do: Take auto, cpu or cuda."),
        pytest.param("cuda", "This machine has no device 'cuda'.\n  what to do: Take --device cpu.", marks=NO_CARD),
    ],
)
def test_a_device_that_is_not_there_is_refused(name: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        choose_device(name)
    assert str(caught.value) == message


def test_pixels_become_numbers_from_nought_to_one_channels_last() -> None:
    pixels = np.zeros((2, 4, 5, 3), dtype=np.uint8)
    pixels[1, 2, 3] = (255, 51, 0)
    tensor = as_input(pixels, torch.device("cpu"))
    assert tensor.shape == (2, 3, 4, 5)
    assert tensor.dtype == torch.float32
    assert tensor[1, :, 2, 3].tolist() == pytest.approx([1, 0.2, 0])
    assert tensor.is_contiguous(memory_format=torch.channels_last)
    assert pixels[1, 2, 3].tolist() == [255, 51, 0]


def test_settings_are_put_back() -> None:
    with deterministic(torch.device("cpu")):
        assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()
    assert not torch.is_deterministic_algorithms_warn_only_enabled()
