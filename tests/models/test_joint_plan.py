from __future__ import annotations

from leukoscope.models.building import build_model
from leukoscope.models.joint_plan import joint_plan
from leukoscope.models.trained_parts import set_trained
from leukoscope.recipes.schema import BranchSettings, ModelSettings

BRANCHES = {
    "A": BranchSettings(backbone="test_resnet", cut="layer2"),
    "B": BranchSettings(backbone="test_vit"),
}


def test_the_plan_holds_branches_and_layers_as_they_are() -> None:
    dense = ModelSettings(
        backbone="joint", branches=BRANCHES, head="dense", hidden=[16, 8], hidden_dropout=0.6, feature_norm=True
    )
    model, _ = build_model(dense, 1)
    set_trained(model, ["B.blocks.5", "head"])
    plan = joint_plan(model)
    assert plan is not None
    last = sum(value.numel() for value in model.parts()["B.blocks.5"])
    counts = [sum(value.numel() for value in model.backbone.net[name].parameters()) for name in ("A", "B")]
    assert plan["branches"] == [
        {
            "name": "A",
            "backbone": "test_resnet",
            "cut": "layer2",
            "parameters": counts[0],
            "trained": 0,
            "features": 48,
        },
        {"name": "B", "backbone": "test_vit", "cut": None, "parameters": counts[1], "trained": last, "features": 64},
    ]
    assert plan["layers"] == [
        {"kind": "norm", "width": 112, "dropout": 0.0, "parameters": 224},
        {"kind": "dense", "width": 16, "dropout": 0.6, "parameters": 113 * 16},
        {"kind": "dense", "width": 8, "dropout": 0.6, "parameters": 17 * 8},
        {"kind": "output", "width": 1, "dropout": 0.0, "parameters": 9},
    ]
    assert plan["features"] == 112
    assert plan["parameters"] == sum(value.numel() for value in model.parameters())
    assert plan["parameters"] == sum(counts) + sum(layer["parameters"] for layer in plan["layers"])


def test_dropped_features_stand_before_the_first_layer() -> None:
    model, _ = build_model(ModelSettings(backbone="joint", branches=BRANCHES, dropout=0.25), 3)
    plan = joint_plan(model)
    assert plan is not None
    assert plan["layers"] == [
        {"kind": "features", "width": None, "dropout": 0.25, "parameters": 0},
        {"kind": "output", "width": 3, "dropout": 0.0, "parameters": 113 * 3},
    ]


def test_one_network_alone_has_none() -> None:
    assert joint_plan(build_model(ModelSettings(backbone="test_resnet"), 1)[0]) is None
