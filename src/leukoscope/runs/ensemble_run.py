"""A recipe of several models from start to report: each member a run of its own, then what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import SettingsError
from leukoscope.files import locked, read_json, remove, write_bytes, write_json, write_text
from leukoscope.recipes.joint_contradictions import JOINT, WITHOUT
from leukoscope.recipes.loading import load_recipe, parse_any, save_recipe
from leukoscope.recipes.schema import AnyRecipe, EnsembleRecipe, ModelSettings, Recipe
from leukoscope.reports import write_report
from leukoscope.runs.as_published import add_as_published, published_twin
from leukoscope.runs.begun import begin_run, saved_cohort, saved_split
from leukoscope.runs.by_hand import beside_ensemble
from leukoscope.runs.conductor import (
    refuse_other_settings,
    refuse_without_data,
    resume_run,
    run_or_resume,
    sharing_store,
)
from leukoscope.runs.ensemble_bundle import write_ensemble_bundle
from leukoscope.runs.ensembling import rule_folder, write_ensembles
from leukoscope.runs.folder import RunFolder, now, start_folder
from leukoscope.runs.joint import as_begun, joint_recipe
from leukoscope.runs.members import read_members
from leukoscope.runs.mistakes_folder import write_mistakes
from leukoscope.runs.options import Options
from leukoscope.runs.peak_memory import peak_memory_mb
from leukoscope.runs.run import Run
from leukoscope.runs.seeing_folder import write_seeing
from leukoscope.runs.steps import noting_end, timed
from leukoscope.runs.writing import write_split

MEMBERS, MISTAKES, SEEING = "members", "mistakes", "seeing"
ENSEMBLE = "ensemble"
OF_FIRST = ("cohort", "pictures", "split", "audit")
"""What all members have in common, taken from the first one's folder."""


def run_ensemble(
    recipe: EnsembleRecipe,
    cohort: Cohort | None,
    folder: RunFolder,
    options: Options,
    *,
    split: Split | None = None,
    command: str | None = None,
    show: bool = False,
) -> Run:
    """Train the members of a recipe one after the other on one split, and combine them.

    Args:
        recipe: The recipe, checked.
        cohort: The cohort as it was read; None to draw the recipe's own.
        folder: Where to; new, empty, or with a run that failed.
        options: Everything else.
        split: A split made before; the recipe's own where None.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Returns:
        The run; its predictions and scores are those of the recipe's first rule.

    Raises:
        LeukoscopeError: whatever the data or the settings have wrong with them; the record then says ``failed``.
    """
    refuse_without_data(recipe, cohort, folder)
    joint_recipe(recipe, member_recipes(recipe), _common(recipe), {})  # a wrong setting is told before training
    published_twin(recipe)
    start_folder(folder)
    with locked(folder.path):
        given = split is not None
        cohort = begin_run(folder, recipe, cohort, options, command=command, kind=ENSEMBLE, split_given=given)
        if split is not None:
            write_split(folder, split, cohort)
        return _conduct(folder, recipe, cohort, options, split, show=show)


def resume_ensemble(
    folder: RunFolder,
    asked: EnsembleRecipe | None = None,
    *,
    cohort: Cohort | None = None,
    options: Options | None = None,
    show: bool = False,
) -> Run:
    """Go on with an ensemble that was stopped: finished members are left alone, the others gone on with.

    Args:
        folder: The run's folder.
        asked: The recipe that was asked for again, to make sure that it is the same; None to take the run's.
        cohort: The cohort where it is now; None where it has not been moved.
        options: The options, likewise.
        show: Show progress on the terminal.

    Raises:
        SettingsError: the folder's run was made with other settings or other cells.
    """
    record = folder.read_record()
    refuse_other_settings(folder, record, asked, options)
    if record["status"] == "finished":
        return Run(folder.path)
    with locked(folder.path):
        folder.update(status="running", error=None)
        recipe = parse_any(record["asked"], where=str(folder.record))
        assert isinstance(recipe, EnsembleRecipe), "the record's kind says so"
        then = Options.from_json(record["options"])
        split = saved_split(folder) if record.get("split_given") else None
        return _conduct(folder, recipe, saved_cohort(folder, cohort), then, split, show=show)


def go_on(
    folder: RunFolder,
    asked: AnyRecipe | None = None,
    *,
    cohort: Cohort | None = None,
    options: Options | None = None,
    show: bool = False,
) -> Run:
    """Go on with whatever run a folder holds, of one model or of several.

    Args:
        folder: The run's folder.
        asked: The recipe that was asked for again; None to take the run's.
        cohort: The cohort where it is now; None where it has not been moved.
        options: The options that were asked for again.
        show: Show progress on the terminal.

    Raises:
        SettingsError: as ``resume_run``, ``resume_ensemble``; or one model is asked for and the folder holds several.
    """
    several = folder.read_record().get("kind") == ENSEMBLE
    if several and not isinstance(asked, Recipe):
        return resume_ensemble(folder, asked, cohort=cohort, options=options, show=show)
    if not several and not isinstance(asked, EnsembleRecipe):
        return resume_run(folder, asked, cohort=cohort, options=options, show=show)
    held = folder.read_record()["recipe"]
    raise SettingsError(
        f"The folder holds a run of {held!r}.",
        where=str(folder.path),
        do=f"leukoscope train --resume --out {folder.path} goes on with it; or name another --out.",
    )


def member_recipes(recipe: EnsembleRecipe) -> dict[str, Recipe]:
    """Return the recipe of each member: its own, on the split, the threshold rule and the seed of the whole.

    Raises:
        SettingsError: a member's recipe or settings are wrong; or its task is another.
    """
    common = _common(recipe)
    found = {name: load_recipe(member.recipe, {**member.set, **common}) for name, member in recipe.members.items()}
    for name, own in found.items():
        if own.task != recipe.task:
            what = f"The member {name!r} is a recipe of {own.task}; an ensemble is of {recipe.task}."
            raise SettingsError(what, where=f"members.{name}", do="Name a recipe of cells.")
        if recipe.seeing.cells and _without_map(own.model):
            why = "it pools over the cell, takes measures of it, ends in a forest, or is several networks side by side"
            what = f"The member {name!r} has no map to show: {why}."
            raise SettingsError(what, where=f"members.{name}", do="Set seeing.cells: 0, or leave the member out.")
    return found


def _without_map(model: ModelSettings) -> bool:
    """Return whether ``seeing`` would refuse such a network, once it is trained."""
    return model.pool == "cell" or bool(model.measures) or model.backbone in WITHOUT or model.head == "forest"


def _common(recipe: EnsembleRecipe) -> dict[str, Any]:
    """Return the settings that all models of an ensemble share."""
    return {
        "split": recipe.split.model_dump(mode="json"),
        "threshold": recipe.threshold.model_dump(mode="json"),
        "seed": recipe.seed,
        "as_published": None,
    }


def _conduct(
    folder: RunFolder, recipe: EnsembleRecipe, cohort: Cohort, options: Options, split: Split | None, *, show: bool
) -> Run:
    shared = sharing_store(options, folder)
    with noting_end(folder):
        write_text(folder.recipe, save_recipe(recipe))
        with timed(folder, "training of the members"):
            paths = _train_members(folder, recipe, cohort, shared, split, show=show)
        members = read_members(paths)
        folder.update(ensemble_of=[{"name": path.name, "folder": str(path.resolve())} for path in paths])
        with timed(folder, "combining"):
            write_ensembles(
                members,
                folder.path,
                recipe.ensemble.rules,
                threshold=recipe.threshold,
                seed=recipe.seed,
                name=recipe.name,
                published=_published(recipe),
            )
            _take_main_rule(folder, recipe)
        with timed(folder, "saving the bundle"):
            rule = RunFolder(rule_folder(folder.path, next(iter(recipe.ensemble.rules))))
            write_ensemble_bundle(members, rule, folder.bundle, name=recipe.name)
        with timed(folder, "looking at the mistakes"):
            write_mistakes(members, folder.path / MISTAKES)
        seen = [run for run in members.runs or [] if run.folder.name != JOINT]  # it has no map of its own
        if recipe.seeing.cells and seen:
            with timed(folder, "seeing"):
                write_seeing(seen, folder.path / SEEING, number=recipe.seeing.cells, methods=recipe.seeing.methods)
        folder.update(finished=now(), peak_memory_mb=_most_memory(paths))
        write_report(folder.path)
        if split is None:

            def twin(place: RunFolder, changed: EnsembleRecipe, given: Options) -> Run:
                return _run_or_resume(place, changed, cohort, given, show=show)

            if add_as_published(folder, recipe, shared, twin):
                folder.update(finished=now())
                write_report(folder.path)
        remove(folder.pixels)
    return Run(folder.path)


def _run_or_resume(folder: RunFolder, recipe: EnsembleRecipe, cohort: Cohort, options: Options, *, show: bool) -> Run:
    if folder.record.is_file() and folder.cohort.is_file():
        return resume_ensemble(folder, recipe, cohort=cohort, options=options, show=show)
    remove(folder.path)  # killed before it had begun
    return run_ensemble(recipe, cohort, folder, options, show=show)


def _most_memory(members: Sequence[Path]) -> float | None:
    """Return the most memory that the models' runs, or what was made of them since, have held, in MiB."""
    known = [peak_memory_mb(), *(RunFolder(path).read_record().get("peak_memory_mb") for path in members)]
    return max((value for value in known if value is not None), default=None)


def _train_members(
    folder: RunFolder, recipe: EnsembleRecipe, cohort: Cohort, options: Options, split: Split | None, *, show: bool
) -> list[Path]:
    """Train each member, the first one's split being that of all, then the joint model; return their folders."""
    recipes, done = member_recipes(recipe), dict[str, Path]()
    number = len(recipes) + (recipe.joint is not None)

    def train_one(name: str, own: Recipe) -> None:
        nonlocal split
        if show:
            text = f"[bold]Model {len(done) + 1} of {number}: {escape(name)}[/]"
            Console(stderr=True, highlight=False).print(text, soft_wrap=True)
        place = RunFolder(folder.path / MEMBERS / name)
        run_or_resume(place, own, cohort, options, split=split, show=show)
        if not done:
            _take_common(place, folder)
            split = saved_split(place)
        done[name] = place.path

    for name, own in recipes.items():
        train_one(name, own)
    joint = joint_recipe(recipe, recipes, _common(recipe), done)
    if joint is not None:
        train_one(JOINT, as_begun(joint, RunFolder(folder.path / MEMBERS / JOINT)))
    return list(done.values())


def _take_common(first: RunFolder, folder: RunFolder) -> None:
    """Write what all members have in common into the ensemble's own folder."""
    for name in OF_FIRST:
        write_bytes(getattr(folder, name), getattr(first, name).read_bytes())
    record = first.read_record()
    folder.update(**{name: record[name] for name in ("leakage", "data", "split", "device")})


def _published(recipe: EnsembleRecipe) -> dict[str, dict[str, Any]]:
    """Return the published figures of each rule, as ``scores.json`` has them."""
    paper, protocol = recipe.about.paper, recipe.about.protocol
    figures = recipe.ensemble.published
    return {rule: {"paper": paper, "protocol": protocol, "figures": found} for rule, found in figures.items()}


def _take_main_rule(folder: RunFolder, recipe: EnsembleRecipe) -> None:
    """Write what the first rule says, and its scores, as those of the run; the rules of a few numbers stay beside."""
    rule = RunFolder(rule_folder(folder.path, next(iter(recipe.ensemble.rules))))
    for part in ("validation", "test"):
        write_bytes(folder.predictions(part), rule.predictions(part).read_bytes())
    about = recipe.about
    scores: dict[str, Any] = read_json(rule.scores)
    published = {"paper": about.paper, "protocol": about.protocol, "figures": about.published}
    own = {"run": folder.path.name, "recipe": recipe.name, "published": published}
    places = [folder.path / MEMBERS / name for name in recipe.members]
    kept = read_json(RunFolder(places[0]).scores).get("baselines") or {}
    baselines = beside_ensemble(places, Run(rule.path).predictions("test"), kept)
    write_json(folder.scores, {**scores, **own, "baselines": baselines})
    record = rule.read_record()
    folder.update(test_opened=record["test_opened"], out_of_fold=record["out_of_fold"])
