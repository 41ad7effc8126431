"""What a patients' run says beyond its scores: the facts alone, calibration, referral, evidence."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import polars as pl
import torch

from leukoscope.cohort.cohort import Cohort
from leukoscope.explanation import late_moves, late_probability, write_evidence
from leukoscope.facts import FactsEncoder, inputs_offered
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.predictions.table import Predictions
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.learned import Learned, Results, Said
from leukoscope.runs.patient_sections import PatientSections, patient_sections, patients_in
from leukoscope.runs.preparation import Prepared

TRUTH = "malignant"


class Speaker(Protocol):
    """A task of patients, as far as it is needed here."""

    @property
    def prepared(self) -> Prepared:
        """What the run works on."""

    @property
    def facts(self) -> FactsEncoder | None:
        """What makes numbers of the patients' facts; None where there are none."""

    def data(self, cohort: Cohort) -> BagData:
        """Return the labelled patients of a part."""

    def logits(self, model: PatientModel, data: BagData, device: torch.device) -> np.ndarray:
        """Return what the network says of patients."""

    def of_pictures(self, learned: Learned, cohort: Cohort, part: str, device: torch.device) -> Predictions | None:
        """Return what the pictures alone say of a part; None where nothing is fused behind the network."""


def patient_results(task: Speaker, folder: RunFolder, learned: Learned, said: Said, device: torch.device) -> Results:
    """Compute the sections of ``scores.json`` and the fields of the card, and write the evidence.

    Args:
        task: The run's task.
        folder: The run's folder.
        learned: What was learnt.
        said: What is said of the parts.
        device: Where to compute.
    """
    sections = _sections(task, learned, said, device)
    decided = sections.referral.decide(said.test)
    referred = decided.filter(pl.col("called") == "refer")["patient"].to_list()
    _explain(task, folder, learned, said, device=device, referred=referred)
    card = {
        "encoder": None if task.facts is None else task.facts.as_json(),
        "calibrator": None if sections.calibrator.kind == "none" else sections.calibrator.as_json(),
        "band": None if sections.band is None else sections.band.as_json(),
        "threshold": None if sections.referral.threshold is None else sections.referral.threshold.value,
    }
    return Results(sections.as_json(), card)


def _sections(task: Speaker, learned: Learned, said: Said, device: torch.device) -> PatientSections:
    prepared = task.prepared
    cohort, split, recipe = prepared.intake.cohort, prepared.split, prepared.recipe
    learnt = split.development(cohort) if learned.out_of_fold is not None else split.part(cohort, "train")
    return patient_sections(
        patients=patients_in(cohort, split),
        train=task.data(learnt).patients,
        classes=cohort.classes,
        recipe=recipe,
        validation=said.validation,
        test=said.test,
        threshold=said.value,
        seed=recipe.seed,
        images=task.of_pictures(learned, cohort, "test", device),
        offered=inputs_offered(cohort),
    )


def _explain(
    task: Speaker, folder: RunFolder, learned: Learned, said: Said, *, device: torch.device, referred: list[str]
) -> None:
    model, cohort, recipe = learned.model, task.prepared.intake.cohort, task.prepared.recipe
    assert isinstance(model, PatientModel), "a run of patients has a network of patients"
    data = task.data(task.prepared.split.part(cohort, "test"))
    fused: dict[str, Any] = {}
    if learned.late is not None:
        facts = np.empty((len(data), 0), dtype=np.float32) if data.facts is None else data.facts
        sources = () if task.facts is None else task.facts.sources
        logits = task.logits(model, data, device)
        fused["moves"] = late_moves(learned.late, data.patients, logits, facts, sources=sources, values=cohort.patients)
        fused["probability"] = late_probability(learned.late, facts)
    truth = cohort.cells.select("id", TRUTH) if TRUTH in cohort.cells.columns else None
    write_evidence(
        folder.path,
        model,
        data,
        device,
        predictions=said.test,
        threshold=said.value,
        referred=referred,
        truth=truth,
        run=folder.path.name,
        batch=recipe.bag.max_forward,
        seed=recipe.seed,
        **fused,
    )
