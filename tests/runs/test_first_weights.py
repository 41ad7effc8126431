from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from leukoscope.errors import WeightsError
from leukoscope.models import weights
from leukoscope.models.timm_backbones import create_net
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import Recipe
from leukoscope.runs.first_weights import as_begun, with_weights_at_hand

INSTEAD = {"framing": [{"resize": 48}], "stages": [{"epochs": 1, "train": "all", "rates": 1e-4}]}


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "can_be_had", lambda _name: False)


def _recipe(instead: dict[str, object] | None = None) -> Recipe:
    changes = {"model.backbone": "test_resnet", "model.cut": None, "model.weights": "imagenet"}
    return load_recipe("drawn", {**changes, "without_weights": instead})


def test_where_the_weights_are_missing_the_recipe_says_what_is_done_instead(tmp_path: Path) -> None:
    found = with_weights_at_hand(_recipe(INSTEAD), tmp_path)
    assert (found.model.weights, found.framing, found.without_weights) == ("none", [{"resize": 48}], None)
    assert [(stage.train, stage.rates) for stage in found.stages] == [("all", 1e-4)]
    assert found.about.caution == (
        "No trained weights of test_resnet were at hand: it learnt from random ones, as the recipe has it for that "
        "case (without_weights). With their file in the folder of --weights it starts from them."
    )


def test_where_they_are_at_hand_nothing_changes(tmp_path: Path) -> None:
    tensors = {name: value.contiguous() for name, value in create_net("test_resnet").state_dict().items()}
    save_file(tensors, tmp_path / "test_resnet.safetensors")
    found = with_weights_at_hand(_recipe(INSTEAD), tmp_path)
    assert found == _recipe().model_copy(update={"without_weights": None})


def test_weights_of_another_network_by_that_name_are_none(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "test_resnet.to_layer1.safetensors")
    assert with_weights_at_hand(_recipe(INSTEAD), tmp_path).model.weights == "none"


def test_a_recipe_that_says_nothing_of_that_case_is_left_to_its_error(tmp_path: Path) -> None:
    assert with_weights_at_hand(_recipe(), tmp_path) == _recipe()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        with_weights_at_hand(_recipe(INSTEAD), tmp_path / "none")
    assert str(caught.value) == (
        f"There is no such folder of weights.\n  where: {tmp_path / 'none'}\n  what to do: Check --weights."
    )


def test_a_run_that_goes_on_stays_as_it_was_begun_whatever_is_at_hand_now(tmp_path: Path) -> None:
    without = with_weights_at_hand(_recipe(INSTEAD), tmp_path)
    assert as_begun(_recipe(INSTEAD), without.model_dump(mode="json")) == without
    tensors = {name: value.contiguous() for name, value in create_net("test_resnet").state_dict().items()}
    save_file(tensors, tmp_path / "test_resnet.safetensors")
    with_them = with_weights_at_hand(_recipe(INSTEAD), tmp_path)
    assert as_begun(_recipe(INSTEAD), with_them.model_dump(mode="json")) == with_them
    assert as_begun(_recipe(INSTEAD), without.model_dump(mode="json")) == without
    assert as_begun(_recipe(), without.model_dump(mode="json")) == _recipe()


def _joint(instead: dict[str, object] | None = None) -> Recipe:
    branches = {
        "A": {"backbone": "test_resnet", "weights": "imagenet"},
        "B": {"backbone": "test_vit", "weights": "imagenet"},
        "C": {"backbone": "test_resnet"},
    }
    changes = {"model.backbone": "joint", "model.cut": None, "model.weights": None, "model.branches": branches}
    return load_recipe("drawn", {**changes, "without_weights": instead})


def test_of_a_joint_model_those_branches_go_without_whose_weights_are_missing(tmp_path: Path) -> None:
    tensors = {name: value.contiguous() for name, value in create_net("test_resnet").state_dict().items()}
    save_file(tensors, tmp_path / "test_resnet.safetensors")
    found = with_weights_at_hand(_joint(INSTEAD), tmp_path)
    weights_of = {name: branch.weights for name, branch in found.model.branches.items()}
    assert weights_of == {"A": "imagenet", "B": "none", "C": None}
    assert found.about.caution is not None
    assert found.about.caution.startswith("No trained weights of test_vit were at hand: it learnt from random ones")
    assert as_begun(_joint(INSTEAD), found.model_dump(mode="json")) == found
    (tmp_path / "test_resnet.safetensors").unlink()
    neither = with_weights_at_hand(_joint(INSTEAD), tmp_path)
    assert [branch.weights for branch in neither.model.branches.values()] == ["none", "none", None]
