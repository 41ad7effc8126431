"""The steps that every run is made of, whoever orders them: each leaves its files, and its time in the record."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from leukoscope.bundles import save_bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.evaluation import evaluate
from leukoscope.files import write_json, write_table
from leukoscope.models.describing import network_table, stages_table
from leukoscope.models.joint_plan import joint_plan
from leukoscope.models.network import cells_of
from leukoscope.models.seen import Seen, seen_by_weights
from leukoscope.predictions.table import Predictions, Unit
from leukoscope.recipes.schema import Recipe
from leukoscope.reports import write_patient_pages, write_report
from leukoscope.runs.about import about_run
from leukoscope.runs.announcing import announce, announce_left_out
from leukoscope.runs.at_home import at_home
from leukoscope.runs.folder import RunFolder, now
from leukoscope.runs.learned import Learned, Said
from leukoscope.runs.options import Options
from leukoscope.runs.peak_memory import forget_peak, noting_peak
from leukoscope.runs.preparation import Prepared, prepare
from leukoscope.runs.reference_cells import reference_of
from leukoscope.runs.scoring import card_of, operating_point, scores_of, seen_pictures
from leukoscope.runs.subgroups import subgroups
from leukoscope.runs.task import task_of
from leukoscope.runs.training_place import TrainingPlace
from leukoscope.runs.unlike_cells import write_unlike
from leukoscope.runs.writing import write_preparation
from leukoscope.training.display import SilentDisplay, TerminalDisplay
from leukoscope.training.unfreezing import trained_in_stages


@contextmanager
def noting_end(folder: RunFolder, status: str = "finished") -> Iterator[None]:
    """Note in the record how what is done here ends: ``status``, or ``interrupted``, or ``failed`` and why."""
    try:
        yield
    except KeyboardInterrupt:
        folder.update(status="interrupted")
        raise
    except Exception as error:
        folder.update(status="failed", error=str(error))
        raise
    folder.update(status=status)


@contextmanager
def timed(folder: RunFolder, what: str) -> Iterator[None]:
    """Add the seconds that are spent here to those of a step in the record."""
    started = time.monotonic()
    yield
    before = folder.read_record()["seconds"].get(what, 0)
    folder.update(seconds={what: round(before + time.monotonic() - started, 1)})


def prepare_run(
    folder: RunFolder,
    recipe: Recipe,
    cohort: Cohort,
    options: Options,
    split: Split | None,
    *,
    show: bool,
    seen: Seen | None = None,
) -> Prepared:
    """Look at every picture, split, check and audit; write what is known before anything is trained.

    Args:
        folder: The run's folder.
        recipe: The recipe.
        cohort: The cohort.
        options: Everything else.
        split: A split made before; the recipe's own where None.
        show: Say on the terminal what the split promises.
        seen: What the weights that the network starts from have seen; looked up by the recipe where None.
    """
    forget_peak()
    with noting_peak(folder), timed(folder, "preparation"):
        store = options.store or folder.pixels
        known = seen_by_weights(recipe.model, options.weights) if seen is None else seen
        prepared = prepare(recipe, cohort, store=store, split=split, allow_leakage=options.allow_leakage, seen=known)
        write_preparation(folder, prepared)
    if show:
        announce(prepared.split)
        if recipe.task == "patients":
            announce_left_out(prepared.intake.cohort)
    return prepared


def learn(folder: RunFolder, prepared: Prepared, options: Options, device: torch.device, *, show: bool) -> Learned:
    """Train on the training part; the validation part chooses the epoch, the test part is not looked at.

    Args:
        folder: The run's folder.
        prepared: What the run works on.
        options: Where first weights are.
        device: Where to compute.
        show: Show progress on the terminal.
    """
    folder.update(device=str(device))
    display = TerminalDisplay() if show else SilentDisplay()
    with noting_peak(folder), timed(folder, "training"):
        learned = task_of(prepared).learn(TrainingPlace(folder.path, options.weights, device, display))
    note_learned(folder, learned)
    write_network(folder, prepared, learned)
    return learned


def write_network(folder: RunFolder, prepared: Prepared, learned: Learned) -> None:
    """Write the network's layers, what of it each stage trained, where there were any, and the plan of a joint one.

    Args:
        folder: The run's folder.
        prepared: What the run works on.
        learned: What was learnt.
    """
    stages = trained_in_stages(prepared.recipe, learned.model)
    at_once = prepared.recipe.model.fitted_at_once
    write_table(folder.network, network_table(learned.model, prepared.input_size, stages, at_once=at_once))
    if stages:
        write_table(folder.stages, stages_table(learned.model, stages))
    plan = joint_plan(cells_of(learned.model))
    if plan is not None:
        write_json(folder.joint, plan)


def note_learned(folder: RunFolder, learned: Learned) -> None:
    """Note in the record which epoch was kept and where the first weights came from."""
    folder.update(
        best_epoch=learned.best_epoch,
        weights=learned.note.as_json(),
        out_of_fold=learned.out_of_fold is not None,
    )


def score(folder: RunFolder, prepared: Prepared, learned: Learned, device: torch.device) -> None:
    """Choose the threshold on validation, open the test part, score it; save the bundle.

    Args:
        folder: The run's folder.
        prepared: What the run works on.
        learned: What was learnt.
        device: Where to compute.
    """
    with noting_peak(folder), timed(folder, "scoring"):
        _score(folder, prepared, learned, device)


def finish(folder: RunFolder, prepared: Prepared) -> None:
    """Write the pages.

    Args:
        folder: The run's folder.
        prepared: What the run worked on.
    """
    folder.update(finished=now())
    if prepared.recipe.task == "patients":
        write_patient_pages(folder.path)
    write_report(folder.path)


def _score(folder: RunFolder, prepared: Prepared, learned: Learned, device: torch.device) -> None:
    name, task = folder.path.name, task_of(prepared)
    development = prepared.split.development(prepared.intake.cohort)
    validation = learned.out_of_fold
    if validation is None:
        validation = task.predictions(learned, development, "validation", device, run=name)
    validation.save(folder.predictions("validation"))
    threshold = operating_point(prepared.recipe.threshold, validation)
    reference = reference_of(prepared, learned.model, device)
    test = _open_test(folder, prepared, learned, device)
    value = None if threshold is None else threshold.value
    parts = {part: evaluate(table, threshold=value) for part, table in (("validation", validation), ("test", test))}
    results = task.results(folder, learned, Said(validation, test, threshold), device)
    unlike = write_unlike(folder, prepared, learned.model, reference, device)
    of_groups = subgroups(prepared.intake.cohort, test, value)
    scores = scores_of(prepared, threshold, parts, run=name) | results.scores | unlike | of_groups
    write_json(folder.scores, scores)
    about = about_run(prepared, learned, scores, folder.read_record())
    card = card_of(prepared, threshold, parts, learned, run=name, of_patients=results.card)
    looked, rule = prepared.intake, prepared.recipe.threshold.model_dump(mode="json")
    home = at_home(looked.cohort, looked.pictures, prepared.split, test, card=card, rule=rule)
    card = replace(card, about=about, home=home)
    save_bundle(folder.bundle, learned.model, card, seen=seen_pictures(prepared), reference=reference)


def _open_test(folder: RunFolder, prepared: Prepared, learned: Learned, device: torch.device) -> Predictions:
    """Predict the test part: the seal is broken here and nowhere else, and once, also where a run is resumed."""
    classes = prepared.intake.cohort.classes
    if folder.predictions("test").is_file():
        unit: Unit = "patient" if prepared.recipe.task == "patients" else "cell"
        return Predictions.load(folder.predictions("test"), classes, unit=unit)
    folder.update(test_opened=[*folder.read_record()["test_opened"], now()])
    test = task_of(prepared).predictions(learned, prepared.intake.cohort, "test", device, run=folder.path.name)
    test.save(folder.predictions("test"))
    return test
