"""One recipe from start to report: the order of the steps, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import SettingsError
from leukoscope.files import locked, remove
from leukoscope.recipes.loading import parse_recipe
from leukoscope.recipes.schema import AnyRecipe, Recipe
from leukoscope.reports import write_report
from leukoscope.runs.as_published import add_as_published, published_twin
from leukoscope.runs.begun import begin_run, saved_cohort, saved_split
from leukoscope.runs.first_weights import as_begun, with_weights_at_hand
from leukoscope.runs.folder import RunFolder, start_folder
from leukoscope.runs.options import Options
from leukoscope.runs.run import Run
from leukoscope.runs.steps import finish, learn, noting_end, prepare_run, score
from leukoscope.runs.writing import write_split
from leukoscope.training.device import choose_device


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
    refuse_without_data(recipe, cohort, folder)
    recipe = with_weights_at_hand(recipe, options.weights)
    published_twin(recipe)  # a wrong split is told before anything is trained
    start_folder(folder)
    with locked(folder.path):
        cohort = begin_run(folder, recipe, cohort, options, command=command, split_given=split is not None)
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
        options: The options, likewise; those that are None, or ``auto``, were not asked for. Another store is taken.
        show: Show progress on the terminal.

    Raises:
        SettingsError: the folder's run was made with other settings or other cells, or scores another's weights.
    """
    record = folder.read_record()
    _refuse_rescored(folder, record)
    options_then = Options.from_json(record["options"])
    if options is not None and options.store is not None:
        options_then = replace(options_then, store=options.store)
    asked = None if asked is None else as_begun(asked, record["asked"])
    refuse_other_settings(folder, record, asked, options)
    if record["status"] == "finished":
        return Run(folder.path)
    with locked(folder.path):
        folder.update(status="running", error=None)
        recipe = parse_recipe(record["asked"], where=str(folder.record))
        return _conduct(folder, recipe, saved_cohort(folder, cohort), options_then, saved_split(folder), show=show)


def run_or_resume(
    folder: RunFolder,
    recipe: Recipe,
    cohort: Cohort,
    options: Options,
    *,
    split: Split | None = None,
    show: bool = False,
) -> Run:
    """See to it that a run of the house's own folders is finished: begin it, go on with it, or leave it alone.

    Args:
        folder: The run's folder.
        recipe: The recipe.
        cohort: The cohort as it was read.
        options: Everything else.
        split: As in ``run_recipe``.
        show: Show progress on the terminal.

    Raises:
        LeukoscopeError: as ``run_recipe``, ``resume_run``.
    """
    if folder.record.is_file() and folder.cohort.is_file():
        return resume_run(folder, recipe, cohort=cohort, options=options, show=show)
    remove(folder.path)  # killed before it had begun
    return run_recipe(recipe, cohort, folder, options, split=split, show=show)


def _conduct(
    folder: RunFolder, recipe: Recipe, cohort: Cohort, options: Options, split: Split | None, *, show: bool
) -> Run:
    with noting_end(folder):
        prepared = prepare_run(folder, recipe, cohort, options, split, show=show)
        device = choose_device(options.device)
        learned = learn(folder, prepared, options, device, show=show)
        score(folder, prepared, learned, device)
        finish(folder, prepared)
        # A split that was made before is the user's own: nothing is run beside it.
        if not folder.read_record().get("split_given"):

            def twin(place: RunFolder, changed: Recipe, given: Options) -> Run:
                return run_or_resume(place, changed, cohort, given, show=show)

            if add_as_published(folder, recipe, sharing_store(options, folder), twin):
                write_report(folder.path)
        remove(folder.pixels)
    return Run(folder.path)


def sharing_store(options: Options, folder: RunFolder) -> Options:
    """Return the options for runs within a run's folder: they share its framed pictures, and what was measured of them.

    Args:
        options: Of the run.
        folder: Its folder; whoever calls this removes ``folder.pixels`` at the end.
    """
    return replace(options, store=options.store or folder.pixels)


def refuse_without_data(recipe: AnyRecipe, cohort: Cohort | None, folder: RunFolder) -> None:
    """Refuse a recipe that draws no cells of its own, where no data set is named.

    Raises:
        SettingsError: with the command to type.
    """
    if cohort is None and recipe.drawn is None:
        way = f"leukoscope train {recipe.name} --data FOLDER --out {folder.path}"
        raise SettingsError(f"The recipe {recipe.name!r} needs a data set.", do=way)


def _refuse_rescored(folder: RunFolder, record: dict[str, Any]) -> None:
    """Refuse to train where another run's weights were to be scored."""
    if "rescored_from" in record and record["status"] != "finished":
        what = f"The run in this folder trains nothing: it scores the weights of {record['rescored_from']['name']!r}."
        do = f"leukoscope rescore {record['rescored_from']['folder']} --out {folder.path}, with its --set, goes on."
        raise SettingsError(what, where=str(folder.path), do=do)


def refuse_other_settings(
    folder: RunFolder, record: dict[str, Any], recipe: AnyRecipe | None, options: Options | None
) -> None:
    """Refuse to go on with a run under other settings than it was begun with.

    Args:
        folder: The run's folder.
        record: Its ``run.json``.
        recipe: The recipe that is asked for; None for the run's own.
        options: The options, likewise; those that are None, or ``auto``, were not asked for. Where framed pictures are
            kept changes nothing, so that another store is no other setting.

    Raises:
        SettingsError: settings differ; they are named.
    """
    asked = {} if recipe is None else recipe.model_dump(mode="json", exclude={"about"})
    changed = [name for name, value in asked.items() if value != record["asked"].get(name)]
    given = {} if options is None else options.as_json()
    had = record["options"]
    changed += [name for name, value in given.items() if name != "store" and value not in {None, "auto", had[name]}]
    if changed:
        raise SettingsError(
            f"The run in this folder was started with other settings: {', '.join(changed)}.",
            where=str(folder.path),
            do=f"leukoscope train --resume --out {folder.path} goes on with its own.",
        )
