"""What the training loop asks of a task: lessons to learn from, and an examination after each epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from leukoscope.recipes.schema import StageSettings
from leukoscope.training.display import Display
from leukoscope.training.learner import Learner


class Lessons(Protocol):
    """What is learned from, the same in all stages."""

    def cells(self, stage: StageSettings) -> int:
        """Return how many cells an epoch sees, for the speed."""

    def steps(self, stage: StageSettings) -> int:
        """Return the number of steps of an epoch."""

    def epoch(self, learner: Learner, *, epoch: int, done: int, display: Display) -> float:
        """Let the network see everything once.

        All that is random is drawn from (seed, epoch, step or cell): an epoch that is begun again gives the same
        weights.

        Args:
            learner: The network and its optimiser, changed in place.
            epoch: Over all stages, 1 and on.
            done: Epochs of this stage that are done.
            display: Told of each step.

        Returns:
            The mean training loss (each taken before its own step).

        Raises:
            LeukoscopeError: the loss is no longer a number.
        """


class Examination(Protocol):
    """What a network is examined with after each epoch."""

    @property
    def metric(self) -> str:
        """The metric that says which epoch is the best."""

    def steps(self, learner: Learner) -> int:
        """Return how many batches an examination has."""

    def examine(self, learner: Learner, display: Display) -> dict[str, float | None]:
        """Return the validation part's ``loss`` and metrics, of the averaged weights where there are such.

        A metric that is not defined is None, but for the one that says which epoch is the best.

        Raises:
            LeukoscopeError: the network gives no numbers any more.
            DataError: the metric that says which epoch is the best is not defined.
        """


@dataclass(frozen=True)
class Course:
    """What stays the same from the first epoch to the last."""

    lessons: Lessons
    examination: Examination
