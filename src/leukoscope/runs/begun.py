"""A run's beginning as its folder keeps it: written once, taken up again by whoever goes on with it."""

from __future__ import annotations

from typing import Any

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import read_cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.storage import load_cohort, save_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import SettingsError
from leukoscope.files import read_table
from leukoscope.recipes.schema import AnyRecipe
from leukoscope.runs.folder import RunFolder, now, versions
from leukoscope.runs.options import Options


def begin_run(
    folder: RunFolder,
    recipe: AnyRecipe,
    cohort: Cohort | None,
    options: Options,
    *,
    command: str | None = None,
    **noted: Any,  # noqa: ANN401 - JSON values
) -> Cohort:
    """Write the head of a run's record and its cohort; the caller holds the folder's lock.

    Args:
        folder: The run's folder, made ready by ``start_folder``.
        recipe: The recipe that was asked for.
        cohort: The cohort as it was read; None to draw the recipe's own.
        options: Everything else.
        command: What was typed.
        **noted: What else the record is to say, as JSON values.

    Returns:
        The cohort.
    """
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
        **noted,
    )
    cohort = _drawn(recipe, folder) if cohort is None else cohort
    root = str(cohort.root.resolve())
    folder.update(data={"name": cohort.name, "reader": cohort.reader, "root": root, "notes": list(cohort.notes)})
    save_cohort(cohort, folder.cohort)
    return cohort


def saved_cohort(folder: RunFolder, given: Cohort | None = None) -> Cohort:
    """Return a run's cohort, with its pictures where they are now.

    Args:
        folder: The run's folder.
        given: The cohort read again where its pictures were moved to; None where they lie as they lay.

    Raises:
        SettingsError: what was read again are other cells.
    """
    moved = given.root if given is not None else folder.data if folder.data.is_dir() else None
    saved = load_cohort(folder.cohort, root=moved)
    if given is not None and not saved.cells["id"].equals(given.cells["id"]):
        raise SettingsError("These are not the cells that this run was started with.", where=str(given.root))
    return saved


def saved_split(folder: RunFolder) -> Split | None:
    """Return a run's split, to be checked again; None where it was stopped before it had one.

    Args:
        folder: The run's folder.
    """
    kept = folder.read_record().get("split")
    if kept is None:
        return None
    table = read_table(folder.split, text=True)
    number, of = kept.get("number"), kept.get("of")
    warnings = tuple(kept["warnings"])
    return Split(
        table, kept["kind"], kept["by"], kept["seed"], kept["leakage"], warnings=warnings, number=number, of=of
    )


def _drawn(recipe: AnyRecipe, folder: RunFolder) -> Cohort:
    assert recipe.drawn is not None, "asked before"
    draw_cohort(folder.data, **recipe.drawn.seeded(recipe.seed))
    return read_cohort(folder.data, "drawn")
