from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from leukoscope.errors import SettingsError
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.describing import network_table
from leukoscope.models.finer_parts import refined
from leukoscope.models.stages import layout
from leukoscope.models.trained_parts import divide_for, parameter_groups, set_trained
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings, StageSettings


def make(backbone: str = "resnet10t", cut: str | None = None, **settings: Any) -> CellModel:
    return build_model(ModelSettings(backbone=backbone, cut=cut, **settings), 1)[0]


def stage(**settings: Any) -> StageSettings:
    return StageSettings(epochs=1, **settings)


def trained(model: CellModel, entries: list[str]) -> list[str]:
    divide_for(model, [stage(train=entries)])
    return set_trained(model, entries)


def test_the_last_bottleneck_is_a_part_of_its_own_where_it_is_named() -> None:
    model = make("resnet50")
    assert trained(model, ["layer4.2", "head"]) == ["layer4.2", "head"]
    assert model.part_names == [*("stem", "layer1", "layer2", "layer3", "layer4.0", "layer4.1", "layer4.2", "head")]
    learning = {name for name, parameter in model.backbone.net.named_parameters() if parameter.requires_grad}
    assert learning == {name for name, _ in model.backbone.net.named_parameters() if name.startswith("layer4.2.")}
    # "the last three convolution layers" of ResNet-50 are those of its last bottleneck
    assert sum(isinstance(module, nn.Conv2d) for part in model.modules_of("layer4.2") for module in part.modules()) == 3


def test_coarse_names_and_ranges_still_stand_for_all_blocks() -> None:
    model = make("resnet18")
    model.divide(["layer4.1", "layer2.0"])
    assert set_trained(model, ["layer4"]) == ["layer4.0", "layer4.1"]
    assert set_trained(model, ["layer3..layer4"]) == ["layer3", "layer4.0", "layer4.1"]
    assert set_trained(model, ["layer2..layer2.0"]) == ["layer2.0"]
    assert set_trained(model, ["layer4.1..head"]) == ["layer4.1", "head"]
    rates = {"layer2": 1e-5, "layer4.0": 1e-4, "others": 1e-3}
    groups = parameter_groups(model, stage(train=["layer2", "layer4", "head"], rates=rates))
    assert {group["name"]: group["lr"] for group in groups} == {
        "layer2.0": 1e-5,
        "layer2.1": 1e-5,
        "layer4.0": 1e-4,
        "layer4.1": 1e-3,
        "head": 1e-3,
    }


def test_every_parameter_stays_in_exactly_one_part() -> None:
    for name, entry in (("densenet121", "denseblock4.denselayer16"), ("convnext_atto", "stages.3.blocks.1")):
        model = make(name)
        model.divide([entry])
        listed = [id(parameter) for parameters in model.parts().values() for parameter in parameters]
        assert entry in model.part_names
        assert sorted(listed) == sorted(id(parameter) for parameter in model.parameters())


def test_a_transition_stays_with_its_stage() -> None:
    model = make("densenet121")
    assert trained(model, ["denseblock2"]) == ["denseblock2"]
    divided = trained(model, ["denseblock2", "denseblock2.denselayer12"])
    assert divided == ["denseblock2", *(f"denseblock2.denselayer{place}" for place in range(1, 13))]


def test_frozen_blocks_stay_in_evaluation_beside_trained_ones() -> None:
    model = make("resnet18")
    trained(model, ["layer4.1", "head"])
    model.train()
    net = model.backbone.net
    assert [net.layer4[0].training, net.layer4[1].training, net.layer3.training] == [False, True, False]
    kept = [net.layer4[place].bn1.running_mean.clone() for place in (0, 1)]
    model(torch.rand(4, 3, 64, 64))
    assert torch.equal(net.layer4[0].bn1.running_mean, kept[0])
    assert not torch.equal(net.layer4[1].bn1.running_mean, kept[1])


def test_a_part_that_was_frozen_whole_stays_so_when_it_is_divided() -> None:
    model = make("resnet18")
    set_trained(model, ["head"])
    model.divide(["layer4.1"])
    model.train()
    assert not model.backbone.net.layer4[1].training


def test_nothing_else_changes() -> None:
    model = make("resnet18", "layer3", pool="cell", pool_stages=["layer1", "layer3"]).eval()
    before, names, pixels = model.backbone.layout, list(model.state_dict()), torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        said = model(pixels)
        model.divide(["layer3.1", "layer1.0"])
        assert torch.equal(model(pixels), said)
    assert model.backbone.layout == before
    assert list(model.state_dict()) == names
    assert model.backbone.kept == ["stem", "layer1", "layer2", "layer3"]
    parts = network_table(model, (64, 64)).filter(layer="layer3.1")["part"]
    assert parts.to_list() == ["layer3.1"]


def test_rates_divide_too_and_dividing_again_changes_nothing() -> None:
    model = make("resnet18")
    stages = [stage(train="head"), stage(rates={"layer4.1": 1e-5, "others": 1e-6}), stage(train=["layer3.1..head"])]
    divide_for(model, stages)
    parts = model.part_names
    assert parts[3:] == ["layer3.0", "layer3.1", "layer4.0", "layer4.1", "head"]
    divide_for(model, stages)
    assert model.part_names == parts


def test_patients_networks_are_divided_too() -> None:
    model, _ = build_patient_model(
        ModelSettings(backbone="resnet18"), BagSettings(aggregator="attention"), FactsSettings(), 1
    )
    divide_for(model, [stage(train=["layer4.1", "head", "aggregator"])])
    assert set_trained(model, ["layer4.1..aggregator"]) == ["layer4.1", "head", "aggregator"]


@pytest.mark.parametrize("first", [[], ["layer4.1"]])
def test_a_block_that_is_not_there_gets_the_nearest(first: list[str]) -> None:
    model = make("resnet18")
    model.divide(first)
    with pytest.raises(SettingsError, match=r"^The network has no part 'layer4.2'\.\n.*\n.*Did you mean 'layer4.[01]'"):
        trained(model, ["layer4.2", "head"])


def test_the_whole_message_names_stage_and_blocks() -> None:
    with pytest.raises(SettingsError) as caught:
        divide_for(make("resnet18"), [stage(train="head"), stage(rates={"layer4.x": 1e-3})])
    assert str(caught.value) == (
        "The network has no part 'layer4.x'.\n"
        "  where: stages.1.rates\n"
        "  what to do: Did you mean 'layer4.1'? Known: layer4, layer4.0, layer4.1."
    )


class Weighted(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.Linear(2, 2), nn.Linear(2, 2))
        self.scale = nn.Parameter(torch.ones(1))


def test_a_stage_with_weights_beside_its_blocks_is_not_divided() -> None:
    net = nn.Module()
    net.add_module("layer1", Weighted())
    with pytest.raises(SettingsError) as caught:
        refined(layout(net), net, ["layer1.0"], "train")
    assert str(caught.value) == (
        "The network has no part 'layer1.0'.\n  where: train\n  what to do: Did you mean 'layer1'? Known: layer1."
    )


def test_what_has_no_weights_goes_with_the_block_before_it() -> None:
    net = nn.Module()
    net.add_module("layer1", nn.Sequential(nn.ReLU(), nn.Linear(2, 2), nn.Dropout(0.5), nn.Linear(2, 2)))
    divided = refined(layout(net), net, ["layer1.3"], "train")
    assert [(unit.name, unit.part) for unit in divided.units] == [
        *[("layer1.0", "layer1.1"), ("layer1.1", "layer1.1"), ("layer1.2", "layer1.1"), ("layer1.3", "layer1.3")]
    ]
