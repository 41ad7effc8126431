"""The recipe of an ensemble's joint model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leukoscope.errors import SettingsError
from leukoscope.files import write_json
from leukoscope.recipes.loading import load_any, load_recipe
from leukoscope.recipes.schema import EnsembleRecipe, Recipe
from leukoscope.runs.ensemble_run import member_recipes
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.joint import as_begun, joint_recipe


def joint_of(folders: dict[str, Path], **changes: Any) -> Recipe:
    recipe = load_any("liu2019-small", changes)
    assert isinstance(recipe, EnsembleRecipe)
    found = joint_recipe(recipe, member_recipes(recipe), {}, folders)
    assert found is not None
    return found


def test_its_branches_begin_as_the_members_ended_and_see_what_they_see(tmp_path: Path) -> None:
    joint = joint_of({"A": tmp_path / "A", "B": tmp_path / "B"})
    assert [(name, branch.backbone) for name, branch in joint.model.branches.items()] == [
        ("A", "mobilenetv2_100"),
        ("B", "mobilenetv2_100"),
    ]
    assert joint.model.branches["B"].weights == str((tmp_path / "B" / "bundle").resolve())
    assert joint.framing == [{"otsu_hull": "published"}, {"resize": 112}]


def test_a_branch_has_the_member_s_activation() -> None:
    recipe = load_any("liu2019-small")
    assert isinstance(recipe, EnsembleRecipe)
    changes = {"model.backbone": "resnet10t", "model.activation": "leaky_relu"}
    members = member_recipes(recipe) | {"B": load_recipe("liu2019-network", changes)}
    members["B"] = members["B"].model_copy(update={"framing": members["A"].framing})
    joint = joint_recipe(recipe, members, {}, {})
    assert joint is not None
    assert [branch.activation for branch in joint.model.branches.values()] == ["own", "leaky_relu"]


@pytest.mark.parametrize("name", ["head", "joint"])
def test_a_name_that_no_branch_can_have_is_refused_before_training(name: str) -> None:
    recipe = load_any("liu2019-small")
    assert isinstance(recipe, EnsembleRecipe)
    own = load_recipe("liu2019-network")
    with pytest.raises(SettingsError, match=f"'{name}'"):
        joint_recipe(recipe, {name: own, "B": own}, {}, {})


@pytest.mark.parametrize("status", ["finished", "failed"])
def test_a_finished_joint_run_keeps_its_paths_when_moved_and_another_is_begun_anew(tmp_path: Path, status: str) -> None:
    then, now = ({name: tmp_path / place / name for name in ("A", "B")} for place in ("then", "now"))
    begun, asked = joint_of(then), joint_of(now)
    place = RunFolder(tmp_path / "joint")
    assert as_begun(asked, place) == asked
    place.path.mkdir()
    write_json(place.record, {"format": 1, "status": status, "asked": begun.model_dump(mode="json")})
    assert as_begun(asked, place) == (begun if status == "finished" else asked)
    assert place.record.is_file() == (status == "finished")
