from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_any, load_recipe, parse_recipe, recipe_names, recipe_text, save_recipe
from leukoscope.recipes.schema import EnsembleRecipe, MemberSettings
from leukoscope.recipes.showing import annotated, settings_table


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_of_the_library_loads_under_its_own_name(name: str) -> None:
    assert load_recipe(name).name == name


@pytest.mark.parametrize("name", recipe_names())
def test_the_head_of_every_recipe_gives_its_command_and_cost(name: str) -> None:
    first, second, *_ = recipe_text(name).splitlines()
    assert first.startswith(f"# leukoscope train {name} ")
    assert "two cores" in second
    assert load_recipe(name).about.cost


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_saved_or_shown_reads_back_as_itself(name: str) -> None:
    recipe = load_recipe(name)
    for text in (save_recipe(recipe), annotated(recipe)):
        assert parse_recipe(yaml.safe_load(text), where="the text") == recipe


def test_changes_by_text_and_by_mapping_do_the_same() -> None:
    by_text = load_recipe("quick", ["stages.1.epochs=2", "model.cut=layer3", "threshold.sensitivity=0.9"])
    by_mapping = load_recipe("quick", {"stages.1.epochs": 2, "model.cut": "layer3", "threshold.sensitivity": 0.9})
    assert by_text == by_mapping
    assert (by_text.stages[1].epochs, by_text.model.cut, by_text.threshold.sensitivity) == (2, "layer3", 0.9)


def of_several(changes: list[str] | dict[str, object], recipe: str = "liu2019-small") -> EnsembleRecipe:
    found = load_any(recipe, changes)
    assert isinstance(found, EnsembleRecipe)
    return found


def test_a_change_of_one_of_several_models_keeps_its_dotted_name() -> None:
    changes = ["members.A.set.stages.0.epochs=1", "members.B.set.balance.bagging.part=0", "members.B.set.patch=[small]"]
    found = of_several([*changes, "joint.set.stages.0.train=all", "joint.set.model.hidden=[8, 8]"])
    assert found.members == {
        "A": MemberSettings(recipe="liu2019-network", set={"patch": "small", "stages.0.epochs": 1}),
        "B": MemberSettings(recipe="liu2019-network", set={"patch": ["small"], "balance.bagging.part": 0}),
    }
    own = {"stages.0.train": "all", "model.hidden": [8, 8]}
    assert found.joint == MemberSettings(recipe="liu2019-joint", set=own)
    assert load_recipe(found.joint.recipe, found.joint.set).stages[0].train == "all"
    by_mapping = of_several({"joint.set.stages.0.train": "all", "joint.set.model.hidden": [8, 8]})
    assert by_mapping.joint == found.joint


def test_the_last_of_a_models_changes_stands() -> None:
    changes = ["joint.set.stages.0.epochs=1", "joint.set.stages=[{epochs: 5, rates: 0.1}]"]
    for last, epochs in (([], 5), (["joint.set.stages.0.epochs=3"], 3)):
        joint = of_several([*changes, *last]).joint
        assert joint is not None
        assert load_recipe(joint.recipe, joint.set).stages[0].epochs == epochs
    whole = of_several([*changes, "joint.set={seed: 3}", "members.A.set={}", "members.A.recipe=drawn"])
    assert whole.joint == MemberSettings(recipe="liu2019-joint", set={"seed": 3})
    assert whole.members["A"] == MemberSettings(recipe="drawn")


def test_a_change_of_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(SettingsError) as caught:
        of_several(["members.C.set.stages.0.epochs=1"])
    assert str(caught.value) == (
        "A setting is wrong:\n  - members.C.recipe: this setting must be given.\n  where: recipe liu2019-small\n"
        "  what to do: leukoscope recipes fields lists every setting."
    )


def test_all_faults_are_listed_together_with_the_nearest_name() -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe("quick", ["model.backbon=resnet18", "stages.0.epochs=0", "seeed=1"])
    message = str(caught.value)
    assert message.startswith("3 settings are wrong:\n")
    assert (
        "  - model.backbon: there is no such setting. Did you mean 'backbone'? Known: activation, backbone," in message
    )
    assert "  - stages.0.epochs: should be greater than or equal to 1; got 0." in message
    assert "  - seeed: there is no such setting. Did you mean 'seed'?" in message
    assert message.endswith("  where: recipe quick\n  what to do: leukoscope recipes fields lists every setting.")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("x", "A change is written name=value; got 'x'.\n  what to do: --set stages.0.epochs=3"),
        ("stages.7.epochs=1", "'7' in 'stages.7.epochs' is no place in a list of 2 (counted from 0)."),
        ("seed.x=1", "'seed' in 'seed.x' is a single value, not a group of settings."),
        ("seed=[", "The value of 'seed' is not YAML: '['."),
    ],
)
def test_a_change_that_cannot_be_made_says_why(change: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe("quick", ["seed=1", change])
    assert str(caught.value) == message


def test_an_unknown_recipe_offers_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe("quik")
    assert str(caught.value).startswith("There is no recipe 'quik'.\n  what to do: Did you mean 'quick'? Known: ")


def test_a_missing_or_broken_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="This recipe cannot be read"):
        load_recipe(tmp_path / "none.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [", encoding="utf-8")
    with pytest.raises(SettingsError, match="This recipe is not YAML"):
        load_recipe(broken)
    broken.write_text("- 1", encoding="utf-8")
    with pytest.raises(SettingsError, match="A recipe is a mapping of settings"):
        load_recipe(broken)


def test_every_setting_has_a_meaning() -> None:
    assert settings_table()["meaning"].str.len_chars().min() > 5


def test_settings_that_only_recipes_of_several_models_have_come_last_and_none_twice() -> None:
    rows = settings_table()["setting"].to_list()
    own = rows[rows.index("members") :]
    assert {name.partition(".")[0] for name in own} == {"members", "joint", "ensemble", "seeing"}
    assert {"members.NAME.recipe", "members.NAME.set", "ensemble.rules", "seeing.cells"} < set(own)
    assert len(rows) == len(set(rows))
