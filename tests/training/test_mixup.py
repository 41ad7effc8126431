from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.training import steps, train
from leukoscope.training.mixup import Mixed, mix
from leukoscope.training.objectives import make_objective


def test_each_cell_is_laid_over_another_by_one_share() -> None:
    given = torch.rand(6, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    mixed = mix(given, 0.4, seed=1, epoch=2, step=3)
    assert sorted(mixed.partners.tolist()) == list(range(6))
    assert 0 <= mixed.share <= 1
    for place, partner in enumerate(mixed.partners.tolist()):
        expected = mixed.share * given[place] + (1 - mixed.share) * given[partner]
        assert torch.allclose(mixed.given[place], expected)


def test_what_is_drawn_depends_on_seed_epoch_and_step_alone() -> None:
    given = torch.rand(8, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    first, again = (mix(given, 1.0, seed=0, epoch=1, step=1) for _ in range(2))
    assert torch.equal(first.given, again.given)
    others = [
        mix(given, 1.0, seed=seed, epoch=epoch, step=step) for seed, epoch, step in ((1, 1, 1), (0, 2, 1), (0, 1, 2))
    ]
    assert len({other.share for other in [first, *others]}) == 4


@pytest.mark.parametrize(("alpha", "spread"), [(0.2, 0.7), (8.0, 0.3)])
def test_a_larger_alpha_mixes_more_evenly(alpha: float, spread: float) -> None:
    given = torch.zeros(1, 3, 2, 2)
    shares = np.array([mix(given, alpha, seed=0, epoch=1, step=step).share for step in range(400)])
    assert shares.mean() == pytest.approx(0.5, abs=0.06)
    # of Beta(a, a): 1 / (4 (2a + 1))
    assert shares.std() == pytest.approx(1 / (2 * np.sqrt(2 * alpha + 1)), rel=0.15)
    assert abs(2 * shares.std() - spread) < 0.2


def test_the_loss_is_mixed_as_the_labels_are(three_classes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "mix", lambda given, _alpha, **_: Mixed(given, torch.tensor([1, 2, 0]), 0.3))
    objective = make_objective("none", three_classes.train.labels, three_classes.classes)
    lessons = steps.CellLessons(
        three_classes.train, parse_augmentation([]), objective, 0, torch.device("cpu"), mixup=0.4
    )
    model, labels = three_classes.model().eval(), torch.tensor([0, 1, 2])
    nn.init.normal_(model.head.get_parameter("linear.weight"), generator=torch.Generator().manual_seed(0))
    given = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    told = torch.log_softmax(model(given), dim=1)
    expected = sum(0.3 * told[place, place] + 0.7 * told[place, (place + 1) % 3] for place in range(3)) / -3
    found = steps._loss(model, lessons, given, labels, (1, 0))
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)
    unmixed = -told.diagonal().mean().item()
    assert abs(found.item() - unmixed) > 0.01


def test_where_each_cell_is_all_its_own_mixing_changes_nothing(
    three_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = three_classes.with_recipe(stages=[{"epochs": 1, "batch": 8, "train": "head"}], augmentation=[])
    mixing = plain.with_recipe(**plain.recipe.model_dump() | {"loss": {"mixup": 0.4}})

    def loss(task: Any, folder: str) -> float:
        parts = (task.train, task.validation, task.recipe, task.classes)
        return float(train(task.model(), *parts, seed=0, folder=tmp_path / folder, device="cpu").history["loss"][0])

    without, mixed = loss(plain, "plain"), loss(mixing, "mixed")
    assert mixed != without
    original = steps.mix

    def alone(given: torch.Tensor, alpha: float, **more: Any) -> Any:
        found = original(given, alpha, **more)
        return type(found)(given, found.partners, 1.0)

    monkeypatch.setattr(steps, "mix", alone)
    assert loss(mixing, "alone") == pytest.approx(without, rel=1e-5)
