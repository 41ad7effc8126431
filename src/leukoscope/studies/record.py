"""The study's record ``study.json``: its plan, so that nothing else is ever mixed into its folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import SettingsError
from leukoscope.files import read_formatted, write_json
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import now, versions
from leukoscope.runs.options import Options
from leukoscope.studies.naming import setting_words
from leukoscope.studies.plan import Plan
from leukoscope.studies.published import published_of
from leukoscope.studies.recorded_runs import recorded_runs, varying_values

FORMAT = 1
DECISIVE = ("recipe", "seeds", "grid", "split_seed", "settings", "options", "data", "rescore", "choose", "folds")
"""What makes a study: another one of these is another study."""
TOLD = ("paper", "protocol", "variants", "one_split")
"""What papers say, and what follows from the plan."""


def begin_record(folder: StudyFolder, plan: Plan, cohort: Cohort | None, options: Options, command: str | None) -> None:
    """Write ``study.json``, or make sure that the one that is there is of this plan.

    Args:
        folder: The study's folder; the caller holds its lock.
        plan: The plan.
        cohort: The cohort; None where the recipes draw their own.
        options: As asked for, before the study chooses its own store.
        command: What was typed.

    Raises:
        SettingsError: the folder holds another study, or something else.
    """
    asked = _asked(plan, cohort, options)
    if folder.record.is_file():
        kept = read_record(folder)
        changed = [name for name in DECISIVE if kept.get(name) != asked.get(name)]
        if changed:
            what = f"The study in this folder was begun with another plan: other {', '.join(changed)}."
            do = "Type the same command as then to go on with it, or name another --out."
            raise SettingsError(what, where=str(folder.path), do=do)
        # What papers say is no part of the plan, and what follows from it is the same: both are told as known now.
        write_json(folder.record, {**kept, **{name: value for name, value in _described(plan).items() if name in TOLD}})
        return
    # A study that was killed before its record was whole has left no more than hidden files.
    if any(not entry.name.startswith(".") for entry in folder.path.iterdir()):
        what = "This folder is not empty, and holds no study."
        raise SettingsError(what, where=str(folder.path), do="Name another --out.")
    head = {"format": FORMAT, "name": folder.path.resolve().name, "peek": False}
    about = {"command": command, "versions": versions(), "started": now()}
    write_json(folder.record, {**head, **about, **asked, **_described(plan)})


def read_record(folder: StudyFolder) -> dict[str, Any]:
    """Return ``study.json``.

    Raises:
        DataError: the folder holds no study, or one of another format.
    """
    return read_formatted(folder.record, FORMAT, "study", do="Name the --out of a sweep.")


def note_peeking(folder: StudyFolder) -> None:
    """Note in the record that test parts were looked at while training, by trainings of their own."""
    write_json(folder.record, {**read_record(folder), "peek": True})


def note_choice(folder: StudyFolder, variant: str, choice: Mapping[str, Any]) -> None:
    """Note what was chosen for a variant: under ``choices``, and as the settings of its runs.

    Args:
        folder: The study's folder.
        variant: The words of the variant that trains.
        choice: What ``choosing.choose`` returned: JSON values, ``chosen`` the settings with their values.
    """
    record = read_record(folder)
    words = {name: setting_words(name, value) for name, value in choice["chosen"].items()}
    trained = {run["name"] for run in record["runs"] if run["variant"] == variant}
    for run in record["runs"]:
        if run["name"] in trained or run.get("rescored_from") in trained:
            run["changes"] |= words
    write_json(folder.record, {**record, "choices": {**record.get("choices", {}), variant: dict(choice)}})


def _asked(plan: Plan, cohort: Cohort | None, options: Options) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "recipe": plan.recipe.name,
        "seeds": list(plan.seeds),
        "grid": varying_values(plan),
        "split_seed": plan.split_seed,
        # What a recipe says of itself (its cost, its paper) decides nothing.
        "settings": _hash([run.recipe.model_dump(mode="json", exclude={"about"}) for run in plan.runs]),
        "options": options.as_json(),
        "data": None if cohort is None else _data(cohort),
    }
    # Only where they are asked for, so that a study without them is the one that it was before there were any.
    further: dict[str, Any] = {"rescore": plan.rescore, "choose": plan.choose, "folds": plan.folds}
    asked |= {name: values for name, values in further.items() if values}
    # As it will be read again: a tuple in the grid becomes a list, a number as a key a text.
    plain: dict[str, Any] = json.loads(json.dumps(asked))
    return plain


def _data(cohort: Cohort) -> dict[str, Any]:
    # The root is left out: pictures may be moved, the cells are the same.
    cells = cohort.cells.select("id", "patient", "label").rows()
    return {"name": cohort.name, "reader": cohort.reader, "cells": len(cells), "sha256": _hash(cells)}


def _described(plan: Plan) -> dict[str, Any]:
    about = plan.recipe.about
    variants = [{"variant": variant, **published_of(run, plan)} for variant, run in plan.variants.items()]
    return {
        "purpose": about.purpose,
        "paper": about.paper,
        "protocol": about.protocol,
        "task": plan.recipe.task,
        "one_split": _is_one_split(plan),
        "variants": variants,
        "runs": recorded_runs(plan),
    }


def _is_one_split(plan: Plan) -> bool:
    """Return whether all runs have one split, or folds of one: that of a stated seed, wherever it was stated."""
    first = plan.runs[0].recipe.split
    stated = first.seed is not None or len({run.recipe.seed for run in plan.runs}) == 1
    ignored = {"fold"} if plan.folds else set()
    alike = first.model_dump(exclude=ignored)
    return stated and all(run.recipe.split.model_dump(exclude=ignored) == alike for run in plan.runs)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
