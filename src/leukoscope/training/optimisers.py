"""The optimisers by name, their rates during a stage, and their state as plain tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from leukoscope.errors import LeukoscopeError, SettingsError, nearest
from leukoscope.recipes.schema import StageSettings
from leukoscope.training.schedules import rate_factor

Groups = list[dict[str, Any]]

EPSILON = 1e-8
"""Torch's own; Keras's is 1e-7."""


def _sgd(groups: Groups, stage: StageSettings) -> Optimizer:
    return torch.optim.SGD(groups, momentum=stage.momentum, weight_decay=stage.weight_decay)


def _adam(groups: Groups, stage: StageSettings) -> Optimizer:
    return torch.optim.Adam(groups, eps=_epsilon(stage), weight_decay=stage.weight_decay)


def _adamw(groups: Groups, stage: StageSettings) -> Optimizer:
    return torch.optim.AdamW(groups, eps=_epsilon(stage), weight_decay=stage.weight_decay)


def _rmsprop(groups: Groups, stage: StageSettings) -> Optimizer:
    return torch.optim.RMSprop(groups, alpha=stage.momentum, eps=_epsilon(stage), weight_decay=stage.weight_decay)


def _epsilon(stage: StageSettings) -> float:
    return EPSILON if stage.epsilon is None else stage.epsilon


OPTIMISERS: dict[str, Callable[[Groups, StageSettings], Optimizer]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adamw,
    "rmsprop": _rmsprop,
}


def make_optimiser(groups: Groups, stage: StageSettings) -> Optimizer:
    """Return a stage's optimiser.

    Args:
        groups: What ``models.parameter_groups`` returns: parameters with the learning rate ``lr`` of each group.
        stage: The stage's settings. ``momentum`` is SGD's momentum and RMSprop's smoothing; the decay rates of Adam
            and AdamW are 0.9 and 0.999. ``epsilon`` is added to the root of the mean square that Adam, AdamW and
            RMSprop divide by. Keras's RMSprop is ``rates: 1e-3, momentum: 0.9, epsilon: 1e-7``. Weight decay is added
            to the gradient, but in AdamW, which takes it from the weights themselves (Loshchilov & Hutter 2019).

    Raises:
        SettingsError: there is no such optimiser.
    """
    if stage.optimizer not in OPTIMISERS:
        do = nearest(stage.optimizer, OPTIMISERS)
        raise SettingsError(f"There is no optimiser {stage.optimizer!r}.", where="stages: optimizer", do=do)
    optimiser = OPTIMISERS[stage.optimizer](groups, stage)
    for group in optimiser.param_groups:
        group["full_rate"] = group["lr"]
    return optimiser


def set_rates(optimiser: Optimizer, stage: StageSettings, position: float, falls: int = 0) -> None:
    """Set every group's learning rate for a moment of the stage.

    Args:
        optimiser: From ``make_optimiser``.
        stage: The stage's settings.
        position: Epochs of the stage that are done, with the part of the present one.
        falls: How often the rates have fallen before the present epoch (``History.falls``).
    """
    factor = rate_factor(stage.schedule, position, stage.epochs, falls)
    for group in optimiser.param_groups:
        group["lr"] = group["full_rate"] * factor


def optimiser_state(optimiser: Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return an optimiser's state, so that it can be written without pickle.

    Returns:
        Tensors named ``<parameter's place>/<name>`` (copies, contiguous), and the other values under such names
        (numbers or None). Learning rates are not among them: they follow from the stage and the position.
    """
    tensors, others = {}, {}
    for place, values in optimiser.state_dict()["state"].items():
        for name, value in values.items():
            if isinstance(value, Tensor):
                tensors[f"{place}/{name}"] = value.detach().cpu().contiguous().clone()
            else:
                others[f"{place}/{name}"] = value
    return tensors, others


def restore_optimiser(optimiser: Optimizer, tensors: dict[str, Tensor], others: dict[str, Any]) -> None:
    """Give an optimiser the state that ``optimiser_state`` returned.

    Each tensor takes its parameter's layout in memory again, so that a resumed training computes the very same bits.

    Raises:
        LeukoscopeError: the state is of another network or other trained parts.
    """
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for key, value in [*tensors.items(), *others.items()]:
        place, name = key.split("/", 1)
        if int(place) >= len(parameters):
            raise _misfit()
        fitted = _like(parameters[int(place)], value) if isinstance(value, Tensor) else value
        state.setdefault(int(place), {})[name] = fitted
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def _like(parameter: Tensor, value: Tensor) -> Tensor:
    if value.ndim == 0:
        return value
    if value.shape != parameter.shape:
        raise _misfit()
    return torch.empty_like(parameter, dtype=value.dtype).copy_(value)


def _misfit() -> LeukoscopeError:
    return LeukoscopeError(
        "The optimiser's saved state does not fit the network.",
        where="checkpoints/last/optimizer.safetensors",
        do="Start the training anew in another folder.",
    )
