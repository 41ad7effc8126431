from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.models.probabilities import probabilities
from leukoscope.recipes.schema import TestTimeSettings as Views
from leukoscope.training.scoring import predict_store, view_logits

CPU = torch.device("cpu")


def shares(logits: np.ndarray, task: Any) -> np.ndarray:
    return probabilities(torch.from_numpy(logits), task.classes).numpy()


@pytest.mark.parametrize("batch", [1, 3, 7, 64])
def test_a_cell_s_probability_does_not_depend_on_its_batch(three_classes: Any, batch: int) -> None:
    model, data = three_classes.model(), three_classes.train
    whole = shares(predict_store(model, data, three_classes.classes, batch=len(data)), three_classes)
    parts = shares(predict_store(model, data, three_classes.classes, batch=batch), three_classes)
    assert whole.shape == (len(data), 3)
    assert np.abs(whole - parts).max() < 1e-6


def test_logits_stand_in_the_order_of_the_cells(two_classes: Any) -> None:
    model, data = two_classes.model(), two_classes.train
    order = np.random.default_rng(1).permutation(len(data))
    logits = predict_store(model, data, two_classes.classes)
    assert logits.dtype == np.float32
    assert predict_store(model, data.subset(order), two_classes.classes) == pytest.approx(logits[order], abs=1e-5)


def test_every_batch_is_told(two_classes: Any) -> None:
    told = []
    predict_store(
        two_classes.model(), two_classes.train, two_classes.classes, batch=8, after_batch=lambda: told.append(1)
    )
    assert len(told) == 4


def test_flips_and_crops_are_views_too(two_classes: Any) -> None:
    model, pixels = two_classes.model().eval(), two_classes.train.store.batch(two_classes.train.rows[:5])
    side = pixels.shape[1] // 2
    places = [(slice(down, down + side), slice(right, right + side)) for down in (0, side) for right in (0, side)]
    places.append((slice(side // 2, side // 2 + side), slice(side // 2, side // 2 + side)))
    cut = [pixels[:, rows, columns][:, :, ::across] for rows, columns in places for across in (1, -1)]
    single = [view_logits(model, view, device=CPU, test_time=Views()).numpy() for view in cut]
    views = Views(flips="horizontal", crops="five", crop_share=0.5)
    found = view_logits(model, pixels, device=CPU, test_time=views).numpy()
    assert found == pytest.approx(np.mean(single, axis=0), abs=1e-5)


@pytest.mark.parametrize("mean", ["logits", "probabilities"])
def test_views_are_averaged(three_classes: Any, mean: str) -> None:
    model = three_classes.model().eval()
    pixels = three_classes.train.store.batch(three_classes.train.rows[:5])
    turned = [np.rot90(pixels, quarters, axes=(1, 2)) for quarters in range(4)]
    single = [view_logits(model, view, device=CPU, test_time=Views()).numpy() for view in turned]
    views = Views.model_validate({"rotations": 4, "mean": mean})
    averaged = view_logits(model, pixels, device=CPU, test_time=views).numpy()
    if mean == "logits":
        assert averaged == pytest.approx(np.mean(single, axis=0), abs=1e-5)
    expected = np.mean([shares(view, three_classes) for view in single], axis=0)
    if mean == "probabilities":
        assert shares(averaged, three_classes) == pytest.approx(expected, abs=1e-6)


def test_with_four_views_a_quarter_turn_changes_nothing(two_classes: Any) -> None:
    model, views = two_classes.model().eval(), Views(rotations=4)
    pixels = two_classes.train.store.batch(two_classes.train.rows[:5])
    as_is = view_logits(model, pixels, device=CPU, test_time=views)
    turned = view_logits(model, np.rot90(pixels, axes=(1, 2)), device=CPU, test_time=views)
    assert as_is.numpy() == pytest.approx(turned.numpy(), abs=1e-5)


def test_the_corners_of_turned_views_are_filled_as_asked(two_classes: Any) -> None:
    model = two_classes.model().eval()
    pixels = np.full_like(two_classes.train.store.batch(two_classes.train.rows[:2]), 200)
    said = {
        fill: view_logits(model, pixels, device=CPU, test_time=Views(rotations=8, fill=fill)).numpy()
        for fill in ("black", "edge")
    }
    plain = view_logits(model, pixels, device=CPU, test_time=Views()).numpy()
    moved = {fill: np.abs(logits - plain).max() for fill, logits in said.items()}
    # An even picture stays what it is when its edge is carried on, but for rounding.
    assert 10 * moved["edge"] < 1e-5 < moved["black"]
