"""The library's front door: each function is one step of the way from pictures to numbers.

The verbs of the command line call these functions to read, split, train, score and predict, so whatever the command
line can do, a script can do too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from leukoscope.audit import Audit
from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.cohort.class_maps import ClassMap, load_class_map
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.groups import ClassGroups, groups_from
from leukoscope.cohort.merging import merge as merge_cohorts
from leukoscope.cohort.readers import READERS, read_cohort
from leukoscope.cohort.splits import WHICH, make_split, make_splits
from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.splits.taken import refuse_untaken
from leukoscope.cohort.storage import refuse_other_ending, save_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import SettingsError
from leukoscope.evaluation import Scores
from leukoscope.evaluation import evaluate as score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.exporting.exporting import export_bundle
from leukoscope.extraction import extract
from leukoscope.files import write_json
from leukoscope.inference import (
    predict,
    predict_patients,
    predict_to_file,
    write_cnmc_submission,
    write_lyon_submission,
)
from leukoscope.inference.fact_tables import Facts
from leukoscope.pictures.framing import Framing
from leukoscope.pictures.intake import Intake
from leukoscope.pictures.intake import take_in as intake_of
from leukoscope.predictions.foreign import read_foreign
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.loading import load_any, load_recipe, parse_settings, recipe_names
from leukoscope.recipes.schema import AnyRecipe, DrawnSettings, EnsembleRecipe, Recipe, SplitSettings
from leukoscope.reports import write_report
from leukoscope.reports.audit_folder import AuditFolder
from leukoscope.runs.audit_folder import refuse_other, write_audit
from leukoscope.runs.class_groups import asked_groups, group_scores
from leukoscope.runs.conductor import run_recipe
from leukoscope.runs.ensemble_run import go_on, run_ensemble
from leukoscope.runs.ensembling import ensemble
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.looking import look
from leukoscope.runs.members import read_members
from leukoscope.runs.mistakes import Mistakes
from leukoscope.runs.mistakes_folder import Part, write_mistakes
from leukoscope.runs.options import Options
from leukoscope.runs.preparation import description_of, link, split_settings, with_official_places
from leukoscope.runs.rescoring import rescore_run
from leukoscope.runs.run import Run
from leukoscope.runs.seeing_folder import write_seeing
from leukoscope.studies import Study
from leukoscope.studies import plan as plan_study
from leukoscope.studies import sweep as sweep_plan
from leukoscope.studies.comparison import compare
from leukoscope.studies.plan import SplitSeed
from leukoscope.twins import FINGERPRINT
from leukoscope.validation import Validation
from leukoscope.validation import validate as validate_bundle

__all__ = [
    "READERS",
    "Classes",
    "Cohort",
    "Run",
    "analyse_errors",
    "audit_cohort",
    "compare",
    "draw",
    "ensemble",
    "evaluate",
    "explain",
    "export_bundle",
    "extract",
    "groups_from",
    "load_recipe",
    "merge",
    "predict",
    "predict_patients",
    "predict_to_file",
    "read_cohort",
    "read_predictions",
    "recipe_names",
    "rescore",
    "split",
    "splits",
    "sweep",
    "take_in",
    "train",
    "validate",
    "write_cnmc_submission",
    "write_lyon_submission",
    "write_report",
]


def take_in(
    cohort: Cohort,
    *,
    framing: Framing | None = None,
    store: Path | str | None = None,
    workers: int | None = None,
) -> Intake:
    """Look at every picture of a cohort once; ``audit_cohort``, ``split`` and ``train`` then need not.

    Args:
        cohort: A cohort as it was read.
        framing: How pictures are framed for the store; ``leukoscope.pictures.framing.parse_framing`` makes one.
        store: Folder that keeps the framed pictures; given with ``framing`` or not at all.
        workers: Threads; one a core where not given.

    Raises:
        LeukoscopeError: as ``leukoscope.pictures.intake.take_in``.
    """
    return intake_of(cohort, framing=framing, store=_path(store), workers=workers, measures=(FINGERPRINT,))


def audit_cohort(
    cohort: Cohort | Intake, *, crop: int | None = None, split: Split | None = None, out: Path | str | None = None
) -> Audit:
    """Find what would flatter a score before anything is trained.

    Args:
        cohort: A cohort, or what ``take_in`` made of it (then no picture is read again but those of likely twins).
        crop: Side in pixels of the centre square that a network will see; the data set's own where not given.
        split: A split whose parts are looked at too.
        out: Folder to write ``audit.json``, the tables, the pictures and the page ``audit.html`` to; new, empty, or
            with an earlier audit, which is replaced.

    Returns:
        The findings; printing them shows a table.

    Raises:
        SettingsError: the folder holds something else than an audit.
    """
    if out is not None:
        refuse_other(AuditFolder(Path(out)))
    looked = look(cohort)
    intake = looked.intake
    known = description_of(intake.cohort)
    side = crop if crop is not None or known is None else known.crop
    found = looked.audit(intake.cohort, crop=side, split=split)
    if out is not None:
        write_audit(found, intake.cohort, intake.pictures, out, crop=side)
    return found


def merge(
    base: Cohort,
    other: Cohort,
    class_map: str | Path | ClassMap | Mapping[str, str] | None = None,
    *,
    by: str | None = None,
    training_only: bool = False,
    prefix: str | None = None,
    out: Path | str | None = None,
) -> Cohort:
    """Add the cells of another data set to a cohort, under the cohort's own classes.

    Args:
        base: The cohort whose classes count.
        other: The cohort that is added.
        class_map: A map's name (``pbc_to_matek``), a YAML file, or a mapping from the other's values to the base's
            classes; classes of the same names where not given.
        by: The column of the other's cells that the map looks up; the map's own, or ``label``.
        training_only: Whether the other's cells may only be trained on.
        prefix: What the other's names begin with; its own name where not given.
        out: A parquet file to save the cohort to; ``read_cohort`` takes it.

    Raises:
        SettingsError: a map, a class or a column that there is not, an empty prefix, or an ``out`` that does not end
            in .parquet.
        DataError: no cell of the other is in the map, or a name stands in both.
    """
    if out is not None:
        refuse_other_ending(Path(out))
    known = load_class_map(class_map) if isinstance(class_map, str | Path) else class_map
    merged = merge_cohorts(base, other, known, by=by, training_only=training_only, prefix=prefix)
    if out is not None:
        save_cohort(merged, Path(out))
    return merged


def split(
    cohort: Cohort | Intake,
    kind: str = "holdout",
    *,
    allow_leakage: str | None = None,
    **settings: Any,  # noqa: ANN401 - the recipes' settings
) -> Split:
    """Divide a cohort so that no patient, linked group or picture is on two sides.

    Args:
        cohort: A cohort, or what ``take_in`` made of it.
        kind: ``holdout``, ``official``, ``file``, ``folds``, ``repeated`` or ``leave_one_out``.
        allow_leakage: The reason to go on although the split leaks; it marks every result.
        **settings: Those of a recipe's ``split``: ``by``, ``test``, ``validation``, ``seed`` (0 where not given),
            ``folds``, ``fold``, ``stratify``, ``places``, ``file`` and so on; only those that the kind takes.

    Raises:
        LeakageError: the split leaks; the patients and pictures are named.
        SettingsError: an unknown setting, one that the kind does not take, or a value out of range.
    """
    return _divided(cohort, kind, settings, allow_leakage, several=False)[0]


def splits(
    cohort: Cohort | Intake,
    kind: str = "folds",
    *,
    allow_leakage: str | None = None,
    **settings: Any,  # noqa: ANN401 - the recipes' settings
) -> tuple[Split, ...]:
    """Make every split of a kind that has several: each fold, each repeat, each patient left out.

    Args:
        cohort: A cohort, or what ``take_in`` made of it.
        kind: As in ``split``; a kind that gives one split gives a tuple of one.
        allow_leakage: As in ``split``.
        **settings: As in ``split``. Where one says which (``fold``, ``repeat``, ``patient``), only that is made.

    Raises:
        LeukoscopeError: as in ``split``.
    """
    return _divided(cohort, kind, settings, allow_leakage, several=not WHICH & set(settings))


def train(
    recipe: str | Path | AnyRecipe | None,
    cohort: Cohort | Intake | None = None,
    *,
    out: Path | str,
    weights: Path | str | None = None,
    changes: Iterable[str] | Mapping[str, Any] = (),
    seed: int | None = None,
    split: Split | None = None,
    allow_leakage: str | None = None,
    store: Path | str | None = None,
    device: str = "auto",
    resume: bool = False,
    command: str | None = None,
    show: bool = False,
) -> Run:
    """Run a recipe: train, choose the threshold on validation, score the test part once, write the report.

    Args:
        recipe: A recipe's name, YAML file, or a recipe, of one model or of several; None only with ``resume``.
        cohort: The cohort; None for a recipe with drawn cells, or with ``resume``.
        out: The run's folder; it must be new or empty.
        weights: A folder or a file with pretrained weights.
        changes: Settings to change, as in ``load_recipe``.
        seed: Seed of everything that is drawn; the recipe's where not given.
        split: A split made before; the recipe's own where not given.
        allow_leakage: The reason to go on with a leaking split.
        store: Folder that keeps the framed pictures for other runs; the run's own, removed at the end, if not given.
        device: ``auto``, ``cpu`` or ``cuda``.
        resume: Go on with the run in ``out``; the results are those of a run that was never stopped.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Raises:
        LeukoscopeError: whatever the data, the settings or the folder have wrong with them.
    """
    folder = RunFolder(Path(out))
    asked = None if recipe is None else load_any(recipe, changes)
    if asked is not None and seed is not None:
        asked = load_any(asked, {"seed": seed})
    read = cohort.cohort if isinstance(cohort, Intake) else cohort
    options = Options(_path(weights), _path(store), allow_leakage, device)
    if resume and folder.record.is_file():
        return go_on(folder, asked, cohort=read, options=options, show=show)
    if asked is None:
        raise SettingsError("There is no run to go on with.", where=str(folder.path), do="Name a recipe.")
    if isinstance(asked, EnsembleRecipe):
        return run_ensemble(asked, read, folder, options, split=split, command=command, show=show)
    return run_recipe(asked, read, folder, options, split=split, command=command, show=show)


def rescore(
    run: Run | Path | str,
    cohort: Cohort | Intake | None = None,
    *,
    out: Path | str,
    changes: Iterable[str] | Mapping[str, Any] = (),
    store: Path | str | None = None,
    device: str = "auto",
    command: str | None = None,
    show: bool = False,
) -> Run:
    """Score the trained weights of a finished run with other test-time or threshold settings; nothing is trained.

    Args:
        run: The run, or its folder.
        cohort: The cohort where it is now; None where its pictures have not been moved.
        out: The folder of the new run; called again with the same arguments it goes on.
        changes: Settings of ``test_time`` and ``threshold``, as in ``load_recipe``.
        store: As in ``train``.
        device: As in ``train``.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Raises:
        LeukoscopeError: as ``leukoscope.runs.rescoring.rescore_run``.
    """
    source = RunFolder(run.folder if isinstance(run, Run) else Path(run))
    read = cohort.cohort if isinstance(cohort, Intake) else cohort
    options = Options(store=_path(store), device=device)
    return rescore_run(source, RunFolder(Path(out)), changes, cohort=read, options=options, command=command, show=show)


def sweep(
    recipe: str | Path | Recipe,
    cohort: Cohort | Intake | None = None,
    *,
    out: Path | str,
    seeds: int | Sequence[int] | None = None,
    grid: Mapping[str, Sequence[Any]] | None = None,
    folds: int | None = None,
    changes: Iterable[str] | Mapping[str, Any] = (),
    split_seed: SplitSeed = "run",
    rescore: Mapping[str, Sequence[Any]] | None = None,
    choose: Mapping[str, Sequence[Any]] | None = None,
    weights: Path | str | None = None,
    allow_leakage: str | None = None,
    store: Path | str | None = None,
    device: str = "auto",
    peek: bool = False,
    command: str | None = None,
    show: bool = False,
) -> Study:
    """Run a recipe with many seeds and settings, one folder each, and sum them up.

    Called again with the same arguments it goes on: finished runs are left alone, stopped and failed ones gone on
    with.

    Args:
        recipe: As in ``train``.
        cohort: As in ``train``.
        out: The study's folder.
        seeds: How many seeds (the recipe's own and those that follow), or which; five where not given, one with folds.
        grid: Values by dotted name: ``{"bag.aggregator": ["mean", {"top_k": {"k": 10}}]}``; every combination is run.
        folds: Cross-validation: the cells are dealt into so many folds, each the test part of one run. Mean and
            deviation are over folds then, and ``pooled.csv`` has the scores of all cells together, each tested once.
        changes: Settings to change in all runs, as in ``load_recipe``.
        split_seed: ``run``: the seed moves the split; ``fixed``: one split for all.
        rescore: Test-time or threshold settings that each run's trained weights are scored with besides:
            ``{"test_time.rotations": [1]}``; ``{"quick:test_time.rotations": [1]}`` for the runs of one recipe alone.
        choose: Values that are tried on the first seed; all seeds have the best on validation.
        weights: As in ``train``.
        allow_leakage: As in ``train``.
        store: As in ``train``; the study's own, shared by its runs, where not given.
        device: As in ``train``.
        peek: Repeat the published protocol too, marked as peeking, beside the honest one.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Raises:
        LeukoscopeError: whatever the plan or the data have wrong with them; a run that fails is named in the study.
    """
    ways: dict[str, Any] = {"split_seed": split_seed, "rescore": rescore, "choose": choose, "folds": folds}
    planned = plan_study(recipe, seeds, grid, changes=changes, **ways)
    read = cohort.cohort if isinstance(cohort, Intake) else cohort
    options = Options(_path(weights), _path(store), allow_leakage, device)
    return sweep_plan(planned, read, Path(out), options, peek=peek, command=command, show=show)


def read_predictions(
    path: Path | str,
    *,
    labels: Path | str | None = None,
    classes: Iterable[str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Predictions:
    """Read a file of predictions, also one that others made.

    Args:
        path: csv or parquet: a name, and a class or probabilities.
        labels: A table of the true labels, matched by name.
        classes: Class names in order, the positive one last of two.
        columns: What columns are called there: ``{"id": "file", "label": "truth"}``.
    """
    known = None if classes is None else Classes(tuple(classes))
    return read_foreign(Path(path), labels=_path(labels), classes=known, columns=dict(columns or {}))


def evaluate(
    predictions: Predictions,
    *,
    threshold: float | None = None,
    replicates: int = 2000,
    seed: int = 0,
    out: Path | str | None = None,
    groups: ClassGroups | str | None = None,
) -> Scores:
    """Score predictions with intervals that resample patients (linked groups).

    Args:
        predictions: The predictions, with labels.
        threshold: Operating threshold on the positive class's probability; 0.5 where not given.
        replicates: Bootstrap replicates.
        seed: Seed of the bootstrap.
        out: Folder to write ``scores.json``, the table and a report to.
        groups: Groups of classes that are scored as one against all others, and lineages, in ``scores.json`` and on
            the report; a group is called from 0.5 on. Of these very classes (``groups_from``), or the name of a data
            set: what it declares is taken as far as it can be told here.

    Raises:
        SettingsError: groups cannot be told among these classes, or no folder is named to write them to.
    """
    told = asked_groups(groups, predictions.classes)
    if told and out is None:
        raise SettingsError("Scores of groups are written to a folder, and none is named.", do="Give out=FOLDER.")
    if out is not None:
        _refuse_run(Path(out))
    scores = score(predictions, threshold=threshold, replicates=replicates, seed=seed)
    if out is not None:
        folder = Path(out)
        head: dict[str, Any] = {"format": 1, "leakage": scores.leakage, "warnings": [], "threshold": None}
        head |= group_scores(told, None, predictions, Resampling(replicates=replicates, seed=seed))
        write_json(folder / "scores.json", {**head, "parts": {"all": scores.as_json()}})
        predictions.save(folder / "predictions.csv")
        write_report(folder)
    return scores


def validate(
    bundle: AnyBundle | Run | Path | str,
    cohort: Cohort | Intake,
    *,
    out: Path | str,
    class_map: str | Path | ClassMap | Mapping[str, str] | None = None,
    by: str | None = None,
    facts: Facts = None,
    recalibrate: float | None = None,
    replicates: int = 2000,
    seed: int = 0,
    device: str = "auto",
    command: str | None = None,
) -> Validation:
    """Hold a bundle against another cohort: its scores there, the drift of pictures and answers; recalibrate it.

    Args:
        bundle: A bundle, its folder, or its run.
        cohort: The other cohort, with labels.
        out: The folder to write: tables, ``report.html`` and, where recalibrated, ``bundle``; an earlier one of this
            kind is replaced.
        class_map: Which of the cohort's values is which of the bundle's classes: a map's name, a YAML file, or a
            mapping; classes of equal names where not given.
        by: The column of the cells that the map looks up; the map's own, or ``label``.
        facts: The patients' facts, as of ``predict_patients``; a cohort's own where not given.
        recalibrate: The share of the cohort, above 0 and below 1, on which calibration, threshold and referral are
            fitted anew; what that changes is measured on the rest, which shares no linked group with it.
        replicates: Bootstrap replicates.
        seed: Seed of that draw, and of the bootstrap.
        device: ``auto``, ``cpu`` or ``cuda``.
        command: What was typed, for the record.

    Raises:
        LeukoscopeError: as ``leukoscope.validation.validate``.
    """
    return validate_bundle(
        bundle.bundle if isinstance(bundle, Run) else bundle,
        cohort.cohort if isinstance(cohort, Intake) else cohort,
        out,
        class_map=class_map,
        by=by,
        facts=facts,
        recalibrate_share=recalibrate,
        seed=seed,
        replicates=replicates,
        device=device,
        command=command,
    )


def explain(
    runs: Run | Path | str | Sequence[Run | Path | str],
    *,
    out: Path | str,
    cells: Sequence[str] | None = None,
    number: int = 8,
    methods: Sequence[str] | None = None,
    layer: str | None = None,
    classes: Sequence[str] | None = None,
    activations: Sequence[str] | None = None,
    cohort: Cohort | Intake | None = None,
    seed: int = 0,
    device: str = "cpu",
    command: str | None = None,
) -> Path:
    """Show what the networks of finished runs of cells look at, and whether one may believe the maps.

    Args:
        runs: One or more runs, or their folders; several stand side by side.
        out: The folder to write; an earlier one of this kind is replaced.
        cells: Names of cells; chosen from the first run's test part by a stated rule where not given.
        number: How many cells are chosen.
        methods: ``grad_cam``, ``gradient_times_activation``, ``integrated_gradients``, ``occlusion``; all where not
            given.
        layer: The layer that maps are laid on, as timm names it; each network's last feature maps where not given.
        classes: The classes that the maps speak of; the one that the first run calls where not given.
        activations: Layers whose channels are shown for the first cell; the last feature maps where not given.
        cohort: The first run's cohort where it is now; None where its pictures have not been moved.
        seed: Of the sanity check's weights.
        device: ``auto``, ``cpu`` or ``cuda``.
        command: What was typed, for the record.

    Returns:
        The page, ``seeing.html``.

    Raises:
        LeukoscopeError: as ``leukoscope.runs.seeing_folder.write_seeing``.
    """
    named = [runs] if isinstance(runs, Run | Path | str) else list(runs)
    opened = [one if isinstance(one, Run) else Run(Path(one)) for one in named]
    return write_seeing(
        opened,
        Path(out),
        cells=cells,
        number=number,
        methods=methods,
        layer=layer,
        classes=classes,
        activations=activations,
        cohort=cohort.cohort if isinstance(cohort, Intake) else cohort,
        seed=seed,
        device=device,
        command=command,
    )


def analyse_errors(
    models: Sequence[Path | str],
    *,
    out: Path | str,
    part: Part = "test",
    data: Path | str | None = None,
    replicates: int = 2000,
    seed: int = 0,
) -> Mistakes:
    """Look at the errors of one model or more on the same cells, and write tables, sheets of pictures and a page.

    Args:
        models: Run folders, or tables of predictions whose column ``part`` says ``validation`` or ``test``.
        out: The folder; new, empty, or with an earlier error analysis, which is replaced.
        part: The cells whose errors are looked at.
        data: Where the data set's folder is now; where the runs had it if not given.
        replicates: Bootstrap replicates of the intervals, which resample patients (linked groups).
        seed: Seed of the bootstrap.

    Returns:
        The tables; printing it shows how many models miss how many cells.

    Raises:
        LeukoscopeError: the models are not of the same cells and split, or the folder holds something else.
    """
    members = read_members(models, alone=True)
    return write_mistakes(members, out, part=part, data=data, how=Resampling(replicates=replicates, seed=seed))


def draw(out: Path | str, *, seed: int = 0, **settings: Any) -> Cohort:  # noqa: ANN401 - the drawing's own settings
    """Draw cells of drawn patients, write them to a folder, and read them as a cohort.

    Args:
        out: The folder.
        seed: Seed of the drawing.
        **settings: ``classes`` (2, 8, 15), ``patients``, ``cells``, ``size`` (px), ``background``
            (``black``, ``smear``), ``malignant_share``, ``counts`` (cells of each class).
    """
    checked = parse_settings(DrawnSettings, settings, where="the drawing's settings")
    draw_cohort(Path(out), **checked.seeded(seed))
    return read_cohort(Path(out), "drawn")


def _divided(
    cohort: Cohort | Intake, kind: str, settings: dict[str, Any], allow_leakage: str | None, *, several: bool
) -> tuple[Split, ...]:
    checked = parse_settings(SplitSettings, {"kind": kind, **settings}, where="the split's settings")
    refuse_untaken(kind, settings)
    linked = link(look(cohort), checked.on_twins)
    known = linked.intake.cohort
    arguments = split_settings(with_official_places(checked, known), seed=0, several=several)
    arguments |= {"proof": linked.proof, "allow_leakage": allow_leakage}
    if several:
        return make_splits(kind, known, linked.groups, **arguments)
    return (make_split(kind, known, linked.groups, **arguments),)


def _path(named: Path | str | None) -> Path | None:
    return None if named is None else Path(named)


def _refuse_run(folder: Path) -> None:
    if RunFolder(folder).record.is_file():
        what = "This folder holds a run, whose scores and report would be overwritten."
        raise SettingsError(what, where=str(folder), do="Name another --out.")
