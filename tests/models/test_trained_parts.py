from __future__ import annotations

from typing import Any

import pytest

from leukoscope.errors import SettingsError
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import BATCH_NORMS, CellModel
from leukoscope.models.trained_parts import parameter_groups, set_trained
from leukoscope.recipes.schema import ModelSettings, StageSettings

PARTS = ["stem", "layer1", "layer2", "layer3", "layer4", "head"]


@pytest.fixture(scope="module")
def model() -> CellModel:
    return build_model(ModelSettings(backbone="test_resnet"), 1)[0]


def stage(**settings: Any) -> StageSettings:
    return StageSettings(epochs=1, **settings)


def refused(model: CellModel, **settings: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        parameter_groups(model, stage(**settings))
    return str(caught.value)


@pytest.mark.parametrize(
    ("train", "expected"),
    [("all", PARTS), ("head", ["head"]), (["layer3..head", "stem"], ["stem", "layer3", "layer4", "head"])],
)
def test_only_the_named_parts_learn(model: CellModel, train: Any, expected: list[str]) -> None:
    assert set_trained(model, train) == expected
    learning = {part for part, held in model.parts().items() if all(parameter.requires_grad for parameter in held)}
    still = {part for part, held in model.parts().items() if not any(parameter.requires_grad for parameter in held)}
    assert learning == set(expected)
    assert still == set(PARTS) - learning == model.frozen


def test_the_mode_is_kept(model: CellModel) -> None:
    model.eval()
    set_trained(model, "all")
    assert not any(module.training for module in model.modules())
    model.train()
    set_trained(model, "head")
    assert model.training
    assert not model.backbone.net.layer1.training


def test_an_unknown_part_is_refused(model: CellModel) -> None:
    with pytest.raises(SettingsError) as caught:
        set_trained(model, ["layer5"])
    assert str(caught.value) == (
        "The network has no part 'layer5'.\n"
        "  where: train\n"
        "  what to do: Did you mean 'layer4'? Known: head, layer1, layer2, layer3, layer4, stem."
    )


def test_one_rate_serves_all_trained_parts(model: CellModel) -> None:
    groups = parameter_groups(model, stage(train=["layer4", "head"], rates=0.01))
    assert [(group["name"], group["lr"]) for group in groups] == [("layer4", 0.01), ("head", 0.01)]
    assert [id(p) for p in groups[1]["params"]] == [id(p) for p in model.parts()["head"]]


def test_rates_by_part_range_and_the_rest(model: CellModel) -> None:
    rates = {"head": 1e-2, "layer2..layer4": 1e-4, "others": 1e-6}
    groups = parameter_groups(model, stage(rates=rates))
    assert {group["name"]: group["lr"] for group in groups} == {
        "stem": 1e-6,
        "layer1": 1e-6,
        "layer2": 1e-4,
        "layer3": 1e-4,
        "layer4": 1e-4,
        "head": 1e-2,
    }
    held = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(held) == sorted(map(id, model.parameters()))


def test_a_range_may_reach_into_what_is_frozen(model: CellModel) -> None:
    groups = parameter_groups(model, stage(train=["layer4", "head"], rates={"layer2..layer4": 1e-4, "head": 1e-2}))
    assert [group["name"] for group in groups] == ["layer4", "head"]


def test_a_trained_part_without_a_rate_is_refused(model: CellModel) -> None:
    assert refused(model, rates={"head": 1e-2, "layer1..layer3": 1e-4}) == (
        "The part 'stem' is trained but has no rate.\n"
        "  where: rates (and 1 more)\n"
        "  what to do: Give it one, or one to 'others'."
    )


def test_a_rate_for_an_unknown_part_is_refused(model: CellModel) -> None:
    assert refused(model, rates={"hed": 1e-2, "others": 1e-4}) == (
        "The network has no part 'hed'.\n"
        "  where: rates\n"
        "  what to do: Did you mean 'head'? Known: head, layer1, layer2, layer3, layer4, stem."
    )


def test_a_rate_for_a_frozen_part_is_refused(model: CellModel) -> None:
    assert refused(model, train="head", rates={"head": 1e-2, "layer1": 1e-4}) == (
        "There is a rate for 'layer1', which is not trained in this stage.\n"
        "  where: rates\n"
        "  what to do: Leave the rate out, or add the part to train."
    )


def test_two_rates_for_one_part_are_refused(model: CellModel) -> None:
    assert refused(model, rates={"layer2..head": 1e-2, "layer3": 1e-4, "others": 1.0}) == (
        "The part 'layer3' has two rates, by 'layer2..head' and 'layer3'.\n  where: rates"
    )


@pytest.mark.parametrize("rate", [-0.1, float("nan")])
def test_a_rate_below_zero_is_refused(model: CellModel, rate: float) -> None:
    assert refused(model, rates={"others": rate}) == (f"A rate must be 0 or more; got {rate}.\n  where: rates.others")


def test_fixed_batch_norms_learn_nothing_while_all_else_does(model: CellModel) -> None:
    set_trained(model.train(), "all", "fixed")
    norms = [module for module in model.modules() if isinstance(module, BATCH_NORMS)]
    assert norms
    assert not any(norm.training or any(own.requires_grad for own in norm.parameters()) for norm in norms)
    still = {id(own) for norm in norms for own in norm.parameters()}
    assert all(own.requires_grad for own in model.parameters() if id(own) not in still)
    set_trained(model, "all")
    assert all(own.requires_grad for own in model.parameters())
