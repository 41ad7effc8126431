"""The stages of a training as they are run: parts divided as finely as asked for, gradual unfreezing as many stages."""

from __future__ import annotations

from collections.abc import Iterator

from leukoscope.models.network import Network
from leukoscope.models.part_names import OTHERS, expand, trained_parts
from leukoscope.models.trained_parts import divide_for, parameter_groups
from leukoscope.recipes.schema import Recipe, StageSettings
from leukoscope.training.frozen_backbone import LEARNING, without_backbone


def with_all_stages(recipe: Recipe, model: Network) -> Recipe:
    """Return the recipe with the stages that are run, one after the other.

    The network is divided as finely as any stage asks for. A stage with ``unfreeze: gradually`` becomes several: first
    what stands behind the backbone (head, and a patient's aggregator and facts) alone, as far as the stage trains it,
    then one part more each time, from the last to the first (Howard & Ruder 2018, section 3.3), each with the stage's
    epochs and rates. A fresh head is made for the first of them, and learns on in the others. Asked again, it returns
    what it was given.

    Args:
        recipe: The recipe.
        model: The network; the names of its parts change, no weight does.

    Raises:
        SettingsError: an unknown part, a part without a rate or with two, a rate for what is not trained, or as
            ``frozen_backbone.without_backbone`` says; also of a stage that would run last.
    """
    divide_for(model, recipe.stages)
    recipe = without_backbone(recipe, model)
    for stage in recipe.stages:
        parameter_groups(model, stage)  # a wrong name is said now, not when its stage begins
    return recipe.model_copy(update={"stages": [step for stage in recipe.stages for step in steps_of(stage, model)]})


def trained_in_stages(recipe: Recipe, model: Network) -> list[list[str]]:
    """Return the parts that each stage that is run trains, in order.

    Args:
        recipe: The recipe.
        model: The network, as in ``with_all_stages``.
    """
    known = model.part_names
    return [trained_parts(stage.train, known) for stage in with_all_stages(recipe, model).stages]


def steps_of(stage: StageSettings, model: Network) -> list[StageSettings]:
    """Return the stages that one stage is run as: itself, or its steps where it is unfrozen gradually.

    Args:
        stage: The stage.
        model: The network.
    """
    if stage.unfreeze == "at_once":
        return [stage]
    known = model.part_names
    steps = [_step(stage, parts, known) for parts in _growing(trained_parts(stage.train, known))]
    return steps[:1] + [step.model_copy(update={"fresh_head": False}) for step in steps[1:]]


def _growing(parts: list[str]) -> Iterator[list[str]]:
    before = [part for part in parts if part not in LEARNING]
    if len(before) < len(parts):
        yield parts[len(before) :]
    for place in reversed(range(len(before))):
        yield parts[place:]


def _step(stage: StageSettings, parts: list[str], known: list[str]) -> StageSettings:
    return stage.model_copy(update={"train": parts, "rates": _rates(stage, parts, known), "unfreeze": "at_once"})


def _rates(stage: StageSettings, parts: list[str], known: list[str]) -> float | dict[str, float]:
    """Return the stage's rates without those of parts that are not trained yet."""
    if not isinstance(stage.rates, dict):
        return stage.rates
    return {
        entry: rate
        for entry, rate in stage.rates.items()
        if entry == OTHERS or set(expand(entry, known, "rates")) & set(parts)
    }
