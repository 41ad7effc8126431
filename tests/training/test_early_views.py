from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from leukoscope.evaluation.view_rule import ViewRule
from leukoscope.recipes.schema import TestTimeSettings as Views
from leukoscope.training.early_views import EarlyViews, early_store, fit_early_views, logit, store_views
from leukoscope.training.scoring import predict_store, view_logits

CPU = torch.device("cpu")


class Corner(nn.Module):
    """Says how red the upper left corner is, so that each quarter turn of a picture says what its test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def forward(self, pixels: Tensor) -> Tensor:
        self.seen.append(len(pixels))
        return pixels[:, 0, 0, 0, None] * 255 - 100


def corners(*cells: tuple[int, int, int, int]) -> np.ndarray:
    """Return pictures whose corners say these logits + 100 at 0, 270, 180 and 90 degrees, as the views come."""
    pixels = np.zeros((len(cells), 4, 4, 3), dtype=np.uint8)
    for picture, logits in zip(pixels, cells, strict=True):
        # What a clockwise quarter turn brings to the upper left stood at the lower left.
        for (row, column), said in zip(((0, 0), (3, 0), (3, 3), (0, 3)), logits, strict=True):
            picture[row, column, 0] = said + 100
    return pixels


def test_a_cell_far_enough_from_the_threshold_is_decided() -> None:
    pixels = corners((9, 9, 9, 9), (3, 9, 0, 0), (-2, 3, 9, -6), (-9, 9, 9, 9))
    early = EarlyViews(Views(rotations=4), ViewRule((1, 2), (0.0, 0.0), (4.0, 2.0)), 0.5)
    model = Corner()
    logits, looks = early.logits(model, pixels, CPU)
    assert logits[:, 0].tolist() == pytest.approx([9, 6, 1, -9], abs=1e-4)
    assert looks.tolist() == [1, 2, 4, 1]
    assert model.seen == [4, 2, 1, 1]


def test_what_is_said_early_is_shifted_and_what_all_views_say_is_not() -> None:
    early = EarlyViews(Views(rotations=4), ViewRule((1,), (-3.0,), (4.0,)), 0.5)
    logits, looks = early.logits(Corner(), corners((9, 9, 9, 9), (6, 6, 6, 2), (-2, 0, 0, 0)), CPU)
    assert logits[:, 0].tolist() == pytest.approx([6, 5, -5], abs=1e-4)
    assert looks.tolist() == [1, 4, 1]


def test_a_cell_at_the_margin_is_looked_at_further() -> None:
    early = EarlyViews(Views(rotations=4), ViewRule((1,), (0.0,), (4.0,)), 0.5)
    exact = corners((4, 4, 4, 4), (5, 5, 5, 5)).astype(np.uint8)
    assert early.logits(Corner(), exact, CPU)[1].tolist() == [4, 1]


def test_the_distance_is_that_from_the_threshold() -> None:
    pixels = corners((3, 3, 3, 3), (0, 0, 0, 0))
    early = EarlyViews(Views(rotations=4), ViewRule((1,), (0.0,), (1.0,)), float(torch.sigmoid(torch.tensor(3.0))))
    assert early.logits(Corner(), pixels, CPU)[1].tolist() == [4, 1]


def test_no_picture_is_no_trouble() -> None:
    early = EarlyViews(Views(rotations=4), ViewRule((1,), (0.0,), (1.0,)), 0.5)
    logits, looks = early.logits(Corner(), corners(), CPU)
    assert logits.shape == (0, 1)
    assert looks.shape == (0,)


@pytest.mark.parametrize("mean", ["logits", "probabilities"])
def test_with_margins_that_none_passes_all_views_are_averaged(two_classes: Any, mean: str) -> None:
    views = Views.model_validate({"rotations": 5, "flips": "horizontal", "mean": mean})
    model, pixels = two_classes.model().eval(), two_classes.train.store.batch(two_classes.train.rows[:5])
    early = EarlyViews(views, ViewRule((1, 3), (5.0, 5.0), (1e6, 1e6)), 0.5)
    logits, looks = early.logits(model, pixels, CPU)
    assert looks.tolist() == [10] * 5
    torch.testing.assert_close(logits, view_logits(model, pixels, device=CPU, test_time=views), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mean", ["logits", "probabilities"])
def test_the_cells_a_rule_is_fixed_on_keep_their_calls_and_spare_views(two_classes: Any, mean: str) -> None:
    model, data = two_classes.model(), two_classes.train
    nn.init.normal_(model.head.get_parameter("linear.weight"), std=3.0, generator=torch.Generator().manual_seed(2))
    views = Views.model_validate({"rotations": 8, "mean": mean})
    told: list[None] = []
    each = store_views(model, data, views, batch=7, device=CPU, after_batch=lambda: told.append(None))
    whole = predict_store(model, data, two_classes.classes, test_time=views)
    early = fit_early_views(each, views, float(torch.sigmoid(torch.tensor(np.median(whole) + 0.1))))
    assert each.shape == (8, len(data), 1)
    assert len(told) == -(-len(data) // 7)
    logits, looks = early_store(model, data, early, batch=9, device=CPU)
    level = logit(early.threshold)
    assert np.array_equal(logits >= level, whole >= level)
    assert set(looks) <= {1, 2, 3, 4, 6, 8}
    assert looks.mean() < 8
    assert logits[looks == 8] == pytest.approx(whole[looks == 8], abs=1e-4)
