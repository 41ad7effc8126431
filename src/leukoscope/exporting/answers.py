"""What a bundle itself says, with PyTorch, of what its exported graph is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, models_of
from leukoscope.bundles.network import encoder_of
from leukoscope.bundles.verdicts import fused_logits, verdicts
from leukoscope.ensembles.rows import Floats
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.exporting.framing import WHITE, PixelsInGraph, fits_graph
from leukoscope.exporting.trials import Trial
from leukoscope.facts.category import CategoryFact
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.conversion import Pixels
from leukoscope.predictions.table import Predictions, probability_column
from leukoscope.training.device import as_input
from leukoscope.training.looks import looks_of
from leukoscope.training.scoring import view_logits
from leukoscope.training.views import mean_of_views, seen, views_of

Frame = Callable[[Bundle, Pixels], Pixels]
"""What frames pictures, (n, h, w, 3) uint8, for a model."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What was said.

    Args:
        probabilities: (n, k) float64, or (1, k) of a patient; calibrated where the bundle does that.
        logits: (n, outputs) float64, from before calibration; None where none were looked at.
        distances: (n,) of one model, (n, m) of several, from the training cells; None where the bundle has none.
    """

    probabilities: Floats
    logits: Floats | None = None
    distances: Floats | None = None


def framed_with_opencv(model: Bundle, pictures: Pixels) -> Pixels:
    """Return pictures, (n, h, w, 3) uint8, as ``predict`` frames them for a model."""
    return np.stack([model.framing.apply(picture) for picture in pictures])


def framed_as_in_graph(model: Bundle, pictures: Pixels) -> Pixels:
    """Return pictures as the graph of a model frames them; of a framing that fits no graph as ``predict`` does."""
    if not fits_graph(model.framing):
        return framed_with_opencv(model, pictures)
    with torch.inference_mode():
        levels = PixelsInGraph(model.framing)(torch.from_numpy(pictures.copy())) * WHITE
    return np.ascontiguousarray(levels.round().to(torch.uint8).permute(0, 2, 3, 1).numpy())


def answer_of(bundle: AnyBundle, trial: Trial, frame: Frame = framed_with_opencv) -> Answer:
    """Return what a bundle says of a trial, all test-time views looked at.

    Args:
        bundle: The bundle, on its device.
        trial: The trial.
        frame: What frames the pictures for a model.
    """
    framed = {model.framing.key: frame(model, trial.pictures) for model in models_of(bundle)}
    if isinstance(bundle, EnsembleBundle):
        shares = bundle.shares(lambda model: _member(model, framed[model.framing.key]))
        return Answer(shares, distances=_distances(bundle, framed))
    if bundle.card.task == "patients":
        return _of_patient(bundle, trial, framed)
    logits = _logits(bundle, framed[bundle.framing.key]).double().cpu()
    shares = probabilities(logits, bundle.classes).numpy()
    return Answer(_calibrated(bundle, shares, logits.numpy()), logits.numpy(), _distances(bundle, framed))


def _logits(bundle: Bundle, framed: Pixels) -> torch.Tensor:
    return view_logits(bundle.model, framed, device=bundle.device, test_time=bundle.card.test_time)


def _member(model: Bundle, framed: Pixels) -> Floats:
    """Return a member's probabilities, rounded to float32 as they were when the rule was fitted."""
    return probabilities(_logits(model, framed).float().cpu(), model.classes).numpy().astype(np.float64)


def _distances(bundle: AnyBundle, framed: dict[str, Pixels]) -> Floats | None:
    found = [
        model.reference.distances(looks_of(model.model, framed[model.framing.key], model.device))
        for model in models_of(bundle)
        if model.reference is not None
    ]
    if not found:
        return None
    return found[0] if isinstance(bundle, Bundle) else np.stack(found, axis=1)


def _calibrated(bundle: Bundle, shares: Floats, logits: Floats) -> Floats:
    if bundle.card.calibrator is None:
        return shares
    classes = bundle.classes
    columns = {"id": pl.Series([str(place) for place in range(len(shares))], dtype=pl.String)}
    columns |= {probability_column(name): pl.Series(shares[:, place]) for place, name in enumerate(classes.names)}
    if classes.binary:
        columns["logit"] = pl.Series(logits[:, 0])
    said = Predictions(pl.DataFrame(columns), classes)
    return Calibrator.from_json(bundle.card.calibrator).apply(said).probabilities()


def _of_patient(bundle: Bundle, trial: Trial, framed: dict[str, Pixels]) -> Answer:
    model, card, encoder = bundle.model, bundle.card, encoder_of(bundle.card)
    assert isinstance(model, PatientModel)
    facts = None if encoder is None else encoder.encode(_table(encoder, trial))
    inside = None if facts is None or model.fusion is None else torch.from_numpy(facts).to(bundle.device)
    bags = Bags(torch.tensor([len(trial.pictures)], device=bundle.device))
    with torch.inference_mode():
        whole = as_input(framed[bundle.framing.key], bundle.device)
        views = [model.instances(seen(whole, view, card.test_time)) for view in views_of(card.test_time)]
        each = torch.stack([model.diagnose(instances, bags, inside) for instances in views])
        logits = mean_of_views(each.double(), card.test_time).cpu().numpy()
    said = verdicts(card, ["asked"], logits, facts)
    return Answer(said.probabilities(), fused_logits(card, logits, facts), _distances(bundle, framed))


def _table(encoder: FactsEncoder, trial: Trial) -> pl.DataFrame:
    kinds = {fact.name: pl.String() if isinstance(fact, CategoryFact) else pl.Float64() for fact in encoder.facts}
    columns = {name: pl.Series([trial.facts.get(name)], dtype=kind) for name, kind in kinds.items()}
    return pl.DataFrame({"patient": ["asked"], **columns})
