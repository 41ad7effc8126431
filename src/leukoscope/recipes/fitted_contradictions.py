"""What cannot stand with a head that is fitted at once, or where there is no network."""

from __future__ import annotations

from leukoscope.recipes.none import NONE
from leukoscope.recipes.schema import FITTED_HEADS, Recipe

HEAD_WORDS = {
    "logistic_regression": "A logistic regression",
    "svm": "A support vector machine",
    "forest": "A forest",
    "mlp": "A small network",
    "prototypes": "A table of prototypes",
}
"""What the heads that are fitted at once are called at the beginning of a sentence."""
CURVED = ("svm", "forest", "mlp", "prototypes")
"""Those of them that are no linear map."""
CURVED_WORDS = "svm, forest, mlp or prototypes"

Rules = list[tuple[bool, str, str]]


def head_words(recipe: Recipe) -> str:
    """Return what a recipe's head is called at the beginning of a sentence, as far as it is fitted at once."""
    return HEAD_WORDS.get(recipe.model.head, HEAD_WORDS["logistic_regression"])


def fitted_rules(recipe: Recipe) -> Rules:
    """Return what contradicts a head of support vectors, trees or dense layers that is fitted at once.

    Args:
        recipe: The recipe.

    Returns:
        For each rule whether it is broken, what is wrong, and what to do.
    """
    model, views, named = recipe.model, recipe.test_time, head_words(recipe)
    curved = model.head in CURVED
    several = views.rotations > 1 or views.flips != "none" or views.crops != "none"
    return [
        (
            curved and recipe.task == "patients",
            f"{named} as head is fitted to single cells, and patients are learnt.",
            "Set model.head: logistic_regression, or task: cells.",
        ),
        (
            curved and several,
            f"{named} as head is no line: what it says of a mean of views is not the mean of what it says of each.",
            "Set one view (test_time.rotations: 1, flips: none, crops: none), or model.head: logistic_regression.",
        ),
        (
            model.pca is not None and not curved,
            f"Principal components (model.pca: {model.pca}) are of {CURVED_WORDS}, and the head is {model.head}.",
            f"Set model.head to one of {', '.join(CURVED)}, or leave model.pca out.",
        ),
    ]


def no_network_rules(recipe: Recipe) -> Rules:
    """Return what contradicts ``model.backbone: none``; as ``fitted_rules``."""
    model = recipe.model
    if model.backbone != NONE:
        return []
    whats = {
        "weights": model.weights not in (None, NONE),
        "cut": model.cut is not None,
        "stride_in_first": model.stride_in_first,
        "pool": model.pool != "average",
        "crop": model.crop is not None,
        "pca": model.pca is not None,
    }
    idle = [f"model.{name}" for name, asked in whats.items() if asked]
    return [
        (
            not model.measures,
            "There is no network (model.backbone: none), and no measures in its place.",
            "Set model.measures: handcrafted.",
        ),
        (
            not model.fitted_at_once,
            f"Measures without a network are fitted at once, and the head is {model.head}.",
            f"Set model.head to one of {', '.join(FITTED_HEADS)}, and stages: [].",
        ),
        (
            bool(idle),
            f"There is no network (model.backbone: none) that this could be of: {', '.join(idle)}.",
            f"Leave {' and '.join(idle)} out.",
        ),
    ]
