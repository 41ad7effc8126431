from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.training import train
from leukoscope.training.mixup import mix


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


def test_the_loss_is_mixed_as_the_cells_are(
    three_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = three_classes.with_recipe(stages=[{"epochs": 1, "batch": 8, "train": "head"}], augmentation=[])
    mixing = plain.with_recipe(**plain.recipe.model_dump() | {"loss": {"mixup": 0.4}})

    def loss(task: Any, folder: str) -> float:
        parts = (task.train, task.validation, task.recipe, task.classes)
        return float(train(task.model(), *parts, seed=0, folder=tmp_path / folder, device="cpu").history["loss"][0])

    without, mixed = loss(plain, "plain"), loss(mixing, "mixed")
    assert mixed != without
    # where each cell is all its own, nothing changes
    from leukoscope.training import steps  # noqa: PLC0415 - to look into

    original = steps.mix

    def alone(given: torch.Tensor, alpha: float, **more: Any) -> Any:
        found = original(given, alpha, **more)
        return type(found)(given, found.partners, 1.0)

    monkeypatch.setattr(steps, "mix", alone)
    assert loss(mixing, "alone") == pytest.approx(without, rel=1e-5)
