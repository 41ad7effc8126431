from __future__ import annotations

import pytest
import torch
from torch import nn

from leukoscope.models.stages import Unit, layout
from leukoscope.models.timm_backbones import create_net


def network(**children: nn.Module) -> nn.Module:
    net = nn.Module()
    for name, child in children.items():
        net.add_module(name, child)
    return net


def test_stages_are_known_by_their_names() -> None:
    net = network(conv1=nn.Identity(), layer1=nn.Identity(), layer2=nn.Identity(), fc=nn.Identity())
    divided = layout(net)
    assert divided.units == (
        Unit("conv1", "stem"),
        Unit("layer1", "layer1"),
        Unit("layer2", "layer2"),
        Unit("fc", "neck"),
    )
    assert divided.parts == ["stem", "layer1", "layer2", "neck"]
    assert divided.stages == ["layer1", "layer2"]
    assert divided.behind("layer1") == ["layer2", "fc"]


def test_layer0_is_the_stem() -> None:
    net = network(layer0=nn.Identity(), pool0=nn.Identity(), layer1=nn.Identity())
    assert [unit.part for unit in layout(net).units] == ["stem", "stem", "layer1"]


def test_blocks_of_a_container_are_stages_of_their_own_and_count_from_zero() -> None:
    net = network(stem=nn.Identity(), blocks=nn.Sequential(nn.Identity(), nn.Identity()), norm=nn.Identity())
    assert [(unit.name, unit.part) for unit in layout(net).units] == [
        ("stem", "stem"),
        ("blocks.0", "blocks.0"),
        ("blocks.1", "blocks.1"),
        ("norm", "neck"),
    ]


def test_what_stands_between_two_stages_goes_with_the_later() -> None:
    inner = nn.Sequential()
    for name in ("conv0", "denseblock1", "transition1", "denseblock2", "norm5"):
        inner.add_module(name, nn.Identity())
    assert [(unit.name, unit.part) for unit in layout(network(features=inner)).units] == [
        ("features.conv0", "stem"),
        ("features.denseblock1", "denseblock1"),
        ("features.transition1", "denseblock2"),
        ("features.denseblock2", "denseblock2"),
        ("features.norm5", "neck"),
    ]


def test_a_network_without_such_names_is_divided_at_its_feature_maps() -> None:
    net = network(features=nn.Sequential(*[nn.Identity() for _ in range(5)]), head=nn.Identity())
    divided = layout(net, ["features.1", "features.3.act"])
    assert [unit.part for unit in divided.units] == ["stem", "stem", "features.3", "features.3", "neck", "neck"]
    assert divided.stages == ["features.3"]


def test_a_feature_map_called_head_belongs_to_the_neck() -> None:
    net = network(conv=nn.Identity(), middle=nn.Identity(), head=nn.Identity())
    assert layout(net, ["conv", "middle", "head"]).parts == ["stem", "middle", "neck"]


def test_a_network_that_says_nothing_of_its_stages_is_all_stem() -> None:
    divided = layout(network(one=nn.Identity(), two=nn.Identity()))
    assert (divided.parts, divided.stages) == (["stem"], [])


def test_names_are_matched_whole() -> None:
    net = network(layer1=nn.Identity(), layer10=nn.Identity())
    divided = layout(net)
    assert divided.part_of("layer10.conv.weight") == "layer10"
    assert divided.part_of("layer1") == "layer1"
    assert divided.part_of("cls_token") == "stem"


@pytest.mark.parametrize(
    ("name", "last"),
    [("vgg11", [2, 5, 10, 15, 20]), ("vgg16", [4, 9, 16, 23, 30]), ("vgg16_bn", [6, 13, 23, 33, 43])],
)
def test_vgg_is_divided_behind_its_poolings(name: str, last: list[int]) -> None:
    with torch.device("meta"):
        net = create_net(name)
    divided = layout(net, [entry["module"] for entry in net.feature_info])  # type: ignore[union-attr, index]
    assert divided.parts == ["block1", "block2", "block3", "block4", "block5", "neck"]
    assert divided.stages == ["block1", "block2", "block3", "block4", "block5"]
    ends = {unit.part: unit.name for unit in divided.units if unit.part != "neck"}
    assert ends == {f"block{place}": f"features.{layer}" for place, layer in enumerate(last, start=1)}
    assert all(isinstance(net.get_submodule(name), nn.MaxPool2d) for name in ends.values())
    assert divided.behind("block5") == ["pre_logits", "head"]


def test_a_list_of_blocks_is_no_plain_list_of_layers() -> None:
    blocks = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 1)), nn.MaxPool2d(2), nn.Conv2d(4, 4, 1))
    assert layout(network(features=blocks), ["features.0", "features.2"]).parts == ["stem", "features.2"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("inception_v4", ["stem", "features.3", "features.9", "features.17", "features.21", "neck"]),
        ("densenet121", ["stem", "denseblock1", "denseblock2", "denseblock3", "denseblock4", "neck"]),
        ("resnet18", ["stem", "layer1", "layer2", "layer3", "layer4", "neck"]),
    ],
)
def test_other_networks_are_divided_as_before(name: str, parts: list[str]) -> None:
    with torch.device("meta"):
        net = create_net(name)
    assert layout(net, [entry["module"] for entry in net.feature_info]).parts == parts  # type: ignore[union-attr, index]
