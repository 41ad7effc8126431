from __future__ import annotations

from typing import Any

import pytest
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.models.probabilities import logit_of, probabilities
from leukoscope.recipes import schema
from leukoscope.training.views import mean_of_views, seen, views_of


def asked(**settings: Any) -> schema.TestTimeSettings:
    return schema.TestTimeSettings.model_validate(settings)


def test_the_settings_say_which_views_there_are() -> None:
    assert len(views_of(asked())) == 1
    assert len(views_of(asked(rotations=3, flips="both", crops="five"))) == 60


def test_the_settings_say_what_a_view_looks_like() -> None:
    pixels, settings = torch.full((2, 3, 8, 8), 0.5), asked(rotations=8, crops="five", crop_share=0.5, fill="black")
    centre = seen(pixels, views_of(settings)[0], settings)
    assert centre.shape == (2, 3, 4, 4)
    turned = asked(rotations=8)
    corner = [
        seen(pixels, views_of(turned)[1], asked(rotations=8, fill=fill))[0, 0, 0, 0] for fill in ("black", "edge")
    ]
    assert corner[0] == 0
    assert corner[1] == pytest.approx(0.5)


@pytest.mark.parametrize("outputs", [1, 3])
def test_mean_probabilities_as_logits(outputs: int) -> None:
    classes = Classes(("no", "yes")) if outputs == 1 else Classes(("a", "b", "c"))
    views = torch.randn(5, 7, outputs, dtype=torch.float64)
    found = mean_of_views(views, asked(rotations=5, mean="probabilities"))
    shares = torch.stack([probabilities(view, classes) for view in views]).mean(dim=0)
    torch.testing.assert_close(found, logit_of(shares, classes))


def test_mean_logits_are_the_mean() -> None:
    assert mean_of_views(torch.tensor([[[1.0]], [[4.0]]]), asked(rotations=2)).item() == 2.5


def test_a_mean_probability_of_nearly_one_keeps_its_digits() -> None:
    settings = asked(rotations=2, mean="probabilities")
    assert mean_of_views(torch.full((2, 1, 1), 200.0), settings).item() == pytest.approx(200.0)
