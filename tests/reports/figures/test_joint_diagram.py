from __future__ import annotations

from typing import Any

from matplotlib.patches import Rectangle

from leukoscope.reports.figures.joint_diagram import joint_diagram

PLAN: dict[str, Any] = {
    "branches": [
        {"name": "A", "backbone": "resnet18", "cut": None, "parameters": 11176512, "trained": 0, "features": 512},
        {"name": "B", "backbone": "vgg", "cut": "block4", "parameters": 70, "trained": 70, "features": 64},
        {"name": "C", "backbone": "vgg", "cut": None, "parameters": 90, "trained": 7, "features": 64},
    ],
    "features": 640,
    "layers": [
        {"kind": "features", "width": None, "dropout": 0.2, "parameters": 0},
        {"kind": "norm", "width": 640, "dropout": 0.0, "parameters": 1280},
        {"kind": "dense", "width": 1024, "dropout": 0.6, "parameters": 656384},
        {"kind": "ForestHead", "width": None, "dropout": 0.0, "parameters": 5},
        {"kind": "output", "width": 3, "dropout": 0.0, "parameters": 3075},
    ],
}


def test_everything_of_the_plan_stands_in_the_figure() -> None:
    axes = joint_diagram(PLAN).axes[0]
    words = [text.get_text() for text in axes.texts if text.get_text()]
    assert words == [
        "one cell, framed",
        "each branch normalises the pixels as its weights want it",
        "A: resnet18",
        "11,176,512 parameters, frozen",
        "512",
        "B: vgg up to block4",
        "70 parameters, trained",
        "64",
        "C: vgg",
        "90 parameters, 7 trained",
        "64",
        "640 pooled features, one branch behind the other",
        "features, dropout 0.2",
        "batch normalisation: 640",
        "1,280 parameters",
        "dense, ReLU: 1,024, dropout 0.6",
        "656,384 parameters",
        "ForestHead",
        "5 parameters",
        "3 logits, softmax",
        "3,075 parameters",
    ]


def test_boxes_do_not_overlap_and_a_frozen_branch_is_dashed() -> None:
    axes = joint_diagram(PLAN).axes[0]
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert len(boxes) == 1 + 3 + 1 + 5
    assert [box.get_linestyle() for box in boxes[1:4]] == ["--", "-", "-"]
    for place, first in enumerate(boxes):
        for second in boxes[place + 1 :]:
            assert not first.get_bbox().overlaps(second.get_bbox())


def test_a_leaking_split_is_marked() -> None:
    assert joint_diagram(PLAN, leaking=True).get_suptitle() == "LEAKAGE: not a score on unseen patients"
