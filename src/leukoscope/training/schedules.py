"""How learning rates change within a stage: each rule is a function of the position, without state."""

from __future__ import annotations

import math
from collections.abc import Callable

from leukoscope.recipes.schema import ScheduleSettings

# A rule gets the settings, the epochs done since the warm-up's end, and how many there are in all.
Rule = Callable[[ScheduleSettings, float, float], float]


def rate_factor(schedule: ScheduleSettings, position: float, epochs: int) -> float:
    """Return what the learning rates are multiplied by at one moment of a stage.

    During the warm-up the factor rises linearly from 0 to 1; the rule begins after it. The factor depends on the
    position alone, so that a resumed training goes on as an unbroken one.

    Args:
        schedule: The rule and its settings.
        position: Epochs of the stage that are done, with the part of the present one: 0 to ``epochs``.
        epochs: The stage's number of epochs.

    Returns:
        The factor, 0 to 1.

    Example:
        >>> steps = ScheduleSettings(kind="step", every=2, factor=0.1)
        >>> [rate_factor(steps, position, 6) for position in (0.0, 1.9, 2.0)]
        [1.0, 1.0, 0.1]
    """
    if position < schedule.warmup:
        return position / schedule.warmup
    return SCHEDULES[schedule.kind](schedule, position - schedule.warmup, max(epochs - schedule.warmup, 0))


def _constant(schedule: ScheduleSettings, done: float, epochs: float) -> float:  # noqa: ARG001 - rules are called alike
    return 1.0


def _step(schedule: ScheduleSettings, done: float, epochs: float) -> float:  # noqa: ARG001 - rules are called alike
    return schedule.factor ** math.floor(done / schedule.every)


def _cosine(schedule: ScheduleSettings, done: float, epochs: float) -> float:  # noqa: ARG001 - rules are called alike
    """Half a cosine from 1 to 0 (Loshchilov & Hutter 2017, without restarts)."""
    return 0.5 * (1 + math.cos(math.pi * min(done / epochs, 1.0))) if epochs else 1.0


SCHEDULES: dict[str, Rule] = {"constant": _constant, "step": _step, "cosine": _cosine}
