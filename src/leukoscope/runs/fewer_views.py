"""How a run's bundle gets by with fewer views of a cell, and how often it then calls one otherwise."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.evaluation.calling import decide
from leukoscope.models.network import Network
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.batches import CellData
from leukoscope.predictions.table import Predictions
from leukoscope.progress import progress
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.runs.learned import Results, Said
from leukoscope.training.early_views import EarlyViews, early_store, fit_early_views, store_views
from leukoscope.training.views import views_of

BATCH = 64


@dataclass(frozen=True)
class Agreement:
    """What the rule spares in a part, and what it costs.

    Args:
        cells: Cells of the part.
        views_per_cell: Views that were looked at, on the mean.
        changed: Cells that are called otherwise than by all views.
    """

    cells: int
    views_per_cell: float
    changed: int


def refuse_more_classes(test_time: TestTimeSettings, classes: Classes) -> None:
    """Refuse to spare views where there is no threshold, before anything is trained.

    Raises:
        SettingsError: ``adaptive`` with more than two classes.
    """
    if test_time.adaptive and not classes.binary:
        raise SettingsError(
            f"Whether a further view can still change the decision is asked of a threshold between two classes "
            f"(test_time.adaptive: true); there are {len(classes)}.",
            where="test_time.adaptive",
            do="Set test_time.adaptive: false.",
        )


def fewer_views(
    model: Network, parts: dict[str, CellData], said: Said, test_time: TestTimeSettings, device: torch.device
) -> Results:
    """Fix the rule on the validation part, and state for each part what it spares and what it changes.

    The run's own predictions and scores are of all views; the rule is for the bundle.

    Args:
        model: The trained network.
        parts: The labelled cells of ``validation`` and ``test``, in the order of the predictions.
        said: What is said of them by all views, and the threshold.
        test_time: The views.
        device: Where to compute.
    """
    assert said.value is not None, "asked before: two classes have a threshold"
    with progress("Fixing the rule for views", _batches(parts["validation"])) as advance:
        logits = store_views(
            model, parts["validation"], test_time, batch=BATCH, device=device, after_batch=lambda: advance(1)
        )
    early = fit_early_views(logits, test_time, said.value)
    whole = {"validation": said.validation, "test": said.test}
    found = {part: _agreement(model, data, whole[part], early, device) for part, data in parts.items()}
    stated = {"views": len(views_of(test_time)), "rule": early.rule.as_json()}
    shown = {"parts": {part: asdict(agreement) for part, agreement in found.items()}}
    return Results({"adaptive_views": stated | shown}, {"view_rule": early.rule.as_json()})


def _agreement(
    model: Network, data: CellData, whole: Predictions, early: EarlyViews, device: torch.device
) -> Agreement:
    with progress("Looking at fewer views", _batches(data)) as advance:
        logits, looks = early_store(model, data, early, batch=BATCH, device=device, after_batch=lambda: advance(1))
    shares = probabilities(torch.from_numpy(logits), whole.classes).numpy()
    called = [decide(values, whole.classes, early.threshold) for values in (shares, whole.probabilities())]
    return Agreement(len(data), round(float(looks.mean()), 4), int(np.sum(called[0] != called[1])))


def _batches(data: CellData) -> int:
    return -(-len(data) // BATCH)
