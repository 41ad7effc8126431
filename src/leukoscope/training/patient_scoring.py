"""A trained network's logits for patients: of all their cells, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.augmentation import rotated
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import Integers
from leukoscope.recipes.contradictions import refuse_changes
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.bag_batches import BagBatch, bag_batch
from leukoscope.training.cell_sources import feature_source, pixel_source
from leukoscope.training.chunks import even_chunks, made_ahead
from leukoscope.training.scoring import ONE_VIEW

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

    All cells of a patient turned by one angle are one view of the patient: each view is diagnosed by itself, and the
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
        test_time: The number of rotations, what fills their corners, and what of the patients is averaged; averaged
            probabilities are returned as their logits.
        after_chunk: Called after each chunk of each view, for progress: ``scoring_steps`` times.

    Returns:
        (b, 1) float32 for two classes, the positive one's logit; (b, k) for more.

    Raises:
        SettingsError: ``frozen`` with several rotations.
    """
    model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    if frozen:
        refuse_changes([], test_time.rotations)
    source = feature_source(model, data.cells, device) if frozen else pixel_source(device)
    found = []
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        for patients in _together(data.sizes, batch * CHUNKS_TOGETHER):
            bags = bag_batch(data.subset(patients), source, device)
            views = [
                _view(model, bags, view, batch=batch, test_time=test_time, after_chunk=after_chunk)
                for view in range(test_time.rotations)
            ]
            found.append(mean_of_views(torch.stack(views), test_time).cpu())
    logits: np.ndarray = torch.cat(found).float().numpy()
    return logits


def scoring_steps(data: BagData, *, batch: int = 64, test_time: TestTimeSettings = ONE_VIEW) -> int:
    """Return how many chunks ``patient_logits`` goes through; arguments as of it."""
    groups = _together(data.sizes, batch * CHUNKS_TOGETHER)
    return test_time.rotations * sum(-(-int(data.sizes[patients].sum()) // batch) for patients in groups)


def mean_of_views(views: Tensor, test_time: TestTimeSettings) -> Tensor:
    """Return the mean of patients' logits over views, or the logits of the mean probabilities.

    Args:
        views: (views, b, outputs).
        test_time: Its ``mean`` says which.

    Returns:
        (b, outputs): for one output log p - log(1 - p) of the mean p, for more log p.
    """
    if len(views) == 1 or test_time.mean == "logits":
        return views.mean(dim=0)
    # Sums of probabilities as logarithms: a probability near 0 or 1 keeps its digits. The number of views cancels for
    # one output, and for more adds the same to each.
    if views.shape[2] == 1:
        return functional.logsigmoid(views).logsumexp(dim=0) - functional.logsigmoid(-views).logsumexp(dim=0)
    return views.log_softmax(dim=2).logsumexp(dim=0) - float(np.log(len(views)))


def _view(
    model: PatientModel,
    patients: BagBatch,
    view: int,
    *,
    batch: int,
    test_time: TestTimeSettings,
    after_chunk: Callable[[], None],
) -> Tensor:
    instances = []
    for upright in made_ahead(even_chunks(np.arange(patients.bags.rows), batch), patients.inputs):
        turned = rotated(upright, 360.0 * view / test_time.rotations, test_time.fill) if view else upright
        instances.append(patients.taken_by(model, turned))
        after_chunk()
    return patients.diagnose(model, torch.cat(instances))


def _together(sizes: Integers, cells: int) -> Iterator[Integers]:
    """Give patients in order, as many at a time as have about so many cells; one with more comes alone."""
    first = 0
    for last in range(1, len(sizes) + 1):
        if last == len(sizes) or sizes[first : last + 1].sum() > cells:
            yield np.arange(first, last, dtype=np.int64)
            first = last
