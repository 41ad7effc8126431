"""A trained network's logits for stored cells: what validation and the test are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from leukoscope.cohort.classes import Classes
from leukoscope.models.probabilities import logit_of, probabilities
from leukoscope.pictures.augmentation import rotations
from leukoscope.pictures.batches import CellData, batches
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.device import as_input

ONE_VIEW = TestTimeSettings()


def view_logits(
    model: nn.Module, pixels: np.ndarray, classes: Classes, *, device: torch.device, test_time: TestTimeSettings
) -> Tensor:
    """Return the logits of a batch, averaged over its test-time views.

    The network must be in evaluation mode; then a cell's logits do not depend on what else is in the batch.

    Args:
        model: The network, on ``device``.
        pixels: (n, h, w, 3) uint8, RGB, framed.
        classes: The classes.
        device: Where to compute.
        test_time: The number of rotations, what fills their corners, and what is averaged. Averaged probabilities are
            returned as their logits.

    Returns:
        (n, 1) float32, the positive class's logit, or (n, k), one a class; on the device.
    """
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        whole = as_input(pixels, device)
        # One view at a time: the memory is that of one, whatever their number.
        turned = rotations(whole, test_time.rotations, test_time.fill) if test_time.rotations > 1 else [whole]
        views = torch.stack([model(view) for view in turned])
        if len(views) == 1 or test_time.mean == "logits":
            return views.mean(dim=0)
        shares = torch.stack([probabilities(view, classes) for view in views])
        return logit_of(shares.mean(dim=0), classes)


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
    model.to(place, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    logits = np.empty((len(data.ids), 1 if classes.binary else len(classes)), dtype=np.float32)
    for cells in batches(data, batch):
        logits[cells.index] = view_logits(model, cells.pixels, classes, device=place, test_time=test_time).cpu().numpy()
        after_batch()
    return logits
