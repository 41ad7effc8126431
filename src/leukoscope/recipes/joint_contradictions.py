"""Settings that cannot stand together where there are several networks, or none."""

from __future__ import annotations

from leukoscope.recipes.none import NONE
from leukoscope.recipes.schema import ModelSettings, Recipe, StageSettings

JOINT = "joint"
"""``model.backbone`` of several networks side by side."""
WITHOUT = (JOINT, NONE)
"""Values of ``model.backbone`` that no branch can have."""
LEAST = 2
"""Branches that can be compared with each other."""

Rule = tuple[bool, str, str]


def joint_rules(recipe: Recipe) -> list[Rule]:
    """Return what would contradict itself in a recipe's branches, activation, feature normalisation and synergic loss.

    Returns:
        Whether it does, what is wrong, and what to do, one triple a rule.
    """
    model = recipe.model
    return [
        *_branches(model),
        *_of_each_branch(recipe),
        *_activation(model),
        *_feature_norm(recipe),
        *_synergic(recipe),
    ]


def _branches(model: ModelSettings) -> list[Rule]:
    joint = model.backbone == JOINT
    return [
        (
            joint and not model.branches,
            "A joint model (model.backbone: joint) has no branches.",
            "Set model.branches: {A: {backbone: resnet18, weights: imagenet}, B: {backbone: mobilenetv2_100}}.",
        ),
        (
            bool(model.branches) and not joint,
            f"Branches (model.branches) are of a joint model, and the backbone is {model.backbone}.",
            "Set model.backbone: joint, or leave model.branches out.",
        ),
        (
            any(branch.backbone in WITHOUT for branch in model.branches.values()),
            f"A branch is a network by itself, and no {' or '.join(WITHOUT)} (model.branches: backbone).",
            "Name a network: resnet18, mobilenetv2_100.",
        ),
    ]


def _of_each_branch(recipe: Recipe) -> list[Rule]:
    model = recipe.model
    joint, of_pixels = model.backbone == JOINT, recipe.task == "patients" and recipe.bag.instances == "pixels"
    own = {
        "weights": model.weights is not None,
        "cut": model.cut is not None,
        "normalise": model.normalise != "weights",
        "stride_in_first": model.stride_in_first,
        "activation": model.activation != "own",
    }
    given = [name for name, set_here in own.items() if set_here]
    return [
        (
            joint and bool(given),
            f"What stands at model.{', model.'.join(given)} is said of each network of a joint model by itself.",
            f"Set it there: model.branches: {{A: {{{', '.join(f'{name}: ...' for name in given)}}}}}.",
        ),
        (
            joint and model.pool != "average",
            f"Networks side by side have no maps in common that could be pooled otherwise (model.pool: {model.pool}).",
            "Set model.pool: average, or take one network.",
        ),
        (
            joint and model.measures not in (False, []),
            "Named measures (model.measures) stand beside one network's features, and this model is joint.",
            "Set model.measures: false, or take one network.",
        ),
        (
            joint and of_pixels,
            "Networks side by side have no maps in common, and the instances are pixels (bag.instances: pixels).",
            "Set bag.instances: cells, or take one network.",
        ),
    ]


def _activation(model: ModelSettings) -> list[Rule]:
    return [
        (
            model.backbone == NONE and model.activation != "own",
            f"There is no network (model.backbone: none) whose activation could be another: {model.activation}.",
            "Leave model.activation out.",
        )
    ]


def _feature_norm(recipe: Recipe) -> list[Rule]:
    model, stages = recipe.model, recipe.stages
    asked = model.feature_norm
    return [
        (
            asked and model.head != "dense",
            f"Features are normalised before a dense head (model.feature_norm), and the head is {model.head}.",
            "Set model.head: dense, or model.feature_norm: false.",
        ),
        (
            asked and bool(stages) and all(_keeps_statistics(recipe, stage) for stage in stages),
            "Features are normalised by their batch (model.feature_norm), and all stages keep statistics (batch_norm).",
            "Set batch_norm: train in a stage that trains the head, or model.feature_norm: false.",
        ),
        (
            asked and any(stage.batch == 1 for stage in stages),
            "Features are normalised by their batch (model.feature_norm), and one cell makes no statistics.",
            "Set stages: batch to 2 or more, or model.feature_norm: false.",
        ),
    ]


def _keeps_statistics(recipe: Recipe, stage: StageSettings) -> bool:
    """Return whether a stage's batch norms keep their statistics; those of patients do so by themselves."""
    return (stage.batch_norm or ("frozen" if recipe.task == "patients" else "train")) != "train"


def _synergic(recipe: Recipe) -> list[Rule]:
    asked, model = recipe.loss.synergic > 0, recipe.model
    return [
        (
            asked and (model.backbone != JOINT or len(model.branches) < LEAST),
            "The synergic loss (loss.synergic) compares what two branches see, and there are no two.",
            "Set model.backbone: joint with two branches or more, or loss.synergic: 0.",
        ),
        (
            asked and recipe.task == "patients",
            "The synergic loss (loss.synergic) asks whether two cells are of one class, and patients are learnt.",
            "Set loss.synergic: 0, or task: cells.",
        ),
        (
            asked and model.fitted_at_once,
            f"The synergic loss (loss.synergic) is learnt in steps, and the head is fitted at once ({model.head}).",
            "Set loss.synergic: 0, or model.head: dense.",
        ),
    ]
