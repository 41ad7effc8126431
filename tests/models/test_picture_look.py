from __future__ import annotations

import pytest
import torch

from leukoscope.models.picture_look import picture_look


def test_the_numbers_are_what_they_say() -> None:
    pixels = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    found = picture_look(pixels)[0]
    assert found[:3].tolist() == pytest.approx(pixels[0].mean(dim=(1, 2)).tolist())
    assert found[3:6].tolist() == pytest.approx(pixels[0].flatten(1).std(dim=1, correction=0).tolist())
    grey = pixels[0].mean(dim=0)
    assert float(found[6]) == pytest.approx(float((grey[1:] - grey[:-1]).abs().mean()))
    assert float(found[7]) == pytest.approx(float((grey[:, 1:] - grey[:, :-1]).abs().mean()))
    small = grey.view(4, 4, 4, 4).mean(dim=(1, 3))
    assert float(found[10]) == pytest.approx(float((small[1:] - small[:-1]).abs().mean()))
    assert float(found[12]) == pytest.approx(float((pixels[0].amax(dim=0) - pixels[0].amin(dim=0)).mean()))


def test_channels_that_go_together_are_told_from_those_that_do_not() -> None:
    ramp = torch.linspace(0, 1, 32).repeat(32, 1)
    together = picture_look(torch.stack([ramp, ramp, 1 - ramp])[None])[0, 13:]
    assert together.tolist() == pytest.approx([1, -1, -1], abs=0.02)


def test_one_colour_has_no_steps_and_all_numbers_are_finite() -> None:
    found = picture_look(torch.full((2, 3, 8, 8), 0.25))
    assert found.shape == (2, 16)
    assert torch.isfinite(found).all()
    assert found[:, 3:].abs().max() < 1e-6
