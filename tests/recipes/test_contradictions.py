from __future__ import annotations

from typing import Any

import pytest

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe, recipe_names


@pytest.mark.parametrize(
    ("recipe", "changes", "message"),
    [
        (
            "quick",
            {"stages": []},
            (
                "There is no stage of training.\n"
                "  where: recipe quick\n"
                "  what to do: Give stages, or set model.head: logistic_regression."
            ),
        ),
        (
            "lyon-fusion",
            {"bag.order": "logits"},
            (
                "A logistic regression as head is fitted on what is aggregated of frozen features.\n"
                "  where: recipe lyon-fusion\n"
                "  what to do: Set task: patients, bag: {frozen: true, instances: cells, order: features}."
            ),
        ),
        (
            "lyon-fusion",
            {"stages": [{"epochs": 3}]},
            (
                "A logistic regression as head is fitted at once: there are no stages.\n"
                "  where: recipe lyon-fusion\n"
                "  what to do: Set stages: []."
            ),
        ),
        (
            "lyon-frozen",
            {"test_time.rotations": 8},
            (
                "Each cell is embedded once, as it lies (bag.frozen: true), and so can't have 8 rotations in scoring.\n"
                "  where: test_time.rotations\n"
                "  what to do: Set test_time.rotations: 1, or let the backbone learn (bag.frozen: false)."
            ),
        ),
        (
            "grisi2021",
            {"test_time.rotations": 8, "test_time.adaptive": True},
            (
                "Views are spared cell by cell (test_time.adaptive: true), and a patient is diagnosed from all cells.\n"
                "  where: recipe grisi2021\n"
                "  what to do: Set test_time.adaptive: false."
            ),
        ),
        (
            "quick",
            {"test_time.adaptive": True},
            (
                "There is one view of a cell, so none can be spared (test_time.adaptive: true).\n"
                "  where: recipe quick\n"
                "  what to do: Set test_time.adaptive: false, or more views: test_time.rotations: 8."
            ),
        ),
    ],
)
def test_what_cannot_stand_together_is_refused(recipe: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe(recipe, changes)
    assert str(caught.value) == message


def test_no_recipe_of_the_library_contradicts_itself() -> None:
    assert all(load_recipe(name).name == name for name in recipe_names())
