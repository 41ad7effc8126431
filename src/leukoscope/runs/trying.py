"""A run that stops before its test part: it is trained and examined on validation, to be chosen or not."""

from __future__ import annotations

from leukoscope.cohort.cohort import Cohort
from leukoscope.files import locked
from leukoscope.recipes.schema import Recipe
from leukoscope.runs.begun import begin_run, saved_cohort, saved_split
from leukoscope.runs.folder import RunFolder, start_folder
from leukoscope.runs.options import Options
from leukoscope.runs.steps import learn, noting_end, prepare_run
from leukoscope.training.device import choose_device

TRAINED = "trained"
"""The status of such a run. ``resume_run`` ends it as if it had never stopped; until then its test part is sealed."""


def try_recipe(
    recipe: Recipe,
    cohort: Cohort,
    folder: RunFolder,
    options: Options,
    *,
    command: str | None = None,
    show: bool = False,
) -> None:
    """Train as ``run_recipe`` would, and stop before the test part is opened: no predictions, no scores, no bundle.

    Stopped at any point and called again, it goes on where it was.

    Args:
        recipe: The recipe, checked.
        cohort: The cohort as it was read.
        folder: Where to; new, empty, or with what an earlier call left.
        options: Everything else.
        command: What was typed, for the record.
        show: Show progress on the terminal.

    Raises:
        LeukoscopeError: whatever the data or the settings have wrong with them, or a training that diverged; the
            record then says ``failed``.
    """
    begun = folder.record.is_file() and folder.cohort.is_file()
    if not begun:
        start_folder(folder)
    with locked(folder.path), noting_end(folder, TRAINED):
        if begun:
            folder.update(status="running", error=None)
            cohort, split = saved_cohort(folder, cohort), saved_split(folder)
        else:
            cohort, split = begin_run(folder, recipe, cohort, options, command=command), None
        prepared = prepare_run(folder, recipe, cohort, options, split, show=show)
        learn(folder, prepared, options, choose_device(options.device), show=show)
