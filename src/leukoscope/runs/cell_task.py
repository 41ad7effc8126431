"""A run whose network names cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch

from leukoscope.audit.shortcuts import baselines_of
from leukoscope.cohort.cohort import Cohort
from leukoscope.facts import linked, target_names, targets
from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats
from leukoscope.files import write_table
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead
from leukoscope.models.network import cells_of
from leukoscope.models.probabilities import outputs_of, probabilities
from leukoscope.models.trained_parts import set_trained
from leukoscope.models.weights import WeightsNote
from leukoscope.pictures.batches import CellData
from leukoscope.predictions.table import Predictions
from leukoscope.progress import progress
from leukoscope.runs.balance import write_balance
from leukoscope.runs.by_hand import beside_run
from leukoscope.runs.cell_referral import cell_referral, refuse_isotonic
from leukoscope.runs.class_groups import group_scores, groups_of
from leukoscope.runs.fewer_views import fewer_views, refuse_more_classes
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.importances import importances_table
from leukoscope.runs.learned import Learned, Results, Said
from leukoscope.runs.predicted import as_columns, marked
from leukoscope.runs.preparation import Prepared
from leukoscope.runs.sheets import write_sheets
from leukoscope.runs.training_place import TrainingPlace
from leukoscope.training import train
from leukoscope.training.cell_features import cell_features, missing_cells
from leukoscope.training.cell_head import cell_weights, fit_cell_head, folds_of
from leukoscope.training.fitted_heads import HeadResult, fit_head_at_once, fits_of
from leukoscope.training.head_folds import deal_cells
from leukoscope.training.scoring import predict_store
from leukoscope.training.unfreezing import with_all_stages

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
        return build_model(
            recipe.model,
            outputs_of(classes),
            size=self.prepared.input_size,
            weights_folder=weights_folder,
            seed=recipe.seed,
        )

    def learn(self, place: TrainingPlace) -> Learned:
        """Learn from the training part, or, where the head is fitted at once, from the validation part too."""
        refuse_more_classes(self.prepared.recipe.test_time, self.prepared.intake.cohort.classes)
        refuse_isotonic(self.prepared.recipe.refer, self.prepared.intake.cohort.classes)
        groups_of(self.prepared.recipe.classes, self.prepared.intake.cohort)  # a wrong name is told before hours
        model, note = self.build(place.weights)
        if self.prepared.recipe.model.fitted_at_once:
            return self._fit(model, note, place)
        return self._train(model, note, place)

    def predictions(
        self, learned: Learned, cohort: Cohort, part: str, device: torch.device, *, run: str
    ) -> Predictions:
        """Return what has been learnt says of the labelled cells of a part, as ``task.Task.predictions`` does."""
        chosen = self.prepared.split.part(cohort, part)
        at_once = self.prepared.recipe.model.fitted_at_once
        logits = (self._of_vectors if at_once else self._of_views)(learned, self.data(chosen), part, device)
        return self._said(logits, chosen, part, run=run)

    def results(self, folder: RunFolder, learned: Learned, said: Said, device: torch.device) -> Results:
        """Return the rules that stand beside the scores, those for referring and for fewer views; write the sheets."""
        prepared, views = self.prepared, self.prepared.recipe.test_time
        write_sheets(folder, prepared, said.test, said.value)
        if learned.importances is not None:
            write_table(folder.importances, learned.importances)
        cohort = prepared.intake.cohort
        whole = learned.out_of_fold is not None
        rules = beside_run(folder, prepared, said.test, whole=whole)
        rules |= baselines_of(cohort, prepared.intake.pictures, prepared.split, whole=whole)
        groups = groups_of(prepared.recipe.classes, cohort)
        referred = cell_referral(prepared.recipe.refer, said)
        added = {"baselines": rules, **group_scores(groups, said.validation, said.test), **referred.scores}
        if not views.adaptive:
            return Results(added, referred.card)
        parts = {part: self.data(prepared.split.part(cohort, part)) for part in ("validation", "test")}
        spared = fewer_views(learned.model, parts, said, views, device)
        return Results(added | spared.scores, spared.card)

    def _train(self, model: CellModel, note: WeightsNote, place: TrainingPlace) -> Learned:
        """Train the network on the training part; the validation part chooses the best epoch."""
        prepared, recipe = self.prepared, self.prepared.recipe
        development = prepared.split.development(prepared.intake.cohort)
        cells = self.data(prepared.split.part(development, "train"))
        write_balance(RunFolder(place.folder), prepared, cells, with_all_stages(recipe, model).stages)
        trained = train(
            model,
            cells,
            self.data(prepared.split.part(development, "validation")),
            recipe,
            development.classes,
            seed=recipe.seed,
            folder=place.folder,
            device=place.device,
            display=place.display,
        )
        return Learned(trained.model, note, trained.best_epoch)

    def _fit(self, model: CellModel, note: WeightsNote, place: TrainingPlace) -> Learned:
        """Fit the head to the cells of the training and the validation part, embedded once."""
        development = self.prepared.split.development(self.prepared.intake.cohort)
        data, cells, recipe = self.data(development), self._cells(development), self.prepared.recipe
        classes, groups = development.classes, linked(cells)
        truth = targets(cells["label"], classes)
        # What labels, groups and weights do not allow is told before hours of embedding.
        deal_cells(truth, groups, target_names(classes), recipe.seed)
        patients = cells.select(pl.coalesce("patient", "group")).to_series().to_list()
        weights = cell_weights(recipe.balance, data.labels, patients, classes)
        set_trained(model, "head")
        vectors = self._vectors(model, data, place.device)
        fit = self._head_fit(model.to("cpu"), vectors.astype(np.float64), truth, groups, weights)
        said = self._said(fit.logits.astype(np.float32), development, "validation", run=place.folder.name)
        if fit.named is None or model.measures is None:
            return Learned(model, note, out_of_fold=said)
        measured = vectors[:, model.pooled :]
        importances = importances_table(fit.named, measured, model.measures.names, truth, classes)
        return Learned(model, note, out_of_fold=said, importances=importances)

    def _head_fit(
        self, model: CellModel, vectors: Floats, truth: Ints, groups: Sequence[str], weights: Floats
    ) -> HeadResult:
        """Fit the head that the recipe asks for, a line or not."""
        settings, seed = self.prepared.recipe.model, self.prepared.recipe.seed
        if not isinstance(model.head, FittedHead):
            with progress("Fitting the head", folds_of(model)) as advance:
                logits = fit_cell_head(
                    model, vectors, truth, groups, weights=weights, seed=seed, after_fold=lambda: advance(1)
                )
            return HeadResult(logits)
        with progress("Fitting the head", fits_of(settings)) as advance:
            return fit_head_at_once(
                model, settings, vectors, truth, groups, weights=weights, seed=seed, after_fit=lambda: advance(1)
            )

    def _of_views(self, learned: Learned, data: CellData, part: str, device: torch.device) -> np.ndarray:
        """Return the logits of cells, (n, outputs), averaged over their views."""
        with progress(f"Scoring the {part} part", -(-len(data) // BATCH)) as advance:
            return predict_store(
                learned.model,
                data,
                self.prepared.intake.cohort.classes,
                batch=BATCH,
                device=device,
                test_time=self.prepared.recipe.test_time,
                after_batch=lambda: advance(1),
            )

    def _of_vectors(self, learned: Learned, data: CellData, _part: str, device: torch.device) -> np.ndarray:
        """Return the same for a head that was fitted at once: of vectors that are kept, and serve other runs too."""
        model = cells_of(learned.model)
        vectors = torch.from_numpy(self._vectors(model, data, device)).to(device)
        with torch.inference_mode():
            logits: np.ndarray = model.head(vectors).cpu().numpy()
        return logits

    def _vectors(self, model: CellModel, data: CellData, device: torch.device) -> np.ndarray:
        """Return what the head sees of cells, (n, d) float32: the mean over their views, computed once."""
        views = self.prepared.recipe.test_time
        with progress("Embedding cells", missing_cells(model, data, views)) as advance:
            return cell_features(model, data, device=device, test_time=views, after_batch=advance)[:, 0]

    def _said(self, logits: np.ndarray, cohort: Cohort, part: str, *, run: str) -> Predictions:
        """Return logits, (n, outputs), of the labelled cells of a cohort as predictions."""
        values = probabilities(torch.from_numpy(logits), cohort.classes).numpy()
        own = cohort.patients.select("patient", patient_label="label")
        table = self._cells(cohort).join(own, on="patient", how="left", maintain_order="left")
        table = table.with_columns(**as_columns(values, logits, cohort.classes))
        return Predictions(marked(table, part, run, self.prepared.split.mark), cohort.classes)

    def _cells(self, cohort: Cohort) -> pl.DataFrame:
        """Return the labelled cells in the order of the data: ``id``, ``patient``, ``label`` and linked ``group``."""
        groups = self.prepared.split.table.select("id", "group")
        return cohort.labelled.select("id", "patient", "label").join(groups, on="id", maintain_order="left")
