"""A recipe run once more on its paper's own split, which leaks, and what the leak is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from leukoscope.errors import counted
from leukoscope.evaluation.gap import Measured, difference
from leukoscope.files import read_json, write_json
from leukoscope.recipes.loading import parse_settings
from leukoscope.recipes.schema import EnsembleRecipe, Recipe, SplitSettings
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.runs.run import Run

R = TypeVar("R", Recipe, EnsembleRecipe)
FOLDER = "as_published"
COMPARED = ("weighted_f1", "accuracy", "balanced_accuracy", "sensitivity", "specificity", "roc_auc")


def published_twin(recipe: R) -> R | None:
    """Return the recipe as it is to be run on its paper's own split; None where it names none, or that is its split.

    Args:
        recipe: The recipe; ``as_published.split`` says what of the split is otherwise.

    Raises:
        SettingsError: what it says are no settings of a split.
    """
    asked = recipe.as_published
    if asked is None:
        return None
    changed = {**recipe.split.model_dump(), **asked.split}
    split = parse_settings(SplitSettings, changed, where=f"recipe {recipe.name}, as_published.split")
    if split == recipe.split:
        return None
    return recipe.model_copy(update={"split": split, "as_published": None})


def add_as_published(
    folder: RunFolder, recipe: R, options: Options, run_in: Callable[[RunFolder, R, Options], Run]
) -> bool:
    """Run a recipe on its paper's own split, in a folder within its own, and write the difference to ``gap.json``.

    Args:
        folder: The folder of the run, its scores written.
        recipe: The recipe of the run.
        options: Its options.
        run_in: Runs a recipe in a folder, or goes on with it.

    Returns:
        Whether there is such a split, other than the run's own.
    """
    twin = published_twin(recipe)
    # Where no patients are known the run itself was divided by cell.
    drawn = recipe.split.model_copy(update={"by": folder.read_record()["split"]["by"]})
    if twin is None or recipe.as_published is None or twin.split == drawn:
        return False
    reason = recipe.as_published.reason
    run = run_in(RunFolder(folder.path / FOLDER), twin, replace(options, allow_leakage=reason))
    write_json(folder.gap, gap_between(read_json(folder.scores), run.scores, run.record, reason))
    return True


def gap_between(own: dict[str, Any], published: dict[str, Any], record: dict[str, Any], reason: str) -> dict[str, Any]:
    """Return what the paper's split makes of the scores, as JSON values.

    Args:
        own: ``scores.json`` of the run.
        published: That of the run on the paper's split.
        record: ``run.json`` of that run.
        reason: Why its leak is allowed.

    Returns:
        ``folder``, ``reason``, ``statement`` (of the paper's split), ``leaks`` (whether it does here), ``tested`` and
        ``tested_as_published`` (the cells behind each), and ``rows``: ``score``, and ``own``, ``as_published`` and
        ``difference`` with value, low and high; scores that either lacks are left out.
    """
    ours, theirs = own["parts"]["test"], published["parts"]["test"]
    rows = []
    for name in COMPARED:
        first, second = _measured(theirs["scores"].get(name)), _measured(ours["scores"].get(name))
        if first is not None and second is not None:
            both = {"own": second, "as_published": first, "difference": difference(first, second)}
            rows.append({"score": name, **{key: _as_json(value) for key, value in both.items()}})
    return {
        "folder": FOLDER,
        "reason": reason,
        "statement": record["split"]["statement"],
        "leaks": record["leakage"] is not None,
        "tested": _tested(ours),
        "tested_as_published": _tested(theirs),
        "rows": rows,
    }


def _tested(part: dict[str, Any]) -> str:
    cells = counted(part["cells"], "cell")
    return f"{cells} of {counted(part['patients'], 'patient')}" if part["patients"] else cells


def _measured(score: dict[str, Any] | None) -> Measured | None:
    if score is None or score["value"] is None:
        return None
    return Measured(score["value"], score["low"], score["high"])


def _as_json(found: Measured) -> dict[str, float | None]:
    return {"value": found.value, "low": found.low, "high": found.high}
