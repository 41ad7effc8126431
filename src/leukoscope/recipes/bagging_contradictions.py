"""Settings of bagging (``balance.bagging``) that cannot stand with others."""

from __future__ import annotations

from leukoscope.recipes.schema import BaggingSettings, Recipe

BAGGING = "bagging_variation"


def bagging_rules(recipe: Recipe) -> list[tuple[bool, str, str]]:
    """Return what may be wrong with a recipe's bagging.

    Args:
        recipe: The recipe, each of its settings checked.

    Returns:
        Whether it is wrong, what, and what to do, for each rule.
    """
    bagging, asked = recipe.balance.bagging, recipe.balance.sampling == BAGGING
    last = bagging.parts - 1
    return [
        (
            not asked and bagging != BaggingSettings(),
            "Parts and copies of a class (balance.bagging): balance.sampling: bagging_variation alone knows these.",
            "Set balance.sampling: bagging_variation, or leave balance.bagging out.",
        ),
        (
            asked and bagging.part > last,
            f"There is no part {bagging.part} of {bagging.parts} (balance.bagging.part): they are counted from 0.",
            f"Set balance.bagging.part to 0 to {last}, or balance.bagging.parts to more.",
        ),
    ]


def random_changes(recipe: Recipe) -> list[str]:
    """Return the names of all random changes that training cells have, those of copies among them, each once."""
    copies = recipe.balance.bagging.copies if recipe.balance.sampling == BAGGING else []
    return list(dict.fromkeys(name for change in [*recipe.augmentation, *copies] for name in change))
