"""A finished run's weights scored otherwise: other views, another threshold, another referral, and no training.

Ablations of what is done at test time alone (Prellberg & Kramer 2019, section 4: ``norot``) are exact pairs that way:
one network, the same cells, one thing changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leukoscope.bundles import load_bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import SettingsError, nearest
from leukoscope.files import locked, remove, write_bytes, write_table
from leukoscope.models.network import Network
from leukoscope.models.seen import seen_by_bundle
from leukoscope.models.weights import WeightsNote
from leukoscope.predictions.table import Predictions, Unit
from leukoscope.recipes.fitted_contradictions import head_words
from leukoscope.recipes.loading import load_recipe, parse_recipe
from leukoscope.recipes.schema import Recipe
from leukoscope.runs.begun import begin_run, saved_cohort, saved_split
from leukoscope.runs.fewer_views import refuse_more_classes
from leukoscope.runs.folder import RunFolder, start_folder
from leukoscope.runs.learned import Learned
from leukoscope.runs.options import Options
from leukoscope.runs.rescored_history import rescored_history
from leukoscope.runs.run import Run
from leukoscope.runs.steps import finish, note_learned, noting_end, prepare_run, score
from leukoscope.training.device import choose_device

RESCORABLE = ("test_time", "threshold", "refer", "reference")
"""The settings that training knows nothing of."""
HISTORY = "history.csv"


def rescore_run(
    source: RunFolder,
    folder: RunFolder,
    changes: Iterable[str] | Mapping[str, Any] = (),
    *,
    cohort: Cohort | None = None,
    options: Options | None = None,
    command: str | None = None,
    show: bool = False,
) -> Run:
    """Score the weights of a finished run with other views, threshold or referral, as a run of its own.

    Cells, split, weights and the best epoch are those of the source; the threshold is chosen anew on validation, and
    the test part is opened once for it. Its record names the source (``rescored_from``). Stopped at any point and
    called again it goes on; a finished one is left alone.

    Args:
        source: The folder of the finished run.
        folder: Where to; new, empty, or with what an earlier call of the same kind left.
        changes: Settings of ``RESCORABLE``, as in ``load_recipe``; none score as before.
        cohort: The cohort where it is now; None where its pictures have not been moved.
        options: Device and store; whether a leak is allowed is as in the source.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Returns:
        The run, with predictions, scores, bundle and report.

    Raises:
        SettingsError: other settings are named, or something was fitted on the source's views so that they cannot be
            changed, or the folder holds something else.
        DataError: the source is no finished run.
    """
    record, bundle = source.read_record(), Run(source.path).single_bundle
    recipe = rescored_recipe(parse_recipe(record["asked"], where=str(source.record)), changes)
    own = options or Options()
    options = Options(None, own.store, record["options"]["allow_leakage"], own.device)
    cohort, split = saved_cohort(source, cohort), saved_split(source)
    refuse_more_classes(recipe.test_time, cohort.classes)
    begun = _is_begun(folder, source, recipe)
    if begun and folder.read_record()["status"] == "finished":
        return Run(folder.path)
    if not begun:
        start_folder(folder)
    with locked(folder.path), noting_end(folder):
        if begun:
            folder.update(status="running", error=None)
        else:
            begin_run(folder, recipe, cohort, options, command=command, rescored_from=_named(source))
        prepared = prepare_run(folder, recipe, cohort, options, split, show=show, seen=seen_by_bundle(bundle))
        device = choose_device(options.device)
        learned = _learned(record, load_bundle(bundle, device=device).model)
        folder.update(device=str(device))
        note_learned(folder, learned)
        score(folder, prepared, learned, device)
        unit: Unit = "patient" if recipe.task == "patients" else "cell"
        validation = Predictions.load(folder.predictions("validation"), cohort.classes, unit=unit)
        _take_over(source, folder, validation)
        finish(folder, prepared)
        remove(folder.pixels)
    return Run(folder.path)


def rescored_recipe(recipe: Recipe, changes: Iterable[str] | Mapping[str, Any]) -> Recipe:
    """Return a run's recipe with other settings of views, threshold or referral.

    Args:
        recipe: The recipe of the trained run.
        changes: As in ``load_recipe``.

    Raises:
        SettingsError: another setting is named, a value is wrong, or the recipe fits something on its views.

    Example:
        >>> rescored_recipe(load_recipe("quick"), ["test_time.rotations=8"]).test_time.rotations
        8
    """
    changes = dict(changes) if isinstance(changes, Mapping) else list(changes)
    for change in changes:
        name = change.partition("=")[0].strip()
        if not is_rescorable(name):
            what = f"{name!r} cannot be changed without training anew."
            raise SettingsError(what, where=name, do=nearest(name, _known(recipe)))
    _refuse_fitted_on_views(recipe)
    return load_recipe(recipe, changes)


def is_rescorable(name: str) -> bool:
    """Return whether a setting, by its dotted name, is one that training knows nothing of.

    Example:
        >>> is_rescorable("test_time.rotations"), is_rescorable("stages.0.epochs")
        (True, False)
    """
    return name.partition(".")[0] in RESCORABLE


def _known(recipe: Recipe) -> list[str]:
    return [f"{group}.{name}" for group in RESCORABLE for name in recipe.model_dump()[group]]


def _refuse_fitted_on_views(recipe: Recipe) -> None:
    late = recipe.task == "patients" and recipe.facts.fusion == "late"
    if late or recipe.model.fitted_at_once:
        what = (
            "a late fusion with facts" if late else f"{head_words(recipe)[:1].lower()}{head_words(recipe)[1:]} as head"
        )
        raise SettingsError(
            f"This run has {what}, which was fitted on what its network said: it cannot be scored otherwise.",
            where=f"recipe {recipe.name}",
            do="Train it anew with the other settings (leukoscope train).",
        )


def _is_begun(folder: RunFolder, source: RunFolder, recipe: Recipe) -> bool:
    """Return whether the folder holds this very rescoring, begun before."""
    kept = folder.read_record() if folder.record.is_file() else {}
    if "rescored_from" not in kept or not folder.cohort.is_file():
        return False
    # Not by its folder, which may have been moved; another study has a run of the same name and settings too.
    named = {name: value for name, value in _named(source).items() if name != "folder"}
    other = any(kept["rescored_from"].get(name, value) != value for name, value in named.items())
    if other or kept["asked"] != recipe.model_dump(mode="json"):
        what = f"This folder holds a rescoring of {kept['rescored_from']['name']!r}, or one with other settings."
        raise SettingsError(what, where=str(folder.path), do="Name another --out.")
    return True


def _named(source: RunFolder) -> dict[str, str]:
    path = source.path.resolve()
    return {"name": path.name, "folder": str(path), "started": source.read_record()["started"]}


def _learned(record: dict[str, Any], model: Network) -> Learned:
    noted = record["weights"]
    return Learned(model, WeightsNote.from_json(noted), record["best_epoch"])


def _take_over(source: RunFolder, folder: RunFolder, validation: Predictions) -> None:
    """Write what the training left that is still true of these weights."""
    write_bytes(folder.network, source.network.read_bytes())
    if source.stages.is_file():
        write_bytes(folder.stages, source.stages.read_bytes())
    if (source.path / HISTORY).is_file():
        write_table(folder.path / HISTORY, rescored_history(source, validation))
