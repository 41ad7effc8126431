"""What of a run depends on the task, cells or patients; the conductor knows no more of it than this."""

from __future__ import annotations

from typing import Protocol

import torch

from leukoscope.cohort.cohort import Cohort
from leukoscope.predictions.table import Predictions
from leukoscope.runs.cell_task import CellTask
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.learned import Learned, Results, Said
from leukoscope.runs.patient_task import PatientTask
from leukoscope.runs.preparation import Prepared
from leukoscope.runs.training_place import TrainingPlace


class Task(Protocol):
    """How a run learns, and what it says of a part."""

    def learn(self, place: TrainingPlace) -> Learned:
        """Learn from the training part, and from validation what is chosen there; the test part is not looked at."""

    def predictions(
        self, learned: Learned, cohort: Cohort, part: str, device: torch.device, *, run: str
    ) -> Predictions:
        """Return what has been learnt says of whatever has a label in a part.

        Args:
            learned: From ``learn``.
            cohort: The cohort to take the part from: the development cohort, or, once, the whole one.
            part: ``validation`` or ``test``.
            device: Where to compute.
            run: The run's name, for the column ``run``.
        """

    def results(self, folder: RunFolder, learned: Learned, said: Said, device: torch.device) -> Results:
        """Return what is said beyond the scores, and write what pages are made from.

        Args:
            folder: The run's folder.
            learned: From ``learn``.
            said: What is said of the parts.
            device: Where to compute.
        """


def task_of(prepared: Prepared) -> CellTask | PatientTask:
    """Return the task of a run."""
    return PatientTask.of(prepared) if prepared.recipe.task == "patients" else CellTask(prepared)
