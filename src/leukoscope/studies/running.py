"""One run of a study: left alone, gone on with, or begun, by what its folder says."""

from __future__ import annotations

import traceback
from typing import Literal

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import LeukoscopeError
from leukoscope.files import remove, write_text
from leukoscope.recipes.schema import EnsembleRecipe
from leukoscope.runs.conductor import run_recipe
from leukoscope.runs.ensemble_run import go_on, run_ensemble
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.runs.rescoring import is_rescorable, rescore_run
from leukoscope.studies.plan import Planned

NOT_BEGUN, FINISHED, FAILED = "not begun", "finished", "failed"
Done = Literal["finished before", "finished", "failed"]
TRACE = "traceback.txt"


def status_of(folder: RunFolder) -> str:
    """Return how far a run is: ``not begun``, ``running``, ``interrupted``, ``trained``, ``failed``, ``finished``."""
    return str(folder.read_record().get("status", NOT_BEGUN)) if folder.record.is_file() else NOT_BEGUN


def do_run(
    planned: Planned,
    cohort: Cohort,
    folder: RunFolder,
    options: Options,
    *,
    command: str | None = None,
    show: bool = False,
) -> Done:
    """See to it that a run is done: a finished one is left alone, a stopped or failed one gone on with.

    One that scores weights of another run otherwise finds that run's folder beside its own. A run that fails is no
    error here: its record says why, so that the others go on.

    Args:
        planned: The run.
        cohort: The cohort as it was read.
        folder: The run's folder.
        options: Everything else; its store is that of the study.
        command: What was typed, for the record.
        show: Show progress on the terminal.
    """
    status = status_of(folder)
    if status == FINISHED:
        return "finished before"
    try:
        if planned.weights_of is not None:
            _rescore(planned, cohort, folder, options, command=command, show=show)
        elif status != NOT_BEGUN and folder.cohort.is_file():
            go_on(folder, planned.recipe, cohort=cohort, options=options, show=show)
        else:
            _begin(planned, cohort, folder, options, command=command, show=show)
    except Exception as error:  # whatever ends one run, the others go on; the table names it
        note_failure(folder, error)
        return "failed"
    return "finished"


def note_failure(folder: RunFolder, error: Exception) -> None:
    """Note in a run's record why it failed, and where in the code if nobody foresaw it.

    Args:
        folder: The run's folder.
        error: What ended it.
    """
    folder.update(status=FAILED, error=str(error) or type(error).__name__)
    if not isinstance(error, LeukoscopeError):
        write_text(folder.path / TRACE, "".join(traceback.format_exception(error)))


def clear_halfbegun(folder: RunFolder) -> None:
    """Empty a folder of the study's own without a record: it holds what a run left that was killed at once."""
    if not folder.record.is_file():
        remove(folder.path)


def _begin(
    planned: Planned, cohort: Cohort, folder: RunFolder, options: Options, *, command: str | None, show: bool
) -> None:
    clear_halfbegun(folder)
    if isinstance(planned.recipe, EnsembleRecipe):
        run_ensemble(planned.recipe, cohort, folder, options, command=command, show=show)
    else:
        run_recipe(planned.recipe, cohort, folder, options, command=command, show=show)


def _rescore(
    planned: Planned, cohort: Cohort, folder: RunFolder, options: Options, *, command: str | None, show: bool
) -> None:
    assert planned.weights_of is not None, "asked before"
    clear_halfbegun(folder)
    source = RunFolder(folder.path.with_name(planned.weights_of))
    # Settings of the grid among them are the source's own, so naming them once more changes nothing.
    changes = {name: value for name, value in planned.changes.items() if is_rescorable(name)}
    rescore_run(source, folder, changes, cohort=cohort, options=options, command=command, show=show)
