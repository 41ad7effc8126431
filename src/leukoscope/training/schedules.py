"""How learning rates change within a stage: each rule is a function of where the stage stands, without state."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from leukoscope.recipes.schema import ScheduleSettings


@dataclass(frozen=True)
class Standing:
    """Where a stage stands.

    Args:
        done: Epochs that are done since the warm-up's end, with the part of the present one.
        epochs: How many there are in all after the warm-up.
        falls: How often the rates have fallen before the present epoch (``History.falls``).
    """

    done: float
    epochs: float
    falls: int


Rule = Callable[[ScheduleSettings, Standing], float]


def rate_factor(schedule: ScheduleSettings, position: float, epochs: int, falls: int = 0) -> float:
    """Return what the learning rates are multiplied by at one moment of a stage.

    During the warm-up the factor rises linearly from 0 to 1; the rule begins after it. The factor depends on the
    position and on what the finished epochs gave alone, so that a resumed training goes on as an unbroken one.

    Args:
        schedule: The rule and its settings.
        position: Epochs of the stage that are done, with the part of the present one: 0 to ``epochs``.
        epochs: The stage's number of epochs.
        falls: How often the rates have fallen before the present epoch (``History.falls``); only ``plateau`` looks at
            it.

    Returns:
        The factor, 0 to 1.

    Example:
        >>> steps = ScheduleSettings(kind="step", every=2, factor=0.1)
        >>> [rate_factor(steps, position, 6) for position in (0.0, 1.9, 2.0)]
        [1.0, 1.0, 0.1]
    """
    if position < schedule.warmup:
        return position / schedule.warmup
    standing = Standing(position - schedule.warmup, max(epochs - schedule.warmup, 0), falls)
    return SCHEDULES[schedule.kind](schedule, standing)


def _constant(schedule: ScheduleSettings, at: Standing) -> float:  # noqa: ARG001 - rules are called alike
    return 1.0


def _step(schedule: ScheduleSettings, at: Standing) -> float:
    return schedule.factor ** math.floor(at.done / schedule.every)


def _cosine(schedule: ScheduleSettings, at: Standing) -> float:  # noqa: ARG001 - rules are called alike
    """Half a cosine from 1 to 0 (Loshchilov & Hutter 2017, without restarts)."""
    return 0.5 * (1 + math.cos(math.pi * min(at.done / at.epochs, 1.0))) if at.epochs else 1.0


def _plateau(schedule: ScheduleSettings, at: Standing) -> float:
    return schedule.factor**at.falls


SCHEDULES: dict[str, Rule] = {"constant": _constant, "step": _step, "cosine": _cosine, "plateau": _plateau}
