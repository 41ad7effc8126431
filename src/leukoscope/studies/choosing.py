"""Settings that are chosen on a study's first seed: every value is trained, the best on validation is kept.

The test part of what is not chosen stays sealed, so that nobody can choose on it: a trial leaves a history and no
score. The one that is chosen becomes the first seed's run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import LeukoscopeError
from leukoscope.files import read_table, remove, write_table
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import Recipe
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.runs.trying import TRAINED, try_recipe
from leukoscope.studies.naming import value_words
from leukoscope.studies.plan import Planned
from leukoscope.studies.plan_faults import of_one_model
from leukoscope.studies.record import note_choice, read_record
from leukoscope.studies.running import FAILED, TRACE, clear_halfbegun, note_failure, status_of
from leukoscope.studies.telling import Teller
from leukoscope.training.history import VALIDATION
from leukoscope.training.metrics import SMALLEST_IS_BEST

TRIALS, TABLE, CHECKPOINTS = "trials", "choices.csv", "checkpoints"
COLUMNS: dict[str, pl.DataType] = {
    "variant": pl.String(),
    "settings": pl.String(),
    "seed": pl.Int64(),
    "metric": pl.String(),
    "validation": pl.Float64(),
    "best_epoch": pl.Int64(),
    "chosen": pl.Boolean(),
    "error": pl.String(),
}
"""The columns of ``choices.csv``: what was tried for a variant, and what ``metric`` then was on validation at best."""


@dataclass(frozen=True)
class Chooser:
    """Tries values, and chooses.

    Args:
        folder: The study's folder.
        options: Of its runs; the store is that of the study.
        teller: Says how far it is.
        command: What was typed, for the records.
        show: Show progress on the terminal.
    """

    folder: StudyFolder
    options: Options
    teller: Teller
    command: str | None = None
    show: bool = False

    def settle(self, planned: Planned, cohort: Cohort) -> Planned:
        """Return a run with the settings that are chosen for its variant, trying them first where nobody has yet.

        Killed at any point and called again, it goes on: trials that are trained are left alone, and what is chosen is
        written down before anything is moved.

        Args:
            planned: The run; one without trials is returned as it is.
            cohort: The cohort as it was read.

        Raises:
            LeukoscopeError: no value could be trained, or a trial failed for another reason than its settings.
        """
        if not planned.trials:
            return planned
        choice = choice_of(self.folder, planned)
        if choice is None:
            for trial in planned.trials:
                self._try(trial, cohort)
            choice = choose(self.folder, planned)
            note_choice(self.folder, planned.variant, choice)
        self._tidy(planned, choice)
        write_choices(self.folder)
        return with_choice(planned, choice)

    def _try(self, trial: Planned, cohort: Cohort) -> None:
        own = trial_folder(self.folder, trial)
        self.teller.begin(f"{trial.name}, to choose")
        if status_of(own) == TRAINED:
            self.teller.end("finished before")
            return
        clear_halfbegun(own)
        (own.path / TRACE).unlink(missing_ok=True)
        try:
            try_recipe(_recipe(trial), cohort, own, self.options, command=self.command, show=self.show)
        except Exception as error:  # one value that cannot be trained with is out; the record says why
            note_failure(own, error)
            self.teller.end("failed", str(error))
        else:
            self.teller.end("finished")

    def _tidy(self, planned: Planned, choice: Mapping[str, Any]) -> None:
        """Make the chosen trial the first seed's run, and leave no weights of the others."""
        for trial in planned.trials:
            own = trial_folder(self.folder, trial)
            if trial.name != choice["run"]:
                remove(own.path / CHECKPOINTS)
            elif planned.seed == trial.seed:
                _adopt(own, RunFolder(self.folder.run(planned.name)))


def choice_of(folder: StudyFolder, planned: Planned) -> dict[str, Any] | None:
    """Return what was chosen for a run's variant, as the study's record has it; None where nothing was yet.

    Args:
        folder: The study's folder.
        planned: A run of the variant.
    """
    found: dict[str, Any] | None = read_record(folder).get("choices", {}).get(planned.variant)
    return found


def with_choice(planned: Planned, choice: Mapping[str, Any] | None) -> Planned:
    """Return a run with the settings that were chosen; as it is where there was nothing to choose.

    Args:
        planned: The run.
        choice: What ``choice_of`` returned.
    """
    if choice is None:
        return planned
    chosen = choice["chosen"]
    return replace(planned, recipe=load_recipe(_recipe(planned), chosen), changes={**planned.changes, **chosen})


def choose(folder: StudyFolder, planned: Planned) -> dict[str, Any]:
    """Return which trial of a variant was the best on validation, the first of equals.

    Args:
        folder: The study's folder; its trials are trained or failed.
        planned: A run of the variant.

    Returns:
        JSON values: ``seed``, ``metric``, ``run`` (the best trial's name), ``chosen`` (its settings) and ``tried``:
        of each trial ``settings``, ``validation`` and ``best_epoch``, or ``error``.

    Raises:
        LeukoscopeError: none was trained, or one failed for another reason than its settings.
    """
    tried = [_outcome(folder, planned, trial) for trial in planned.trials]
    _refuse_unforeseen(folder, planned)
    metric = _recipe(planned).best_epoch.metric
    known = [place for place, found in enumerate(tried) if found["error"] is None]
    if not known:
        what = f"No value that was to be chosen could be trained with: {tried[0]['error']}"
        raise LeukoscopeError(what, where=str(folder.path / TRIALS), do="Name other values: --choose.")
    sign = -1 if metric in SMALLEST_IS_BEST else 1
    best = max(known, key=lambda place: (sign * tried[place]["validation"], -place))
    trial = planned.trials[best]
    head = {"seed": trial.seed, "metric": metric, "run": trial.name, "chosen": tried[best]["settings"]}
    return {**head, "tried": tried}


def write_choices(folder: StudyFolder) -> None:
    """Write ``choices.csv`` from the study's record, with the columns of ``COLUMNS``.

    Args:
        folder: The study's folder.
    """
    rows = [
        {
            "variant": variant,
            "settings": value_words(found["settings"]),
            "seed": choice["seed"],
            "metric": choice["metric"],
            "validation": found["validation"],
            "best_epoch": found["best_epoch"],
            "chosen": found["settings"] == choice["chosen"],
            "error": found["error"],
        }
        for variant, choice in read_record(folder).get("choices", {}).items()
        for found in choice["tried"]
    ]
    write_table(folder.path / TABLE, pl.DataFrame(rows, schema=COLUMNS))


def trial_folder(folder: StudyFolder, trial: Planned) -> RunFolder:
    """Return where a trial is trained.

    Args:
        folder: The study's folder.
        trial: The trial.
    """
    return RunFolder(folder.path / TRIALS / trial.name)


def _recipe(planned: Planned) -> Recipe:
    """Return the recipe of a run that has something to be chosen: it is of one model."""
    return of_one_model(planned.recipe, "choose")


def _outcome(folder: StudyFolder, planned: Planned, trial: Planned) -> dict[str, Any]:
    own = trial_folder(folder, trial)
    settings = {name: value for name, value in trial.changes.items() if name not in planned.changes}
    record = own.read_record()
    if record["status"] == FAILED:
        return {"settings": settings, "validation": None, "best_epoch": None, "error": record["error"]}
    history, epoch = read_table(own.path / "history.csv"), record["best_epoch"]
    value = history.filter(pl.col("epoch") == epoch)[VALIDATION + _recipe(trial).best_epoch.metric][0]
    return {"settings": settings, "validation": value, "best_epoch": epoch, "error": None}


def _refuse_unforeseen(folder: StudyFolder, planned: Planned) -> None:
    """Refuse to choose where a trial failed by no fault of its settings: with it the choice might be another."""
    for trial in planned.trials:
        own = trial_folder(folder, trial)
        if status_of(own) == FAILED and (own.path / TRACE).is_file():
            what = f"Nothing was chosen, since a trial failed: {own.read_record()['error']}"
            do = "Mend it; the same command then tries again."
            raise LeukoscopeError(what, where=str(own.path / TRACE), do=do)


def _adopt(trial: RunFolder, run: RunFolder) -> None:
    if trial.path.is_dir():
        remove(run.path)  # at most a note that nothing could be chosen yet
        run.path.parent.mkdir(parents=True, exist_ok=True)
        trial.path.rename(run.path)
    # Killed between the two, it is still called as it was.
    if run.record.is_file() and run.read_record().get("name") != run.path.name:
        run.update(name=run.path.name)
