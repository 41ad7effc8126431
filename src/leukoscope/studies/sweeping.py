"""All runs of a plan, one after the other, in one folder; stopped at any point it is gone on with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import LeukoscopeError, SettingsError
from leukoscope.files import locked, remove
from leukoscope.recipes.schema import DrawnSettings
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.reports.study_page import write_study_page
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.studies.choosing import Chooser, choice_of, with_choice
from leukoscope.studies.class_scores import write_class_scores
from leukoscope.studies.curves import epochs_table, write_curves
from leukoscope.studies.group_scores import write_group_scores
from leukoscope.studies.patient_accuracy import write_patient_accuracy
from leukoscope.studies.peeking import do_peek, write_peeking
from leukoscope.studies.plan import Plan, Planned
from leukoscope.studies.pooling import write_pooled
from leukoscope.studies.record import begin_record, note_peeking, read_record
from leukoscope.studies.running import FINISHED, Done, do_run, note_failure, status_of
from leukoscope.studies.study import Study
from leukoscope.studies.summary import summary_table
from leukoscope.studies.table import study_table, write_study_tables
from leukoscope.studies.telling import Teller


def sweep(
    plan: Plan,
    cohort: Cohort | None,
    folder: Path | str,
    options: Options | None = None,
    *,
    peek: bool = False,
    command: str | None = None,
    show: bool = False,
) -> Study:
    """Do every run of a plan, each in a folder of its own, and write the tables and the page.

    A run that fails is named in the table and the others go on. Called again with the same plan and folder (after a
    kill, too) it leaves finished runs alone and goes on with stopped and failed ones where they were; tables and page
    come out as if it had never been stopped. The data set is read once, and its framed pictures are shared by all runs.

    Args:
        plan: What ``plan`` returned.
        cohort: The cohort; None where the recipes draw their own (once for all runs, from the recipe's own seed).
        folder: The study's folder: new, empty, or of the same plan.
        options: Where weights are, and what is allowed; ``store`` keeps the framed pictures for other studies too.
        peek: Repeat the published protocol as well: every epoch examined on the part that is reported
            (``peeking.do_peek``), marked as such wherever it is shown.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Returns:
        The study; ``failed`` names the runs that failed.

    Raises:
        SettingsError: the folder holds another study or something else, or a recipe needs a data set.
        LeukoscopeError: the data set has something wrong with it, or another process works in the folder.
    """
    place, asked = StudyFolder(Path(folder)), options or Options()
    _refuse_without_data(plan, cohort)
    with locked(place.path):
        begin_record(place, plan, cohort, asked, command)
        sharing = _Sweep(plan, place, replace(asked, store=asked.store or place.pixels), command, show)
        cohorts = _Cohorts(plan, cohort, place)
        sharing.do_runs(cohorts)
        if peek:
            note_peeking(place)
            sharing.do_peeking(cohorts)
        _write(place, plan.settings)
        write_pooled(place, study_table(place))
        write_study_page(place.path)
        if set(study_table(place)["status"]) == {FINISHED}:
            remove(place.pixels)
    return Study(place.path)


@dataclass(frozen=True)
class _Sweep:
    """What all runs of a sweep share."""

    plan: Plan
    folder: StudyFolder
    options: Options
    command: str | None
    show: bool

    def do_runs(self, cohorts: _Cohorts) -> None:
        """Do the runs; the tables are written after each."""
        trials = sum(map(len, self.plan.trials.values()))
        teller = Teller("run", len(self.plan.runs) + trials, _console(self.show))
        chooser = Chooser(self.folder, self.options, teller, self.command, self.show)
        for planned in self.plan.runs:
            own = RunFolder(self.folder.run(planned.name))
            outcome = self._do_run(planned, cohorts.of(planned), own, chooser)
            teller.end(outcome, own.read_record().get("error") if outcome == "failed" else None)
            _write(self.folder, self.plan.settings)

    def _do_run(self, planned: Planned, cohort: Cohort, own: RunFolder, chooser: Chooser) -> Done:
        """Choose what is to be chosen, then do a run; where nothing could be chosen it has failed."""
        try:
            settled = chooser.settle(planned, cohort)
        except LeukoscopeError as error:
            chooser.teller.begin(planned.name)
            note_failure(own, error)
            return "failed"
        chooser.teller.begin(planned.name)
        return do_run(settled, cohort, own, self.options, command=self.command, show=self.show)

    def do_peeking(self, cohorts: _Cohorts) -> None:
        """Train once more as published, those that were trained and whose honest run is finished."""
        trained = [with_choice(run, choice_of(self.folder, run)) for run in self.plan.runs if run.weights_of is None]
        runs = [run for run in trained if status_of(RunFolder(self.folder.run(run.name))) == FINISHED]
        teller = Teller("peeking training", len(runs), _console(self.show))
        for planned in runs:
            teller.begin(planned.name)
            outcome, error = do_peek(planned, cohorts.of(planned), self.folder, self.options, show=self.show)
            teller.end(outcome, error)


class _Cohorts:
    """The cohort of each run: the one that was read, or drawn ones, each drawn and read once."""

    def __init__(self, plan: Plan, given: Cohort | None, folder: StudyFolder) -> None:
        self._given, self._folder = given, folder
        self._drawings = _drawings(plan)
        self._drawn: dict[int, Cohort] = {}

    def of(self, planned: Planned) -> Cohort:
        """Return the cohort of one run."""
        drawing = planned.recipe.drawn
        if self._given is not None:
            return self._given
        assert drawing is not None, "asked before"
        number = self._drawings.index(drawing)
        if number not in self._drawn:
            own = self._folder.data / str(number)
            draw_cohort(own, **drawing.model_dump())
            self._drawn[number] = read_cohort(own, "drawn")
        return self._drawn[number]


def _drawings(plan: Plan) -> list[DrawnSettings]:
    """Return the cohorts that are to be drawn, in the order of the plan; their place names their folder."""
    found: list[DrawnSettings] = []
    for run in plan.runs:
        if run.recipe.drawn is not None and run.recipe.drawn not in found:
            found.append(run.recipe.drawn)
    return found


def _write(folder: StudyFolder, settings: list[str]) -> None:
    table, epochs = study_table(folder), epochs_table(folder)
    summary = summary_table(table, settings, record=read_record(folder), epochs=epochs)
    write_study_tables(folder, summary, table)
    write_curves(folder, epochs)
    write_patient_accuracy(folder, table)
    write_class_scores(folder, table)
    write_group_scores(folder, table)
    write_peeking(folder, summary)


def _refuse_without_data(plan: Plan, cohort: Cohort | None) -> None:
    needing = [run.recipe.name for run in plan.runs if run.recipe.drawn is None]
    if cohort is None and needing:
        what = f"The recipe {needing[0]!r} needs a data set."
        raise SettingsError(what, do=f"leukoscope sweep {needing[0]} --data FOLDER --out runs/study")


def _console(show: bool) -> Console | None:
    return Console(stderr=True, highlight=False) if show else None
