from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError, WeightsError
from leukoscope.files import sha256
from leukoscope.models.activations import LeakyReLU
from leukoscope.models.building import build_model
from leukoscope.models.joint_building import create_joint, joint_note, networks_of
from leukoscope.models.timm_backbones import create_net
from leukoscope.models.weights import WeightsNote
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BranchSettings, ModelSettings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "test_resnet.safetensors"
    save_file({name: value.contiguous() for name, value in create_net("test_resnet").state_dict().items()}, path)
    return path


def test_each_branch_has_its_own_weights_from_a_folder_a_run_and_its_bundle(tmp_path: Path, file: Path) -> None:
    settings, classes = ModelSettings(backbone="test_resnet", cut="layer1"), Classes(("hem", "all"))
    model, _ = build_model(settings, 1, seed=5)
    card = BundleCard("one", classes, parse_framing([{"resize": 32}]), settings, trained_on={"data": "drawn"})
    save_bundle(tmp_path / "run" / "bundle", model, card)
    branches = {
        "A": BranchSettings(backbone="test_resnet", weights="imagenet"),
        "B": BranchSettings(backbone="test_resnet", cut="layer1", weights=str(tmp_path / "run")),
        "C": BranchSettings(backbone="test_resnet", cut="layer1", weights=str(tmp_path / "run" / "bundle")),
        "D": BranchSettings(backbone="test_resnet", cut="layer1"),
    }
    joint, note = create_joint(branches, file.parent, seed=1)
    for name in ("B", "C"):
        ours, theirs = joint.net[name].state_dict(), model.backbone.net.state_dict()
        assert all(torch.equal(value, theirs[key]) for key, value in ours.items())
    weights = sha256(tmp_path / "run" / "bundle" / "weights.safetensors")
    assert note.source == "A: test_resnet.safetensors; B: bundle one; C: bundle one; D: random"
    assert note.sha256 == f"A: {sha256(file)}; B: {weights}; C: {weights}"
    assert note.caution is not None
    assert note.caution.count("no patient of that training may be in the test part") == 1
    assert repr(note).startswith(
        f"Weights: {note.source} (sha256 A: {sha256(file)[:12]}; B: {weights[:12]}; C: {weights[:12]}), trained on "
        "B: drawn; C: drawn, licence not known. The backbone was trained on drawn;"
    )


def test_each_branch_has_its_own_activation() -> None:
    own, leaky = BranchSettings(backbone="test_resnet"), BranchSettings(backbone="test_resnet", activation="leaky_relu")
    joint, _ = create_joint({"A": own, "B": leaky}, None, seed=0)
    kinds = {name: {type(module) for module in joint.net[name].modules()} for name in ("A", "B")}
    assert torch.nn.ReLU in kinds["A"]
    assert torch.nn.ReLU not in kinds["B"]
    assert LeakyReLU in kinds["B"] - kinds["A"]


def test_random_weights_are_the_seeds() -> None:
    branches = {name: BranchSettings(backbone="test_resnet", cut="layer1") for name in ("A", "B")}
    (first, note), (again, _), (other, _) = (create_joint(branches, None, seed=seed) for seed in (1, 1, 2))
    assert note == WeightsNote("random")
    own = [backbone.net["A"].conv1[0].weight for backbone in (first, again, other)]
    assert torch.equal(own[0], own[1])
    assert not torch.equal(own[0], own[2])
    assert not torch.equal(own[0], first.net["B"].conv1[0].weight)


def test_weights_that_do_not_fit_name_their_branch(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "test_resnet.to_layer1.safetensors")
    branches = {
        "A": BranchSettings(backbone="test_resnet"),
        "B": BranchSettings(backbone="test_resnet", weights=str(tmp_path)),
    }
    with pytest.raises(WeightsError) as caught:
        create_joint(branches, None, seed=0)
    assert str(caught.value) == (
        "Branch B: The weights don't fit this test_resnet: the file reaches only to layer1.\n"
        f"  where: {tmp_path / 'test_resnet.to_layer1.safetensors'}\n"
        "  what to do: Set model.branches.B.cut=layer1, or name other weights."
    )


def test_a_stage_that_is_not_there_names_its_branch() -> None:
    with pytest.raises(SettingsError) as caught:
        create_joint({"A": BranchSettings(backbone="test_resnet", cut="layer9")}, None, seed=0)
    assert str(caught.value) == (
        "Branch A: The network has no stage 'layer9' that it could be cut after.\n"
        "  where: model.branches.A.cut\n"
        "  what to do: Did you mean 'layer4'? Known: layer1, layer2, layer3, layer4."
    )


def test_notes_of_random_branches_are_one() -> None:
    assert joint_note({"A": WeightsNote("random"), "B": WeightsNote("random")}) == WeightsNote("random")


def test_a_model_consists_of_its_branches_or_of_itself() -> None:
    one = ModelSettings(backbone="test_resnet", weights="imagenet")
    branch = BranchSettings(backbone="test_vit", weights="imagenet", normalise="none")
    assert networks_of(one) == {"": one}
    assert networks_of(ModelSettings(backbone="joint", branches={"A": branch})) == {
        "A": ModelSettings(backbone="test_vit", weights="imagenet", normalise="none")
    }
