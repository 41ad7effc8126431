"""A trained network's logits for patients: of all their cells, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.augmentation import View
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import Integers
from leukoscope.recipes.contradictions import refuse_changes
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.bag_batches import BagBatch, bag_batch
from leukoscope.training.cell_sources import feature_source, pixel_source
from leukoscope.training.chunks import even_chunks, made_ahead
from leukoscope.training.views import ONE_VIEW, mean_of_views, seen, views_of

CHUNKS_TOGETHER = 16


def patient_logits(
    model: PatientModel,
    data: BagData,
    device: torch.device,
    *,
    frozen: bool = False,
    batch: int = 64,
    test_time: TestTimeSettings = ONE_VIEW,
    after_chunk: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Return patients' logits from all of their cells.

    All cells of a patient seen in one way are one view of the patient: each view is diagnosed by itself, and the
    patient's logits are averaged over the views (instances can't be: a turned map has its pixels elsewhere). Neither
    ``batch`` nor who else is scored changes a patient's logit but by rounding.

    The cells of some patients at a time are gone through, view by view: what is kept of them is their instances (a
    logit for each pixel of the map, or the features where these are aggregated).

    Args:
        model: The network; it is moved to ``device`` and left in evaluation mode.
        data: The b patients.
        device: Where to compute.
        frozen: Take the cells' features from where they are kept, and compute only those that are not known yet; the
            logits are the same but for rounding.
        batch: Cells at a time in the backbone.
        test_time: The views, and what of the patients is averaged; averaged probabilities are returned as their
            logits.
        after_chunk: Called after each chunk of each view, for progress: ``scoring_steps`` times.

    Returns:
        (b, 1) float32 for two classes, the positive one's logit; (b, k) for more.

    Raises:
        SettingsError: ``frozen`` with several views.
    """
    model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    if frozen:
        refuse_changes([], test_time)
    source = feature_source(model, data.cells, device) if frozen else pixel_source(device)
    found = []
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        for patients in _together(data.sizes, batch * CHUNKS_TOGETHER):
            bags = bag_batch(data.subset(patients), source, device)
            views = [
                _view(model, bags, view, batch=batch, test_time=test_time, after_chunk=after_chunk)
                for view in views_of(test_time)
            ]
            found.append(mean_of_views(torch.stack(views), test_time).cpu())
    logits: np.ndarray = torch.cat(found).float().numpy()
    return logits


def scoring_steps(data: BagData, *, batch: int = 64, test_time: TestTimeSettings = ONE_VIEW) -> int:
    """Return how many chunks ``patient_logits`` goes through; arguments as of it."""
    groups = _together(data.sizes, batch * CHUNKS_TOGETHER)
    return len(views_of(test_time)) * sum(-(-int(data.sizes[patients].sum()) // batch) for patients in groups)


def _view(
    model: PatientModel,
    patients: BagBatch,
    view: View,
    *,
    batch: int,
    test_time: TestTimeSettings,
    after_chunk: Callable[[], None],
) -> Tensor:
    instances = []
    for upright in made_ahead(even_chunks(np.arange(patients.bags.rows), batch), patients.inputs):
        instances.append(patients.taken_by(model, seen(upright, view, test_time)))
        after_chunk()
    return patients.diagnose(model, torch.cat(instances))


def _together(sizes: Integers, cells: int) -> Iterator[Integers]:
    """Give patients in order, as many at a time as have about so many cells; one with more comes alone."""
    first = 0
    for last in range(1, len(sizes) + 1):
        if last == len(sizes) or sizes[first : last + 1].sum() > cells:
            yield np.arange(first, last, dtype=np.int64)
            first = last
