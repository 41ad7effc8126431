"""A run whose network names cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from leukoscope.audit.shortcuts import baselines_of
from leukoscope.cohort.cohort import Cohort
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import outputs_of, probabilities
from leukoscope.models.weights import WeightsNote
from leukoscope.pictures.batches import CellData
from leukoscope.predictions.table import Predictions
from leukoscope.progress import progress
from leukoscope.runs.fewer_views import fewer_views, refuse_more_classes
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.learned import Learned, Results, Said
from leukoscope.runs.predicted import as_columns, marked
from leukoscope.runs.preparation import Prepared
from leukoscope.runs.sheets import write_sheets
from leukoscope.runs.training_place import TrainingPlace
from leukoscope.training import train
from leukoscope.training.scoring import predict_store

BATCH = 64


@dataclass(frozen=True)
class CellTask:
    """Every labelled cell is learnt from, and scored (``task.Task``).

    Args:
        prepared: What the run works on.
    """

    prepared: Prepared

    def data(self, cohort: Cohort) -> CellData:
        """Return the labelled cells of a part as rows of the store."""
        return self.prepared.cells(cohort.labelled)

    def build(self, weights_folder: Path | None) -> tuple[CellModel, WeightsNote]:
        """Return the network with its first weights, and where these came from."""
        recipe, classes = self.prepared.recipe, self.prepared.intake.cohort.classes
        return build_model(recipe.model, outputs_of(classes), weights_folder=weights_folder, seed=recipe.seed)

    def learn(self, place: TrainingPlace) -> Learned:
        """Train the network on the training part; the validation part chooses the best epoch."""
        prepared, recipe = self.prepared, self.prepared.recipe
        refuse_more_classes(recipe.test_time, prepared.intake.cohort.classes)
        development = prepared.split.development(prepared.intake.cohort)
        model, note = self.build(place.weights)
        trained = train(
            model,
            self.data(prepared.split.part(development, "train")),
            self.data(prepared.split.part(development, "validation")),
            recipe,
            development.classes,
            seed=recipe.seed,
            folder=place.folder,
            device=place.device,
            display=place.display,
        )
        return Learned(trained.model, note, trained.best_epoch)

    def predictions(
        self, learned: Learned, cohort: Cohort, part: str, device: torch.device, *, run: str
    ) -> Predictions:
        """Return what has been learnt says of the labelled cells of a part, as ``task.Task.predictions`` does."""
        prepared, classes = self.prepared, cohort.classes
        chosen = prepared.split.part(cohort, part)
        data = self.data(chosen)
        views = prepared.recipe.test_time
        with progress(f"Scoring the {part} part", -(-len(data) // BATCH)) as advance:
            logits = predict_store(
                learned.model,
                data,
                classes,
                batch=BATCH,
                device=device,
                test_time=views,
                after_batch=lambda: advance(1),
            )
        values = probabilities(torch.from_numpy(logits), classes).numpy()
        groups = prepared.split.table.select("id", "group")
        table = chosen.labelled.select("id", "patient", "label").join(groups, on="id", maintain_order="left")
        own = chosen.patients.select("patient", patient_label="label")
        table = table.join(own, on="patient", how="left", maintain_order="left")
        table = table.with_columns(**as_columns(values, logits, classes))
        return Predictions(marked(table, part, run, prepared.split.leakage), classes)

    def results(self, folder: RunFolder, learned: Learned, said: Said, device: torch.device) -> Results:
        """Return the rules that stand beside the scores, and that for fewer views; write the sheets of cells."""
        prepared, views = self.prepared, self.prepared.recipe.test_time
        write_sheets(folder, prepared, said.test, said.value)
        cohort = prepared.intake.cohort
        baselines = {"baselines": baselines_of(cohort, prepared.intake.pictures, prepared.split)}
        if not views.adaptive:
            return Results(baselines)
        parts = {part: self.data(prepared.split.part(cohort, part)) for part in ("validation", "test")}
        spared = fewer_views(learned.model, parts, said, views, device)
        return Results(baselines | spared.scores, spared.card)
