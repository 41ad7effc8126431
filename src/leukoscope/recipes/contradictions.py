"""Settings that are each right and cannot stand together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leukoscope.errors import SettingsError
from leukoscope.recipes.bagging_contradictions import bagging_rules, random_changes
from leukoscope.recipes.fitted_contradictions import CURVED, fitted_rules, head_words, no_network_rules
from leukoscope.recipes.joint_contradictions import JOINT, joint_rules
from leukoscope.recipes.none import NONE
from leukoscope.recipes.rare_contradictions import rare_rules
from leukoscope.recipes.refer_contradictions import refer_rules
from leukoscope.recipes.schema import FITTED_HEADS, Recipe, TestTimeSettings

NOT_BLACK = ("contrast", "noise")
"""Random changes after which a black background is no longer pure black."""
COUNTED = ("subsample_and_augment", "to_number")
"""Ways of sampling that are told how many cells of each class there are to be."""


def refuse_contradictions(recipe: Recipe, *, where: str) -> None:
    """Refuse a recipe whose settings contradict each other, before anything is computed.

    Args:
        recipe: The recipe, each of its settings checked.
        where: Its origin, for the message.

    Raises:
        SettingsError: the first contradiction: what, where, what to do.
    """
    rules = (
        fitted_rules,
        no_network_rules,
        _at_once,
        _cells_at_once,
        _start_from,
        _epsilon,
        _sampling,
        rare_rules,
        bagging_rules,
        _dense,
        _pooling,
        _flatten,
        _adaptive,
        refer_rules,
        joint_rules,
    )
    for broken, what, do in [rule for rules_of in rules for rule in rules_of(recipe)]:
        if broken:
            raise SettingsError(what, where=where, do=do)
    refuse_frozen(recipe)


def refuse_frozen(recipe: Recipe) -> None:
    """Refuse a recipe whose cells are to be embedded once and yet to look otherwise each time.

    Raises:
        SettingsError: ``bag.frozen`` stands with random augmentation, or with several views in scoring.
    """
    if recipe.task == "patients" and recipe.bag.frozen:
        refuse_changes(recipe.augmentation, recipe.test_time)


def refuse_changes(augmentation: Sequence[dict[str, Any]], test_time: TestTimeSettings) -> None:
    """Refuse changes of pictures where cells are embedded once.

    Args:
        augmentation: The recipe's random changes, one mapping each.
        test_time: The views of a cell in scoring.

    Raises:
        SettingsError: there are changes, or more views than one.
    """
    wrong = []
    if augmentation:
        names = ", ".join(name for change in augmentation for name in change)
        wrong.append(("augmentation", f"random changes ({names})", "augmentation: []"))
    if test_time.rotations > 1:
        wrong.append(("test_time.rotations", f"{test_time.rotations} rotations in scoring", "test_time.rotations: 1"))
    if test_time.flips != "none":
        wrong.append(("test_time.flips", "mirrored views in scoring", "test_time.flips: none"))
    if test_time.crops != "none":
        wrong.append(("test_time.crops", "crops in scoring", "test_time.crops: none"))
    if wrong:
        wheres, whats, ways = zip(*wrong, strict=True)
        raise SettingsError(
            f"Each cell is embedded once, as it lies (bag.frozen: true), and so can't have {' or '.join(whats)}.",
            where=", ".join(wheres),
            do=f"Set {' and '.join(ways)}, or let the backbone learn (bag.frozen: false).",
        )


def _at_once(recipe: Recipe) -> list[tuple[bool, str, str]]:
    if not recipe.model.fitted_at_once:
        return [
            (
                not recipe.stages,
                "There is no stage of training.",
                "Give stages, or set model.head: logistic_regression.",
            )
        ]
    bag, fusion = recipe.bag, recipe.facts.fusion
    fits = recipe.task == "cells" or (bag.frozen and (bag.order, bag.instances) == ("features", "cells"))
    settings = "task: patients, bag: {frozen: true, instances: cells, order: features}"
    return [
        (
            not fits,
            f"{head_words(recipe)} as head is fitted on what is aggregated of frozen features.",
            f"Set {settings}.",
        ),
        (
            fusion not in {"none", "late"},
            f"{head_words(recipe)} as head is fitted before any fusion, so {fusion!r} can't be trained with it.",
            "Set facts.fusion: late, or none.",
        ),
        (
            bool(recipe.stages),
            f"{head_words(recipe)} as head is fitted at once: there are no stages.",
            "Set stages: [].",
        ),
        (
            recipe.model.dropout > 0,
            f"{head_words(recipe)} as head is fitted at once, without dropout.",
            "Set model.dropout: 0; the strength of the penalty is chosen by itself.",
        ),
    ]


def _cells_at_once(recipe: Recipe) -> list[tuple[bool, str, str]]:
    at_once = recipe.task == "cells" and recipe.model.fitted_at_once
    views, changes = recipe.test_time, [name for change in recipe.augmentation for name in change]
    return [
        (
            at_once and bool(changes),
            f"{head_words(recipe)} as head learns from cells as they lie, without changes ({', '.join(changes)}).",
            "Set augmentation: []."
            if recipe.model.head in CURVED
            else "Set augmentation: [], and average views instead: test_time.rotations, test_time.flips.",
        ),
        (
            at_once and views.mean == "probabilities",
            f"{head_words(recipe)} as head sees one view of a cell: there are no probabilities to take the mean of."
            if recipe.model.head in CURVED
            else f"{head_words(recipe)} as head learns from the mean of a cell's views, which is that of their logits.",
            "Set test_time.mean: logits.",
        ),
        (
            at_once and views.adaptive,
            f"{head_words(recipe)} as head learns from the validation part too: no rule for views can be fixed there.",
            "Set test_time.adaptive: false.",
        ),
        (
            recipe.balance.patients == "equal" and not at_once,
            "Patients weigh the same (balance.patients: equal) only in a head that is fitted to cells at once.",
            f"Set balance.patients: by_cells, or task: cells and model.head to one of {', '.join(FITTED_HEADS)}.",
        ),
    ]


def _start_from(recipe: Recipe) -> list[tuple[bool, str, str]]:
    backbone = recipe.model.backbone
    return [
        (
            recipe.start_from is not None and backbone in (JOINT, NONE),
            f"A network starts from one other network (start_from); model.backbone: {backbone} is not one.",
            "Leave start_from out, or name the weights of each branch (model.branches.A.weights)."
            if backbone == JOINT
            else "Leave start_from out.",
        )
    ]


def _epsilon(recipe: Recipe) -> list[tuple[bool, str, str]]:
    return [
        (
            stage.epsilon is not None and stage.optimizer == "sgd",
            f"Nothing is divided in sgd, so it has no epsilon (stages.{place}.epsilon: {stage.epsilon:g}).",
            f"Leave stages.{place}.epsilon out, or set stages.{place}.optimizer: rmsprop.",
        )
        for place, stage in enumerate(recipe.stages)
        if stage.epsilon is not None
    ]


def _sampling(recipe: Recipe) -> list[tuple[bool, str, str]]:
    balance = recipe.balance
    asked = balance.sampling != "none"
    return [
        (
            asked and recipe.task == "patients",
            f"Cells are sampled by their own class (balance.sampling: {balance.sampling}), and patients are learnt.",
            "Set balance.sampling: none, and balance.loss_weights: balanced to weigh classes of patients alike.",
        ),
        (
            asked and recipe.model.fitted_at_once,
            f"{head_words(recipe)} as head is fitted to all cells, once each (balance.sampling: {balance.sampling}).",
            "Set balance.sampling: none, and balance.loss_weights: balanced to weigh classes alike.",
        ),
        (
            balance.cells_per_class is not None and balance.sampling not in COUNTED,
            f"So many cells of each class (balance.cells_per_class): {' and '.join(COUNTED)} alone know that.",
            "Set balance.sampling: to_number, or leave balance.cells_per_class out.",
        ),
        (
            balance.cells_per_class is None and balance.sampling == "to_number",
            "Each class is to be seen a number of times (balance.sampling: to_number), and the number is missing.",
            "Set balance.cells_per_class: 3000.",
        ),
    ]


def _pooling(recipe: Recipe) -> list[tuple[bool, str, str]]:
    model, of_pixels = recipe.model, recipe.task == "patients" and recipe.bag.instances == "pixels"
    lighting = [name for name in random_changes(recipe) if name in NOT_BLACK]
    stages = model.pool_stages or []
    return [
        (
            model.pool != "cell" and (model.pool_stages is not None or model.pool_rim > 0),
            "model.pool_stages and model.pool_rim are of pooling over the cell, which was not asked for.",
            "Set model.pool: cell.",
        ),
        (
            model.pool == "cell" and of_pixels,
            "Means and deviations over the cell (model.pool: cell) are of a whole cell, and the instances are pixels.",
            "Set bag.instances: cells, or model.pool: average.",
        ),
        (
            model.pool == "cell" and bool(lighting),
            (
                "Pooling over the cell (model.pool: cell) knows the background by its pure black, which "
                f"{', '.join(lighting)} would light up in training and not in scoring."
            ),
            f"Leave {' and '.join(lighting)} out of augmentation, or set model.pool: average.",
        ),
        (
            model.pool == "cell" and any("clahe" in step for step in recipe.framing),
            "Pooling over the cell (model.pool: cell) knows the background by its pure black, which clahe lights up.",
            "Leave clahe out of framing, or set model.pool: average.",
        ),
        (
            len(set(stages)) < len(stages),
            "A stage that is pooled over the cell stands twice (model.pool_stages).",
            "Name each stage once.",
        ),
    ]


def _flatten(recipe: Recipe) -> list[tuple[bool, str, str]]:
    flat, of_pixels = recipe.model.pool == "flatten", recipe.task == "patients" and recipe.bag.instances == "pixels"
    return [
        (
            flat and of_pixels,
            "All pixels of a map in one (model.pool: flatten) are of a whole cell, and the instances are pixels.",
            "Set bag.instances: cells, or model.pool: average.",
        ),
        (
            flat and recipe.model.crop is None and recipe.test_time.crops != "none",
            "All pixels of a map count (model.pool: flatten), and crops in scoring are smaller pictures.",
            "Set test_time.crops: none, or model.pool: average.",
        ),
    ]


def _dense(recipe: Recipe) -> list[tuple[bool, str, str]]:
    model = recipe.model
    dense = model.head == "dense"
    return [
        (
            dense and not model.hidden,
            "A dense head needs the widths of its layers.",
            "Set model.hidden: [256], or model.head: linear.",
        ),
        (
            not dense and bool(model.hidden),
            f"Dense layers (model.hidden: {model.hidden}) are of a dense head, and the head is {model.head}.",
            "Set model.head: dense, or leave model.hidden out.",
        ),
        (
            not dense and model.hidden_dropout > 0,
            f"Dropout behind dense layers (model.hidden_dropout) is of a dense head, and the head is {model.head}.",
            "Set model.head: dense, or leave model.hidden_dropout out.",
        ),
    ]


def _adaptive(recipe: Recipe) -> list[tuple[bool, str, str]]:
    asked = recipe.test_time
    one_view = asked.rotations == 1 and asked.flips == asked.crops == "none"
    return [
        (
            asked.adaptive and recipe.task == "patients",
            "Views are spared cell by cell (test_time.adaptive: true), and a patient is diagnosed from all cells.",
            "Set test_time.adaptive: false.",
        ),
        (
            asked.adaptive and one_view,
            "There is one view of a cell, so none can be spared (test_time.adaptive: true).",
            "Set test_time.adaptive: false, or more views: test_time.rotations: 8.",
        ),
    ]
