from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import (
    ensemble_names,
    load_any,
    load_recipe,
    patch_names,
    recipe_names,
    recipe_text,
)
from leukoscope.recipes.patches import merged
from leukoscope.recipes.schema import EnsembleRecipe
from leukoscope.recipes.showing import annotated

OWN = """
base: drawn
name: own
patches:
  small: {framing: [{resize: 32}], drawn: {patients: 12}}
  mirrored: {augmentation: [{flip: 0.5}]}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_a_patch_is_laid_over_the_recipe_and_leaves_the_rest(own: Path) -> None:
    plain, small = load_recipe(own), load_recipe(own, ["patch=small"])
    assert (plain.framing, small.framing) == ([{"resize": 64}], [{"resize": 32}])
    assert small.drawn is not None
    assert (small.drawn.patients, small.drawn.cells) == (12, 40)
    assert small.augmentation == plain.augmentation


def test_several_patches_are_laid_in_order_and_changes_come_last(own: Path) -> None:
    both = load_recipe(own, ["drawn.patients=20", "patch=[small, mirrored]"])
    assert both.drawn is not None
    assert (both.framing, both.augmentation, both.drawn.patients) == ([{"resize": 32}], [{"flip": 0.5}], 20)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (
            "own",
            (
                "This recipe has no patch 'smal'.\n  where: {own}\n"
                "  what to do: Did you mean 'small'? Known: mirrored, small."
            ),
        ),
        ("drawn", "This recipe has no patch 'smal'.\n  where: recipe drawn\n  what to do: Leave --set patch=... out."),
    ],
)
def test_an_unknown_patch_is_refused(own: Path, recipe: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe(own if recipe == "own" else recipe, ["patch=smal"])
    assert str(caught.value) == message.format(own=own)


def test_a_mapping_that_is_one_value_is_replaced_and_not_merged() -> None:
    below = {"stages": 1, "ensemble": {"rules": {"average": {}}, "x": 1}}
    assert merged(below, {"ensemble": {"rules": {"greedy": {}}}})["ensemble"] == {"rules": {"greedy": {}}, "x": 1}


def test_recipes_of_one_model_and_of_several_are_listed_apart() -> None:
    assert "baldi2021-ensemble" in ensemble_names()
    assert not set(ensemble_names()) & set(recipe_names())


@pytest.mark.parametrize("name", ensemble_names())
def test_every_recipe_of_several_models_loads_with_its_members_and_says_its_cost(name: str) -> None:
    found = load_any(name)
    assert isinstance(found, EnsembleRecipe)
    assert found.name == name
    first, second, *_ = recipe_text(name).splitlines()
    assert first.startswith(f"# leukoscope train {name} ")
    assert "two cores" in second
    for member in found.members.values():
        assert load_recipe(member.recipe, member.set).task == "cells"
    assert "members:" in annotated(found)


def test_a_recipe_of_several_models_is_refused_where_one_is_wanted() -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe("baldi2021-ensemble")
    assert str(caught.value) == (
        "'baldi2021-ensemble' is a recipe of several models, which cannot be used here.\n"
        "  what to do: leukoscope train baldi2021-ensemble trains them all; or name one of its members."
    )


def test_the_names_of_patches_are_those_of_the_recipe_and_of_its_base(own: Path, tmp_path: Path) -> None:
    above = tmp_path / "above.yaml"
    above.write_text(f"base: {own}\npatches: {{tiny: {{seed: 1}}}}\n", encoding="utf-8")
    assert patch_names("drawn") == []
    assert patch_names(own) == ["small", "mirrored"]
    assert patch_names(above) == ["small", "mirrored", "tiny"]


def test_each_member_is_shown_by_its_name_and_reads_back_the_same() -> None:
    found = load_any("baldi2021-ensemble", ["patch=small"])
    shown = annotated(found)
    assert "\n  vgg16-cut:\n    recipe: baldi2021-vgg16-cut " in shown
    assert EnsembleRecipe.model_validate(yaml.safe_load(shown)) == found
