"""One recipe from start to report: the order of the steps, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.bundles import save_bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits import check_split
from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.storage import load_cohort, save_cohort
from leukoscope.errors import SettingsError
from leukoscope.evaluation import choose_threshold, evaluate
from leukoscope.files import locked, remove, write_json, write_table, write_text
from leukoscope.models import build_model, network_table
from leukoscope.recipes.loading import parse_recipe, save_recipe
from leukoscope.recipes.schema import Recipe
from leukoscope.reports import write_report
from leukoscope.runs.folder import RunFolder, now, peak_memory_mb, start_folder, versions
from leukoscope.runs.preparation import Prepared, prepare
from leukoscope.runs.run import Run
from leukoscope.runs.scoring import card_of, predictions_of, scores_of
from leukoscope.runs.sheets import write_sheets
from leukoscope.training import choose_device, train
from leukoscope.training.display import SilentDisplay, TerminalDisplay


@dataclass(frozen=True)
class Options:
    """What a run was asked for besides its recipe and its cohort.

    Args:
        weights: A folder or a file with pretrained weights.
        store: Folder of framed pictures that is kept; the run's own, removed at the end, where None.
        allow_leakage: The reason to go on with a leaking split.
        device: ``auto``, ``cpu`` or ``cuda``.
    """

    weights: Path | None = None
    store: Path | None = None
    allow_leakage: str | None = None
    device: str = "auto"

    def as_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        return {
            "weights": None if self.weights is None else str(self.weights),
            "store": None if self.store is None else str(self.store),
            "allow_leakage": self.allow_leakage,
            "device": self.device,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Options:
        """Make options from what ``as_json`` returned."""
        paths = {name: Path(value[name]) if value[name] else None for name in ("weights", "store")}
        return cls(**paths, allow_leakage=value["allow_leakage"], device=value["device"])


def run_recipe(
    recipe: Recipe,
    cohort: Cohort,
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
        cohort: The cohort as it was read.
        folder: Where to; new, empty, or with a run that failed.
        options: Everything else.
        split: A split made before; the recipe's own where None.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Raises:
        LeukoscopeError: whatever the data or the settings have wrong with them; the record then says ``failed``.
    """
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
            data={"name": cohort.name, "root": str(cohort.root), "notes": list(cohort.notes)},
            versions=versions(),
            leakage=None,
            started=now(),
            finished=None,
            seconds={},
            test_opened=[],
        )
        save_cohort(cohort, folder.cohort)
        return _conduct(folder, recipe, cohort, options, split, show=show)


def resume_run(folder: RunFolder, asked: Recipe | None, *, show: bool = False) -> Run:
    """Go on with a run that was stopped; its results are those of a run that never was.

    Args:
        folder: The run's folder.
        asked: The recipe that was asked for again, to make sure that it is the same; None to take the run's.
        show: Show progress on the terminal.

    Raises:
        SettingsError: the folder's run was made with other settings.
    """
    record = folder.read_record()
    if asked is not None and asked.model_dump(mode="json") != record["asked"]:
        changed = [name for name, value in asked.model_dump(mode="json").items() if value != record["asked"].get(name)]
        raise SettingsError(
            f"The run in this folder was started with other settings: {', '.join(changed)}.",
            where=str(folder.path),
            do=f"leukoscope train --resume --out {folder.path} goes on with its own.",
        )
    if record["status"] == "finished":
        return Run(folder.path)
    with locked(folder.path):
        folder.update(status="running")
        recipe = parse_recipe(record["asked"], where=str(folder.record))
        cohort = load_cohort(folder.cohort)
        return _conduct(folder, recipe, cohort, Options.from_json(record["options"]), _saved_split(folder), show=show)


def _conduct(
    folder: RunFolder, recipe: Recipe, cohort: Cohort, options: Options, split: Split | None, *, show: bool
) -> Run:
    try:
        with _timed(folder, "preparation"):
            prepared = prepare(
                recipe, cohort, store=options.store or folder.pixels, split=split, allow_leakage=options.allow_leakage
            )
            _write_preparation(folder, prepared)
        _train_and_score(folder, prepared, options, show=show)
    except KeyboardInterrupt:
        folder.update(status="interrupted")
        raise
    except Exception as error:
        folder.update(status="failed", error=str(error))
        raise
    folder.update(status="finished", finished=now(), peak_memory_mb=peak_memory_mb())
    write_report(folder.path)
    remove(folder.pixels)
    return Run(folder.path)


def _train_and_score(folder: RunFolder, prepared: Prepared, options: Options, *, show: bool) -> None:
    recipe, split = prepared.recipe, prepared.split
    development = split.development(prepared.intake.cohort)
    device = choose_device(options.device)
    outputs = 1 if development.classes.binary else len(development.classes)
    model, note = build_model(recipe.model, outputs, weights_folder=options.weights, seed=recipe.seed)
    folder.update(device=str(device), weights=note.as_json())
    with _timed(folder, "training"):
        trained = train(
            model,
            prepared.data(split.part(development, "train")),
            prepared.data(split.part(development, "validation")),
            recipe,
            development.classes,
            seed=recipe.seed,
            folder=folder.path,
            device=device,
            display=TerminalDisplay() if show else SilentDisplay(),
        )
    write_table(folder.network, network_table(trained.model, prepared.input_size))
    with _timed(folder, "scoring"):
        validation = predictions_of(trained.model, prepared, development, "validation", device)
        validation.save(folder.predictions("validation"))
        threshold = choose_threshold(validation, **recipe.threshold.model_dump())
        # The seal is broken here and nowhere else; everything that is fitted has been fitted.
        folder.update(test_opened=[*folder.read_record()["test_opened"], now()], best_epoch=trained.best_epoch)
        test = predictions_of(trained.model, prepared, prepared.intake.cohort, "test", device)
        test.save(folder.predictions("test"))
        parts = {name: evaluate(table, threshold=threshold.value) for name, table in _parts(validation, test)}
        write_json(folder.scores, scores_of(prepared, threshold, parts))
    save_bundle(folder.bundle, trained.model, card_of(prepared, threshold, parts, note))
    write_sheets(folder, prepared, test, threshold)


def _parts(validation: Any, test: Any) -> list[tuple[str, Any]]:
    return [("validation", validation), ("test", test)]


def _write_preparation(folder: RunFolder, prepared: Prepared) -> None:
    cohort, split = prepared.intake.cohort, prepared.split
    write_text(folder.recipe, save_recipe(prepared.recipe))
    save_cohort(cohort, folder.cohort)
    write_table(folder.pictures, prepared.intake.pictures)
    split.save(folder.split)
    write_json(folder.audit, prepared.audit.as_json())
    folder.update(
        leakage=split.leakage,
        data={
            "cells": cohort.usable.height,
            "patients": cohort.usable["patient"].drop_nulls().n_unique() if cohort.patients_known else None,
            "excluded": cohort.cells.height - cohort.usable.height,
        },
        split={
            "kind": split.kind,
            "by": split.by,
            "seed": split.seed,
            "statement": split.statement,
            "warnings": list(split.warnings),
            "counts": _part_counts(prepared),
        },
    )


def _part_counts(prepared: Prepared) -> dict[str, Any]:
    cells = prepared.split.table.join(prepared.intake.cohort.cells.select("id", "label", "patient"), on="id")
    counted = cells.group_by("part").agg(
        cells=pl.len(), patients=pl.col("patient").drop_nulls().n_unique(), groups=pl.col("group").n_unique()
    )
    classes = cells.group_by("part", "label").len()
    return {
        row["part"]: {
            "cells": row["cells"],
            "patients": row["patients"] or None,
            "groups": row["groups"],
            "classes": dict(sorted(classes.filter(pl.col("part") == row["part"]).select("label", "len").iter_rows())),
        }
        for row in counted.sort("part").iter_rows(named=True)
    }


def _saved_split(folder: RunFolder) -> Split | None:
    if not folder.split.is_file():
        return None
    record = folder.read_record()
    kept = record["split"]
    return Split(pl.read_csv(folder.split, infer_schema=False), kept["kind"], kept["by"], kept["seed"])


@contextmanager
def _timed(folder: RunFolder, what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    folder.update(seconds={what: round(time.monotonic() - started, 1)})


_ = check_split
