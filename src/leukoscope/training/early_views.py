"""Adaptive test-time views: further ones only of cells that they can still call otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from leukoscope.evaluation.view_rule import ViewRule, fit_view_rule, steps_before
from leukoscope.pictures.batches import CellData
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.device import as_input
from leukoscope.training.scoring import each_view, scored_batches
from leukoscope.training.views import mean_of_views, seen, views_of


@dataclass(frozen=True)
class EarlyViews:
    """What is needed to stop looking at a cell.

    Args:
        test_time: The views, and what of them is averaged.
        rule: After how many views which cells are decided.
        threshold: From which probability of the positive class on it is called, 0 to 1.
    """

    test_time: TestTimeSettings
    rule: ViewRule
    threshold: float

    def logits(self, model: nn.Module, pixels: np.ndarray, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return what all views say of each cell, guessed where it was decided early, and how many were looked at.

        Args:
            model: A network of two classes on ``device``, in evaluation mode.
            pixels: (n, h, w, 3) uint8, RGB, framed.
            device: Where to compute.

        Returns:
            (n, 1) float32 and (n,) int64, on the device.
        """
        views, level = views_of(self.test_time), logit(self.threshold)
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            whole = as_input(pixels, device)
            found, looks = whole.new_zeros(len(whole), 1), torch.zeros(len(whole), dtype=torch.int64, device=device)
            undecided, said = torch.arange(len(whole), device=device), whole.new_empty(0, len(whole), 1)
            for first, last, shift, margin in self.rule.steps(len(views)):
                cells = whole[undecided]
                new = torch.stack([model(seen(cells, view, self.test_time)) for view in views[first:last]])
                said = torch.cat([said, new])
                found[undecided], looks[undecided] = mean_of_views(said, self.test_time) + shift, last
                near = (found[undecided, 0] - level).abs() <= margin
                undecided, said = undecided[near], said[:, near]
                if not len(undecided):
                    break
        return found, looks


def early_store(
    model: nn.Module,
    data: CellData,
    early: EarlyViews,
    *,
    batch: int,
    device: torch.device,
    after_batch: Callable[[], None] = lambda: None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return what all views say of stored cells, as ``EarlyViews.logits`` does, and how many were looked at.

    Args:
        model: The network, of two classes; it is moved to ``device`` and left in evaluation mode.
        data: The cells, n of them.
        early: The rule.
        batch: Cells at a time.
        device: Where to compute.
        after_batch: Called after each batch, for progress.

    Returns:
        (n, 1) and (n,), in the order of the cells.
    """
    logits, looks = np.empty((len(data), 1), dtype=np.float32), np.empty(len(data), dtype=np.int64)
    for cells in scored_batches(model, data, batch=batch, device=device, after_batch=after_batch):
        found, numbers = early.logits(model, cells.pixels, device)
        logits[cells.index], looks[cells.index] = found.cpu().numpy(), numbers.cpu().numpy()
    return logits, looks


def fit_early_views(logits: Tensor, test_time: TestTimeSettings, threshold: float) -> EarlyViews:
    """Fix the rule on validation cells.

    Args:
        logits: (views, n, 1), of each view by itself.
        test_time: The views, and what of them is averaged.
        threshold: The operating threshold, 0 to 1.
    """
    after = steps_before(len(logits))
    means = [mean_of_views(logits[:number], test_time)[:, 0].double().numpy() for number in (*after, len(logits))]
    return EarlyViews(test_time, fit_view_rule(means[:-1], means[-1], after, logit(threshold)), threshold)


def store_views(
    model: nn.Module,
    data: CellData,
    test_time: TestTimeSettings,
    *,
    batch: int,
    device: torch.device,
    after_batch: Callable[[], None] = lambda: None,
) -> Tensor:
    """Return the logits of stored cells in each view, (views, n, 1), on the processor; arguments of ``early_store``."""
    found = torch.empty(len(views_of(test_time)), len(data), 1)
    for cells in scored_batches(model, data, batch=batch, device=device, after_batch=after_batch):
        said = each_view(model, cells.pixels, device=device, test_time=test_time)
        found[:, torch.from_numpy(cells.index)] = said.cpu()
    return found


def logit(probability: float) -> float:
    """Return log p / (1 - p), infinite at 0 and 1.

    Example:
        >>> logit(0.5), logit(1.0)
        (0.0, inf)
    """
    if probability in {0.0, 1.0}:
        return math.copysign(math.inf, probability - 0.5)
    return math.log(probability / (1 - probability))
