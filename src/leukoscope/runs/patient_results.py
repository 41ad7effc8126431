"""What a patients' run says beyond its scores: the facts alone, calibration, referral, evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
import torch

from leukoscope.cohort.cohort import Cohort
from leukoscope.evaluation.referral import REFER
from leukoscope.explanation import late_moves, moves_table, occluded_moves, stated_probability, write_evidence
from leukoscope.explanation.writing import RECORD
from leukoscope.facts import FactsEncoder, inputs_offered, patient_facts
from leukoscope.facts.late import LateFusion
from leukoscope.files import read_json, write_table
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.predictions.table import Predictions
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.learned import Learned, Results, Said
from leukoscope.runs.patient_sections import PatientSections, patient_sections, patients_in
from leukoscope.runs.preparation import Prepared
from leukoscope.runs.sheets import wrong_cells
from leukoscope.training.cell_sources import CellSource, feature_source, pixel_source

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

    def unlabelled(self, learned: Learned, device: torch.device, *, run: str) -> Predictions | None:
        """Return what is said of the patients who have no label; None where there are none."""


def patient_results(task: Speaker, folder: RunFolder, learned: Learned, said: Said, device: torch.device) -> Results:
    """Compute the sections of ``scores.json`` and the fields of the card, and write the evidence and who was wrong.

    Args:
        task: The run's task.
        folder: The run's folder.
        learned: What was learnt.
        said: What is said of the parts.
        device: Where to compute.
    """
    sections = _sections(task, learned, said, device)
    write_table(folder.wrong, wrong_cells(said.test, said.value))
    unlabelled = task.unlabelled(learned, device, run=folder.path.name)
    if unlabelled is not None:
        unlabelled.save(folder.predictions("unlabelled"))
    _explain(task, folder, learned, said, device=device, sections=sections)
    card = {
        "encoder": None if task.facts is None else task.facts.as_json(),
        "calibrator": None if sections.calibrator.kind == "none" else sections.calibrator.as_json(),
        "band": None if sections.band is None else sections.band.as_json(),
        "threshold": None if sections.referral.threshold is None else sections.referral.threshold.value,
    }
    return Results(sections.as_json() | {"evidence": read_json(folder.path / RECORD)["found"]}, card)


def _sections(task: Speaker, learned: Learned, said: Said, device: torch.device) -> PatientSections:
    prepared = task.prepared
    cohort, split, recipe = prepared.intake.cohort, prepared.split, prepared.recipe
    # Where the validation part was learnt from, what pictures alone say of it is no ground for a threshold.
    in_sample = learned.out_of_fold is not None
    learnt = split.development(cohort) if in_sample else split.part(cohort, "train")
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
        images_validation=None if in_sample else task.of_pictures(learned, cohort, "validation", device),
        offered=inputs_offered(cohort),
    )


def _explain(
    task: Speaker,
    folder: RunFolder,
    learned: Learned,
    said: Said,
    *,
    device: torch.device,
    sections: PatientSections,
) -> None:
    """Write the evidence; what is said of each patient is what the bundle would say: calibrated, called, referred."""
    model, cohort, recipe = _network(learned), task.prepared.intake.cohort, task.prepared.recipe
    data = task.data(task.prepared.split.part(cohort, "test"))
    threshold, calibrator = sections.referral.threshold, sections.calibrator
    source = feature_source(model, data.cells, device) if recipe.bag.frozen else pixel_source(device)
    write_evidence(
        folder.path,
        model,
        data,
        device,
        predictions=calibrator.apply(said.test),
        threshold=None if threshold is None else threshold.value,
        calibration=calibrator.kind,
        referred=_referred(sections, said),
        moves=_moves(task, learned, data, device, source),
        probability=stated_probability(cohort.classes, calibrator, late=learned.late, facts=_numbers(data)),
        truth=cohort.cells.select("id", TRUTH) if TRUTH in cohort.cells.columns else None,
        run=folder.path.name,
        batch=recipe.bag.max_forward,
        source=source,
        seed=recipe.seed,
    )


def _referred(sections: PatientSections, said: Said) -> dict[str, str]:
    """Return why each test patient who is referred is so, a clause."""
    decided = sections.referral.decide(said.test).filter(pl.col("called") == REFER)
    return {patient: why.partition(": ")[2] for patient, why in decided.select("patient", "why").iter_rows()}


def _moves(
    task: Speaker, learned: Learned, data: BagData, device: torch.device, source: CellSource
) -> pl.DataFrame | None:
    """Return what each fact moved; None where facts play no part."""
    model, cohort = _network(learned), task.prepared.intake.cohort
    if task.facts is None:
        return None
    if learned.late is not None:
        return _late_moves(learned.late, data, task.logits(model, data, device), task.facts.sources, cohort)
    if model.fusion is None:
        return None
    mean = _numbers(task.data(task.prepared.split.part(cohort, "train"))).mean(axis=0)
    batch, sources = task.prepared.recipe.bag.max_forward, task.facts.sources
    moved = occluded_moves(model, data, device, sources=sources, mean=mean, batch=batch, source=source)
    return moves_table(data.patients, moved, sources, patient_facts(cohort))


def _late_moves(
    late: LateFusion, data: BagData, logits: np.ndarray, sources: Sequence[str], cohort: Cohort
) -> pl.DataFrame:
    """Return what moved each patient's logit; for more than two classes that of the class which the evidence is of."""
    outputs = logits.argmax(axis=1)
    facts, values = _numbers(data), patient_facts(cohort)
    tables = []
    for output in np.unique(outputs).tolist():
        rows = np.flatnonzero(outputs == output)
        names = [data.patients[row] for row in rows]
        tables.append(late_moves(late, names, logits[rows], facts[rows], sources=sources, values=values, output=output))
    return pl.concat(tables)


def _network(learned: Learned) -> PatientModel:
    assert isinstance(learned.model, PatientModel), "a run of patients has a network of patients"
    return learned.model


def _numbers(data: BagData) -> npt.NDArray[np.float32]:
    return np.empty((len(data), 0), dtype=np.float32) if data.facts is None else data.facts
