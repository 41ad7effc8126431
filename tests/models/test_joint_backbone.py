from __future__ import annotations

import copy

import pytest
import torch

from leukoscope.errors import SettingsError
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.describing import network_table
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.models.trained_parts import divide_for, parameter_groups, set_trained
from leukoscope.models.weights import UNCHANGED, Normalisation
from leukoscope.recipes.schema import BranchSettings, ModelSettings, StageSettings
from leukoscope.training.cell_features import features_key

A = BranchSettings(backbone="test_resnet", cut="layer2")
B = BranchSettings(backbone="test_vit", normalise="none")
HEAD = {"head": "dense", "hidden": [8, 8], "hidden_dropout": 0.6, "feature_norm": True}
NO_MAPS = (
    "Several networks side by side have no feature maps in common.\n"
    "  where: model.backbone\n"
    "  what to do: Take one instance a cell (bag.instances: cells) and the usual pooling (model.pool: average), or one "
    "of the networks alone."
)


def joint(seed: int = 0, outputs: int = 1, **branches: BranchSettings) -> CellModel:
    settings = ModelSettings(backbone="joint", branches=branches or {"A": A, "B": B}, **HEAD)
    return build_model(settings, outputs, seed=seed)[0]


def pixels(number: int = 2) -> torch.Tensor:
    return torch.rand(number, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_features_are_each_branchs_own_one_behind_the_other_and_normalised_for_each() -> None:
    model = joint().eval()
    first, second = model.backbone.branches["A"], model.backbone.branches["B"]
    mean, std = (torch.tensor(first.config[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    given = pixels()
    with torch.inference_mode():
        expected = torch.cat([first.embed((given - mean) / std), second.embed(given)], dim=1)
        found = model.embed(given)
    assert torch.equal(found, expected)
    assert model.embedded == 48 + 64
    parts = model.backbone.of_branches(found)
    assert {name: part.shape[1] for name, part in parts.items()} == {"A": 48, "B": 64}
    assert torch.equal(torch.cat(list(parts.values()), dim=1), found)


def test_normalising_all_features_is_normalising_those_of_each_branch() -> None:
    model = joint()
    features = torch.randn(6, 112, generator=torch.Generator().manual_seed(2)) * 3 + 1
    together = model.head.get_submodule("norm")(features)
    apart = [torch.nn.BatchNorm1d(part.shape[1])(part) for part in model.backbone.of_branches(features).values()]
    torch.testing.assert_close(together, torch.cat(apart, dim=1))


@pytest.mark.parametrize("number", [1, 2, 4])
def test_there_may_be_any_number_of_branches(number: int) -> None:
    model = joint(outputs=3, **{f"net{place}": A for place in range(number)})
    assert model.embedded == 48 * number
    assert model(pixels()).shape == (2, 3)
    assert sum(len(values) for values in model.parts().values()) == len(list(model.parameters()))


def test_parts_are_named_after_their_branch_and_each_parameter_is_in_one() -> None:
    model = joint()
    blocks = [f"B.blocks.{place}" for place in range(6)]
    assert model.part_names == ["A.stem", "A.layer1", "A.layer2", "B.stem", *blocks, "B.neck", "head"]
    inside = [id(value) for values in model.parts().values() for value in values]
    assert sorted(inside) == sorted(map(id, model.parameters()))
    own = dict(model.backbone.net.named_parameters())
    assert id(own["B.cls_token"]) in {id(value) for value in model.parts()["B.stem"]}


def test_what_is_trained_can_be_named_branch_by_branch() -> None:
    model = joint()
    assert set_trained(model, "head") == ["head"]
    assert not any(value.requires_grad for value in model.backbone.parameters())
    assert set_trained(model, ["A.layer2", "B.blocks.5", "head"]) == ["A.layer2", "B.blocks.5", "head"]
    assert set_trained(model, ["B", "head"])[0] == "B.stem"
    model.train()
    assert not model.backbone.net["A"].layer1.training
    assert model.head.training
    assert set_trained(model, "all") == model.part_names


def test_rates_are_by_part_or_branch() -> None:
    stage = StageSettings.model_validate(
        {"epochs": 1, "train": ["A", "B.blocks.5", "head"], "rates": {"A": 1e-5, "B": 1e-4, "head": 1e-3}}
    )
    groups = parameter_groups(joint(), stage)
    assert {group["name"]: group["lr"] for group in groups} == {
        "A.stem": 1e-5,
        "A.layer1": 1e-5,
        "A.layer2": 1e-5,
        "B.blocks.5": 1e-4,
        "head": 1e-3,
    }


def test_stages_of_a_branch_are_divided_into_blocks_where_a_stage_names_them() -> None:
    model = joint(C=BranchSettings(backbone="test_resnet"), D=BranchSettings(backbone="densenet121", cut="denseblock1"))
    stage = StageSettings(epochs=1, train=["C.layer4.0", "D.denseblock1.denselayer6", "head"])
    divide_for(model, [stage])
    assert "C.layer4.0" in model.part_names
    assert [part for part in model.part_names if part.startswith("D.denseblock1")] == [
        f"D.denseblock1.denselayer{place}" for place in range(1, 7)
    ]
    assert set_trained(model, ["C.layer4", "head"]) == ["C.layer4.0", "head"]


def test_the_table_of_the_network_counts_everything_once() -> None:
    model = joint()
    table = network_table(model, (32, 32))
    assert table["parameters"].sum() == sum(value.numel() for value in model.parameters())
    rows = dict(zip(table["layer"], table["part"], strict=True))
    assert rows["B.cls_token"] == "B.stem"
    assert rows["head.norm"] == "head"
    assert "A.layer3.0" not in rows


def test_each_branch_counts_in_the_key_of_its_features() -> None:
    settings = {"A": A, "C": BranchSettings(backbone="test_resnet", cut="layer1")}
    first = joint(**settings)
    again, other_seed = joint(**settings), joint(seed=1, **settings)
    turned = joint(**dict(reversed(settings.items())))
    plain = joint(**(settings | {"C": settings["C"].model_copy(update={"normalise": "none"})}))
    assert features_key(first) == features_key(again)
    assert len({features_key(model) for model in (first, other_seed, turned, plain)}) == 4


def test_a_branch_begins_alike_whatever_stands_beside_it() -> None:
    alone, beside = joint(A=A), joint(B=B, A=A)
    ours, theirs = (model.backbone.net["A"].state_dict() for model in (alone, beside))
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_a_copy_is_whole_and_apart() -> None:
    model = joint().eval()
    other = copy.deepcopy(model)
    with torch.no_grad():
        for value in other.backbone.parameters():
            value.zero_()
        given = pixels()
        assert not torch.equal(model.embed(given), other.embed(given))
        assert other.backbone.branches["A"].net is other.backbone.net["A"]


def test_both_memory_formats_say_the_same() -> None:
    model, given = joint().eval(), pixels()
    with torch.inference_mode():
        expected = model(given)
        found = model.to(memory_format=torch.channels_last)(given.contiguous(memory_format=torch.channels_last))  # type: ignore[call-overload]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_there_are_no_maps() -> None:
    model = joint()
    asked = [
        lambda: model.features(pixels()),
        lambda: model.backbone.stage_maps(pixels(), ["A.layer1"]),
        lambda: model.backbone.stage_channels(["A.layer1"]),
        lambda: model.backbone.map_shape((32, 32)),
        lambda: model.backbone.kept,
    ]
    for ask in asked:
        with pytest.raises(SettingsError) as caught:
            ask()
        assert str(caught.value) == NO_MAPS


def test_it_says_what_it_is() -> None:
    count = sum(value.numel() for value in joint().parameters())
    assert repr(joint()).startswith(
        f"CellModel: joint (A: test_resnet up to layer2, B: test_vit), {count:,} parameters"
    )


@pytest.mark.parametrize("name", ["head", "stem", "all", "others", "a.b", "", "train", "keys"])
def test_a_branch_needs_a_name_that_parts_can_begin_with(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        JointBackbone({name: create_backbone("test_resnet")}, {name: UNCHANGED})
    assert str(caught.value) == (
        f"A branch can't be named {name!r}.\n"
        "  where: model.branches\n"
        "  what to do: Take a short name without dots, such as A; not head, stem, neck, others, all, nor a word of "
        "PyTorch's own."
    )


def test_without_branches_there_is_no_joint_model() -> None:
    with pytest.raises(SettingsError) as caught:
        JointBackbone({}, {})
    assert str(caught.value) == (
        "A joint model has no branches.\n"
        "  where: model.branches\n"
        "  what to do: Name its networks: {A: {backbone: resnet18, weights: imagenet}, B: {backbone: "
        "mobilenetv2_100}}."
    )


def test_what_each_branch_does_to_the_pixels_is_stated() -> None:
    own = Normalisation((0.5, 0.25, 0.125), (1.0, 2.0, 4.0))
    branches = {name: create_backbone("test_resnet", cut="layer1") for name in ("A", "B")}
    backbone = JointBackbone(branches, {"A": UNCHANGED, "B": own})
    assert backbone.normalisation_of("B") == {"mean": [0.5, 0.25, 0.125], "std": [1.0, 2.0, 4.0]}
    assert backbone.side == 160
