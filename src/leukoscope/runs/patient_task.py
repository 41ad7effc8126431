"""A run whose network diagnoses patients."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.facts import FactsEncoder, linked, patient_facts, targets
from leukoscope.models.building import build_patient_model
from leukoscope.models.network import Network
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import outputs_of, probabilities
from leukoscope.models.weights import WeightsNote
from leukoscope.pictures.bags import BagData
from leukoscope.predictions.table import Predictions
from leukoscope.progress import progress
from leukoscope.runs.cell_referral import refuse_isotonic
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.late_fusion import Learners, out_of_fold_logits
from leukoscope.runs.learned import Learned, Results, Said
from leukoscope.runs.patient_results import patient_results
from leukoscope.runs.predicted import as_columns, marked
from leukoscope.runs.preparation import Prepared
from leukoscope.runs.training_place import TrainingPlace
from leukoscope.training import Trained, train
from leukoscope.training.cell_features import cell_features
from leukoscope.training.head_fitting import FOLDS, fit_head, patient_vectors
from leukoscope.training.patient_scoring import scoring_steps
from leukoscope.training.patients import patient_logits

LATE = "late"


@dataclass(frozen=True)
class PatientTask:
    """Every labelled patient is learnt from, and scored (``task.Task``).

    Args:
        prepared: What the run works on.
        facts: What makes numbers of the patients' facts, fitted on the patients that are learnt from; None where there
            are none.
    """

    prepared: Prepared
    facts: FactsEncoder | None

    @classmethod
    def of(cls, prepared: Prepared) -> PatientTask:
        """Return the task of a run, its encoder fitted on the patients that are learnt from, and on no others."""
        recipe = prepared.recipe
        inputs = recipe.facts.model_dump()["inputs"]
        cohort = prepared.intake.cohort
        all_at_once = recipe.model.fitted_at_once
        learnt = prepared.split.development(cohort) if all_at_once else prepared.split.part(cohort, "train")
        taken = bool(inputs) and recipe.facts.fusion != "none"
        return cls(prepared, FactsEncoder.fit(labelled_patients(learnt), inputs) if taken else None)

    def data(self, cohort: Cohort) -> BagData:
        """Return the labelled patients of a part as bags of rows of the store."""
        return self.bags(cohort, labelled_patients(cohort))

    def bags(self, cohort: Cohort, patients: pl.DataFrame) -> BagData:
        """Return patients as bags of rows of the store.

        Args:
            cohort: The cohort.
            patients: Rows of its patients' table, each with a usable cell; ``label`` may be null.
        """
        order = patients.select("patient").with_row_index("bag")
        cells = cohort.usable.join(order, on="patient").sort("bag", "id")
        places = {name: index for index, name in enumerate(cohort.classes.names)}
        labels = patients["label"].replace_strict(places, default=-1, return_dtype=pl.Int64).to_numpy(writable=True)
        sizes = cells.group_by("bag").len().sort("bag")["len"].cast(pl.Int64).to_numpy(writable=True)
        facts = None if self.facts is None else self.facts.encode(patients)
        return BagData(self.prepared.cells(cells), sizes, patients["patient"].to_list(), labels, facts)

    def build(self, weights_folder: Path | None) -> tuple[PatientModel, WeightsNote]:
        """Return the network with its first weights, and where these came from."""
        recipe, classes = self.prepared.recipe, self.prepared.intake.cohort.classes
        return build_patient_model(
            recipe.model,
            recipe.bag,
            recipe.facts,
            outputs_of(classes),
            inputs=0 if self.facts is None else len(self.facts.names),
            size=self.prepared.input_size,
            weights_folder=weights_folder,
            seed=recipe.seed,
        )

    def learn(self, place: TrainingPlace) -> Learned:
        """Learn from the training patients, or, where the head is fitted at once, from the validation patients too."""
        refuse_isotonic(self.prepared.recipe.refer, self.prepared.intake.cohort.classes)
        model, note = self.build(place.weights)
        if self.prepared.recipe.model.fitted_at_once:
            return self._fit(model, note, place)
        return self._train(model, note, place)

    def predictions(
        self, learned: Learned, cohort: Cohort, part: str, device: torch.device, *, run: str
    ) -> Predictions:
        """Return what has been learnt says of the labelled patients of a part, as ``task.Task.predictions`` does."""
        data = self.data(self.prepared.split.part(cohort, part))
        return self.said(data, self._logits_in_the_end(learned, data, device), cohort, part, run=run)

    def unlabelled(self, learned: Learned, device: torch.device, *, run: str) -> Predictions | None:
        """Return what is said of the patients who have no label; None where there are none.

        They were not learnt from and are in no score.
        """
        cohort = self.prepared.intake.cohort
        seen = cohort.usable.select("patient").unique()
        patients = patient_facts(cohort).filter(pl.col("label").is_null())
        patients = patients.join(seen, on="patient", how="semi", maintain_order="left")
        if patients.is_empty():
            return None
        data = self.bags(cohort, patients)
        return self.said(data, self._logits_in_the_end(learned, data, device), cohort, "unlabelled", run=run)

    def of_pictures(self, learned: Learned, cohort: Cohort, part: str, device: torch.device) -> Predictions | None:
        """Return what the pictures alone say of a part; None where nothing is fused behind the network."""
        if learned.pictures is None:
            return None
        data = self.data(self.prepared.split.part(cohort, part))
        logits = self.logits(_of_patients(learned.model), data, device)
        alone = learned.pictures.logits(logits, np.empty((len(data), 0)))
        return self.said(data, alone, cohort, part, run="pictures")

    def results(self, folder: RunFolder, learned: Learned, said: Said, device: torch.device) -> Results:
        """Return what is said beyond the scores, and write the evidence."""
        return patient_results(self, folder, learned, said, device)

    def logits(self, model: PatientModel, data: BagData, device: torch.device) -> np.ndarray:
        """Return what the network says of patients, (b, outputs) float32, before any late fusion."""
        recipe = self.prepared.recipe
        batch, views = recipe.bag.max_forward, recipe.test_time
        with progress("Scoring patients", scoring_steps(data, batch=batch, test_time=views)) as advance:
            return patient_logits(
                model,
                data,
                device,
                frozen=recipe.bag.frozen,
                batch=batch,
                test_time=views,
                after_chunk=lambda: advance(1),
            )

    def said(self, data: BagData, logits: np.ndarray, cohort: Cohort, part: str, *, run: str) -> Predictions:
        """Return patients' logits as predictions.

        Args:
            data: The b patients.
            logits: (b, outputs).
            cohort: The cohort they are of.
            part: Its name.
            run: The run's name.
        """
        values = probabilities(torch.from_numpy(logits).double(), cohort.classes).numpy()
        table = self._patients(data, cohort).select(id="patient", patient="patient", label="label", group="group")
        table = table.with_columns(patient_label=pl.col("label"), **as_columns(values, logits, cohort.classes))
        return Predictions(marked(table, part, run, self.prepared.split.mark), cohort.classes, unit="patient")

    def _logits_in_the_end(self, learned: Learned, data: BagData, device: torch.device) -> np.ndarray:
        logits = self.logits(_of_patients(learned.model), data, device)
        return logits if learned.late is None else learned.late.logits(logits, numbers(data))

    def _train(self, model: PatientModel, note: WeightsNote, place: TrainingPlace) -> Learned:
        prepared, recipe = self.prepared, self.prepared.recipe
        development = prepared.split.development(prepared.intake.cohort)
        data, validation = (self.data(prepared.split.part(development, part)) for part in ("train", "validation"))
        learn = functools.partial(self._trained, validation=validation, place=place)
        if recipe.facts.fusion == LATE:
            place.display.title("the network, on all training patients")
        trained = learn(model, data, place.folder)
        if recipe.facts.fusion != LATE:
            return Learned(trained.model, note, trained.best_epoch)

        def learn_anew(some: BagData, below: Path) -> PatientModel:
            place.display.title(f"fold {int(below.name) + 1}, for late fusion: without the patients it is asked about")
            return _of_patients(learn(self.build(place.weights)[0], some, place.folder / below).model)

        learners = self._learners(data, development)
        logits_of = functools.partial(self.logits, device=place.device)
        logits = out_of_fold_logits(learn_anew, logits_of, data, learners, recipe.facts.folds)
        late, pictures = learners.fuse(logits), learners.fuse(logits, facts=False)
        return Learned(trained.model, note, trained.best_epoch, late, pictures)

    def _trained(
        self, model: PatientModel, data: BagData, folder: Path, *, validation: BagData, place: TrainingPlace
    ) -> Trained:
        recipe, classes = self.prepared.recipe, self.prepared.intake.cohort.classes
        folder.mkdir(parents=True, exist_ok=True)
        return train(
            model,
            data,
            validation,
            recipe,
            classes,
            seed=recipe.seed,
            folder=folder,
            device=place.device,
            display=place.display,
        )

    def _fit(self, model: PatientModel, note: WeightsNote, place: TrainingPlace) -> Learned:
        development = self.prepared.split.development(self.prepared.intake.cohort)
        data = self.data(development)
        learners = self._learners(data, development)
        with progress("Embedding cells", len(data.cells)) as advance:
            features = cell_features(model, data.cells, device=place.device, after_batch=advance)
        vectors = patient_vectors(model.to("cpu"), features, data)
        logits = fit_head(
            model, vectors, learners.truth, learners.groups, balanced=learners.balanced, seed=learners.seed
        )
        late, pictures = learners.fuse(logits), learners.fuse(logits, facts=False)
        shown = learners.cross_fused(logits, FOLDS)
        out_of_fold = self.said(data, shown, development, "validation", run=place.folder.name)
        return Learned(model, note, late=late, pictures=pictures, out_of_fold=out_of_fold)

    def _learners(self, data: BagData, cohort: Cohort) -> Learners:
        patients, recipe = self._patients(data, cohort), self.prepared.recipe
        return Learners(
            facts=numbers(data),
            names=() if self.facts is None else self.facts.names,
            truth=targets(patients["label"], cohort.classes),
            groups=linked(patients),
            balanced=recipe.balance.loss_weights == "balanced",
            seed=recipe.seed,
        )

    def _patients(self, data: BagData, cohort: Cohort) -> pl.DataFrame:
        """Return the patients' labels and linked groups, in the order of the data."""
        groups = self.prepared.split.table.join(cohort.cells.select("id", "patient"), on="id")
        groups = groups.select("patient", "group").unique("patient")
        table = pl.DataFrame({"patient": data.patients}, schema={"patient": pl.String})
        table = table.join(cohort.patients.select("patient", "label"), on="patient", how="left", maintain_order="left")
        return table.join(groups, on="patient", how="left", maintain_order="left")


def _of_patients(model: Network) -> PatientModel:
    assert isinstance(model, PatientModel), "a run of patients has a network of patients"
    return model


def numbers(data: BagData) -> np.ndarray:
    """Return the patients' encoded facts, (b, f) float32; f is 0 where there are none."""
    return np.empty((len(data), 0), dtype=np.float32) if data.facts is None else data.facts


def labelled_patients(cohort: Cohort) -> pl.DataFrame:
    """Return facts of patients who have a label and a usable cell, in the order of the patients' table."""
    known = known_labels(cohort).select("patient").drop_nulls().unique()
    return patient_facts(cohort).join(known, on="patient", how="semi", maintain_order="left")
