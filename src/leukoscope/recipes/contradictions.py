"""Settings that are each right and cannot stand together."""

from __future__ import annotations

from leukoscope.errors import SettingsError
from leukoscope.recipes.schema import Recipe


def refuse_contradictions(recipe: Recipe, *, where: str) -> None:
    """Refuse a recipe whose settings contradict each other, before anything is computed.

    Args:
        recipe: The recipe, each of its settings checked.
        where: Its origin, for the message.

    Raises:
        SettingsError: the first contradiction: what, where, what to do.
    """
    for broken, what, do in (*_at_once(recipe), *_frozen(recipe)):
        if broken:
            raise SettingsError(what, where=where, do=do)


def _at_once(recipe: Recipe) -> list[tuple[bool, str, str]]:
    if recipe.model.head != "logistic_regression":
        return [
            (
                not recipe.stages,
                "There is no stage of training.",
                "Give stages, or set model.head: logistic_regression.",
            )
        ]
    bag = recipe.bag
    fits = recipe.task == "patients" and bag.frozen and (bag.order, bag.instances) == ("features", "cells")
    settings = "task: patients, bag: {frozen: true, instances: cells, order: features}"
    return [
        (
            not fits,
            "A logistic regression as head is fitted on what is aggregated of frozen features.",
            f"Set {settings}.",
        ),
        (
            bool(recipe.stages),
            "A logistic regression as head is fitted at once: there are no stages.",
            "Set stages: [].",
        ),
    ]


def _frozen(recipe: Recipe) -> list[tuple[bool, str, str]]:
    if not recipe.bag.frozen:
        return []
    once = "Frozen cells are embedded once, so that"
    return [
        (bool(recipe.augmentation), f"{once} random changes have no effect.", "Set augmentation: []."),
        (recipe.test_time.rotations > 1, f"{once} no turned view is looked at.", "Set test_time.rotations: 1."),
    ]
