"""Settings of referring and calibrating that cannot stand with the task, or with fewer views."""

from __future__ import annotations

from leukoscope.recipes.schema import Recipe


def refer_rules(recipe: Recipe) -> list[tuple[bool, str, str]]:
    """Return for each rule whether a recipe breaks it, what is wrong, and what to do.

    Args:
        recipe: The recipe, each of its settings checked.
    """
    asked, cells = recipe.refer, recipe.task == "cells"
    changed = asked.accuracy is not None or asked.calibrate != "none"
    return [
        (
            cells and asked.coverage is not None,
            "A coverage (refer.coverage) is promised of patients, and the recipe classifies cells.",
            "Set refer.accuracy instead: the accuracy that is asked of the cells that are called.",
        ),
        (
            not cells and asked.accuracy is not None,
            "An accuracy (refer.accuracy) is asked of cells, and the recipe diagnoses patients.",
            "Set refer.coverage instead: the promised share of patients whose label lies in the band.",
        ),
        (
            cells and changed and recipe.test_time.adaptive,
            "Fewer views (test_time.adaptive: true) keep each call, but not how probable it is, which refer asks for.",
            "Set test_time.adaptive: false, or refer: {accuracy: null, calibrate: none}.",
        ),
    ]
