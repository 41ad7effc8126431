"""A trained network's logits for stored cells: what validation and the test are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from leukoscope.cohort.classes import Classes
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.batches import Batch, CellData, batches
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.device import as_input
from leukoscope.training.views import ONE_VIEW, mean_of_views, seen, views_of


def view_logits(model: nn.Module, pixels: np.ndarray, *, device: torch.device, test_time: TestTimeSettings) -> Tensor:
    """Return the logits of a batch, averaged over its test-time views.

    The network must be in evaluation mode; then a cell's logits do not depend on what else is in the batch.

    Args:
        model: The network, on ``device``.
        pixels: (n, h, w, 3) uint8, RGB, framed.
        device: Where to compute.
        test_time: The views, and what of them is averaged. All are looked at, whether ``adaptive`` or not. Averaged
            probabilities are returned as their logits.

    Returns:
        (n, 1) float32, the positive class's logit, or (n, k), one a class; on the device.
    """
    return mean_of_views(each_view(model, pixels, device=device, test_time=test_time), test_time)


def each_view(model: nn.Module, pixels: np.ndarray, *, device: torch.device, test_time: TestTimeSettings) -> Tensor:
    """Return the logits of a batch in each view, (views, n, outputs); arguments as of ``view_logits``."""
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        whole = as_input(pixels, device)
        # One view at a time: the memory is that of one, whatever their number.
        return torch.stack([model(seen(whole, view, test_time)) for view in views_of(test_time)])


def predict_store(
    model: nn.Module,
    data: CellData,
    classes: Classes,
    *,
    batch: int = 64,
    device: str | torch.device = "cpu",
    test_time: TestTimeSettings = ONE_VIEW,
    after_batch: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Return the logits of stored cells, in their order.

    Args:
        model: The network; it is moved to ``device`` and left in evaluation mode.
        data: The cells, n of them.
        classes: The classes.
        batch: Cells at a time.
        device: Where to compute.
        test_time: The views of a cell, and what of them is averaged.
        after_batch: Called after each batch, for progress.

    Returns:
        (n, 1) float32 for two classes, the positive one's logit; (n, k) for more.
    """
    place = torch.device(device)
    logits = np.empty((len(data), outputs_of(classes)), dtype=np.float32)
    for cells in scored_batches(model, data, batch=batch, device=place, after_batch=after_batch):
        logits[cells.index] = view_logits(model, cells.pixels, device=place, test_time=test_time).cpu().numpy()
    return logits


def scored_batches(
    model: nn.Module, data: CellData, *, batch: int, device: torch.device, after_batch: Callable[[], None]
) -> Iterator[Batch]:
    """Give stored cells batch by batch, the network made ready for them; arguments as of ``predict_store``."""
    model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    for cells in batches(data, batch):
        yield cells
        after_batch()
