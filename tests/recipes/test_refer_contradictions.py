from __future__ import annotations

from typing import Any

import pytest

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe

COVERAGE = (
    "A coverage (refer.coverage) is promised of patients, and the recipe classifies cells.\n"
    "  where: recipe quick\n"
    "  what to do: Set refer.accuracy instead: the accuracy that is asked of the cells that are called."
)
ACCURACY = (
    "An accuracy (refer.accuracy) is asked of cells, and the recipe diagnoses patients.\n"
    "  where: recipe drawn-patients\n"
    "  what to do: Set refer.coverage instead: the promised share of patients whose label lies in the band."
)
VIEWS = (
    "Fewer views (test_time.adaptive: true) keep each call, but not how probable it is, which refer asks for.\n"
    "  where: recipe quick\n"
    "  what to do: Set test_time.adaptive: false, or refer: {accuracy: null, calibrate: none}."
)


@pytest.mark.parametrize(
    ("recipe", "changes", "said"),
    [
        ("quick", {"refer.coverage": 0.9}, COVERAGE),
        ("drawn-patients", {"refer.accuracy": 0.9}, ACCURACY),
        ("quick", {"test_time.rotations": 8, "test_time.adaptive": True}, VIEWS),
    ],
)
def test_what_cannot_stand_together_is_refused(recipe: str, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe(recipe, changes)
    assert str(caught.value) == said


def test_what_can_stand_together_is_taken() -> None:
    spared = {"test_time.rotations": 8, "test_time.adaptive": True, "refer": {"accuracy": None, "calibrate": "none"}}
    assert load_recipe("quick", spared).test_time.adaptive
    assert load_recipe("drawn-patients", {"refer.calibrate": "temperature"}).refer.calibrate == "temperature"


def test_our_own_recipes_calibrate_and_refer_and_those_of_papers_do_not() -> None:
    for name in ("quick", "cnmc-best", "pbc-quick"):
        assert load_recipe(name).refer.accuracy == 0.95
        assert load_recipe(name).refer.calibrate in {"platt", "temperature"}
    for name in ("prellberg2019", "liu2019-network", "baldi2021-vgg16", "matek2019", "kukielka2021-pbc", "drawn"):
        assert load_recipe(name).refer.model_dump() == {"coverage": None, "accuracy": None, "calibrate": "none"}
