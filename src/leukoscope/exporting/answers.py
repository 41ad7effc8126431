"""What a bundle itself says of what its exported graph is asked: said by what ``predict`` runs, with all views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, models_of
from leukoscope.bundles.network import encoder_of
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.rows import Floats
from leukoscope.evaluation.calibrators import RAW
from leukoscope.exporting.framing import WHITE, PixelsInGraph, fits_graph
from leukoscope.exporting.trials import Trial
from leukoscope.facts.category import CategoryFact
from leukoscope.inference.flags import DISTANCE, said_with_flags
from leukoscope.inference.marks import Marks
from leukoscope.inference.patient_rows import PatientReader
from leukoscope.inference.patient_sources import Patients
from leukoscope.inference.saying import said_of
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.facts import Facts
from leukoscope.pictures.reading import Reading
from leukoscope.predictions.table import probability_column

BATCH = 64
"""Cells of a patient at a time in the network."""
PATIENT = "asked"

Frame = Callable[[Bundle, Pixels], Pixels]
"""What frames pictures, (n, h, w, 3) uint8, for a model."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What was said.

    Args:
        probabilities: (n, k) float64, or (1, k) of a patient; calibrated where the bundle does that.
        logits: (n, 1) float64, from before calibration; None where ``predict`` states none that is of one model: of
            more than two classes, and of several models.
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
    """Return what ``predict`` says of a trial, but that it looks at all test-time views, as a graph does.

    Args:
        bundle: The bundle, on its device.
        trial: The trial.
        frame: What frames the pictures for a model.
    """
    framed = {model.framing.key: frame(model, trial.pictures) for model in models_of(bundle)}
    if isinstance(bundle, EnsembleBundle):
        shares = _shares(said_of(bundle, list(zip(*framed.values(), strict=True))), bundle.classes)
        knowing = [one for one in models_of(bundle) if one.reference is not None]
        far = [_said(one, framed[one.framing.key])[DISTANCE].to_numpy() for one in knowing]
        return Answer(shares, distances=np.stack(far, axis=1) if far else None)
    pixels = framed[bundle.framing.key]
    if bundle.card.task == "patients":
        reader = PatientReader(bundle, _asked(bundle, trial), BATCH, Marks())
        said, cells = reader.rows(0, (Reading(PATIENT, Facts(), framed=one) for one in pixels))
    else:
        said = cells = _said(bundle, pixels)
    logits = said[RAW if RAW in said.columns else "logit"].to_numpy()[:, None] if bundle.classes.binary else None
    distances = cells[DISTANCE].to_numpy() if DISTANCE in cells.columns else None
    return Answer(_shares(said, bundle.classes), logits, distances)


def _said(model: Bundle, framed: Pixels) -> pl.DataFrame:
    """Return what ``predict`` says of framed cells, by all views also where the bundle has a rule for fewer."""
    whole = replace(model, card=replace(model.card, view_rule=None))
    return said_with_flags(whole, [(picture,) for picture in framed])


def _shares(said: pl.DataFrame, classes: Classes) -> Floats:
    return said.select([probability_column(name) for name in classes.names]).to_numpy()


def _asked(bundle: Bundle, trial: Trial) -> Patients:
    """Return a trial's patient as ``PatientReader`` takes one."""
    encoder, nothing = encoder_of(bundle.card), pl.lit(None, pl.String)
    facts = () if encoder is None else encoder.facts
    kinds = {fact.name: pl.String() if isinstance(fact, CategoryFact) else pl.Float64() for fact in facts}
    columns = {name: pl.Series([trial.facts.get(name)], dtype=kind) for name, kind in kinds.items()}
    table = pl.DataFrame({"patient": [PATIENT], **columns}).with_columns(label=nothing)
    pictures = pl.DataFrame({"patient": [PATIENT] * len(trial.pictures)}).with_columns(path="patient", problem=nothing)
    return Patients(table, pictures, Path())
