"""One recipe from start to report: the order of the steps, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from leukoscope.bundles import save_bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import read_cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.storage import load_cohort, save_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import SettingsError
from leukoscope.evaluation import evaluate
from leukoscope.files import locked, read_table, remove, write_json, write_table
from leukoscope.models.describing import network_table
from leukoscope.predictions.table import Predictions, Unit
from leukoscope.recipes.loading import parse_recipe
from leukoscope.recipes.schema import Recipe
from leukoscope.reports import write_patient_pages, write_report
from leukoscope.runs.announcing import announce, announce_left_out
from leukoscope.runs.folder import RunFolder, now, peak_memory_mb, start_folder, versions
from leukoscope.runs.learned import Learned, Said
from leukoscope.runs.options import Options
from leukoscope.runs.preparation import Prepared, prepare
from leukoscope.runs.run import Run
from leukoscope.runs.scoring import card_of, operating_point, scores_of
from leukoscope.runs.task import task_of
from leukoscope.runs.training_place import TrainingPlace
from leukoscope.runs.writing import write_preparation, write_split
from leukoscope.training.device import choose_device
from leukoscope.training.display import Display, SilentDisplay, TerminalDisplay


def run_recipe(
    recipe: Recipe,
    cohort: Cohort | None,
    folder: RunFolder,
    options: Options,
    *,
    split: Split | None = None,
    command: str | None = None,
    show: bool = False,
) -> Run:
    """Run a recipe in a new folder.

    Args:
        recipe: The recipe, checked.
        cohort: The cohort as it was read; None to draw the recipe's own.
        folder: Where to; new, empty, or with a run that failed.
        options: Everything else.
        split: A split made before; the recipe's own where None.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Raises:
        LeukoscopeError: whatever the data or the settings have wrong with them; the record then says ``failed``.
    """
    if cohort is None and recipe.drawn is None:
        way = f"leukoscope train {recipe.name} --data FOLDER --out {folder.path}"
        raise SettingsError(f"The recipe {recipe.name!r} needs a data set.", do=way)
    start_folder(folder)
    with locked(folder.path):
        folder.update(
            status="running",
            name=folder.path.name,
            recipe=recipe.name,
            seed=recipe.seed,
            command=command,
            asked=recipe.model_dump(mode="json"),
            options=options.as_json(),
            versions=versions(),
            leakage=None,
            started=now(),
            finished=None,
            seconds={},
            test_opened=[],
        )
        cohort = _drawn(recipe, folder) if cohort is None else cohort
        root = str(cohort.root.resolve())
        folder.update(data={"name": cohort.name, "reader": cohort.reader, "root": root, "notes": list(cohort.notes)})
        save_cohort(cohort, folder.cohort)
        if split is not None:
            write_split(folder, split, cohort)
        return _conduct(folder, recipe, cohort, options, split, show=show)


def resume_run(
    folder: RunFolder,
    asked: Recipe | None = None,
    *,
    cohort: Cohort | None = None,
    options: Options | None = None,
    show: bool = False,
) -> Run:
    """Go on with a run that was stopped; its results are those of a run that never was.

    Args:
        folder: The run's folder.
        asked: The recipe that was asked for again, to make sure that it is the same; None to take the run's.
        cohort: The cohort where it is now; None where it has not been moved.
        options: The options, likewise; those that are None, or ``auto``, were not asked for.
        show: Show progress on the terminal.

    Raises:
        SettingsError: the folder's run was made with other settings or other cells.
    """
    record = folder.read_record()
    _refuse_other_settings(folder, record, asked, options)
    if record["status"] == "finished":
        return Run(folder.path)
    with locked(folder.path):
        folder.update(status="running", error=None)
        recipe = parse_recipe(record["asked"], where=str(folder.record))
        options = Options.from_json(record["options"])
        return _conduct(folder, recipe, _saved_cohort(folder, cohort), options, _saved_split(folder), show=show)


def _conduct(
    folder: RunFolder, recipe: Recipe, cohort: Cohort, options: Options, split: Split | None, *, show: bool
) -> Run:
    try:
        with _timed(folder, "preparation"):
            store = options.store or folder.pixels
            prepared = prepare(recipe, cohort, store=store, split=split, allow_leakage=options.allow_leakage)
            write_preparation(folder, prepared)
        display = TerminalDisplay() if show else SilentDisplay()
        if show:
            announce(prepared.split)
            if recipe.task == "patients":
                announce_left_out(prepared.intake.cohort)
        device = choose_device(options.device)
        learned = _learn(folder, prepared, options, device, display)
        with _timed(folder, "scoring"):
            _score(folder, prepared, learned, device)
        folder.update(finished=now(), peak_memory_mb=peak_memory_mb())
        if recipe.task == "patients":
            write_patient_pages(folder.path)
        write_report(folder.path)
        remove(folder.pixels)
    except KeyboardInterrupt:
        folder.update(status="interrupted")
        raise
    except Exception as error:
        folder.update(status="failed", error=str(error))
        raise
    folder.update(status="finished")
    return Run(folder.path)


def _learn(folder: RunFolder, prepared: Prepared, options: Options, device: torch.device, display: Display) -> Learned:
    folder.update(device=str(device))
    with _timed(folder, "training"):
        learned = task_of(prepared).learn(TrainingPlace(folder.path, options.weights, device, display))
    folder.update(
        best_epoch=learned.best_epoch,
        weights=learned.note.as_json(),
        out_of_fold=learned.out_of_fold is not None,
    )
    write_table(folder.network, network_table(learned.model, prepared.input_size))
    return learned


def _score(folder: RunFolder, prepared: Prepared, learned: Learned, device: torch.device) -> None:
    name, task = folder.path.name, task_of(prepared)
    development = prepared.split.development(prepared.intake.cohort)
    validation = learned.out_of_fold
    if validation is None:
        validation = task.predictions(learned, development, "validation", device, run=name)
    validation.save(folder.predictions("validation"))
    threshold = operating_point(prepared.recipe.threshold, validation)
    test = _open_test(folder, prepared, learned, device)
    value = None if threshold is None else threshold.value
    parts = {part: evaluate(table, threshold=value) for part, table in (("validation", validation), ("test", test))}
    results = task.results(folder, learned, Said(validation, test, threshold), device)
    write_json(folder.scores, scores_of(prepared, threshold, parts, run=name) | results.scores)
    save_bundle(
        folder.bundle, learned.model, card_of(prepared, threshold, parts, learned, run=name, of_patients=results.card)
    )


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


def _drawn(recipe: Recipe, folder: RunFolder) -> Cohort:
    assert recipe.drawn is not None, "asked before"
    draw_cohort(folder.data, seed=recipe.seed, **recipe.drawn.model_dump())
    return read_cohort(folder.data, "drawn")


def _refuse_other_settings(
    folder: RunFolder, record: dict[str, Any], recipe: Recipe | None, options: Options | None
) -> None:
    asked = {} if recipe is None else recipe.model_dump(mode="json")
    changed = [name for name, value in asked.items() if value != record["asked"].get(name)]
    given = {} if options is None else options.as_json()
    had = record["options"]
    changed += [name for name, value in given.items() if value not in {None, "auto", had[name]}]
    if changed:
        raise SettingsError(
            f"The run in this folder was started with other settings: {', '.join(changed)}.",
            where=str(folder.path),
            do=f"leukoscope train --resume --out {folder.path} goes on with its own.",
        )


def _saved_cohort(folder: RunFolder, given: Cohort | None) -> Cohort:
    """Return the run's cohort, with its pictures where they are now."""
    moved = given.root if given is not None else folder.data if folder.data.is_dir() else None
    saved = load_cohort(folder.cohort, root=moved)
    if given is not None and not saved.cells["id"].equals(given.cells["id"]):
        raise SettingsError("These are not the cells that this run was started with.", where=str(given.root))
    return saved


def _saved_split(folder: RunFolder) -> Split | None:
    kept = folder.read_record().get("split")
    if kept is None:
        return None
    table = read_table(folder.split, text=True)
    number, of = kept.get("number"), kept.get("of")
    warnings = tuple(kept["warnings"])
    return Split(
        table, kept["kind"], kept["by"], kept["seed"], kept["leakage"], warnings=warnings, number=number, of=of
    )


@contextmanager
def _timed(folder: RunFolder, what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    before = folder.read_record()["seconds"].get(what, 0)
    folder.update(seconds={what: round(before + time.monotonic() - started, 1)})
