from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.bundles.opening import open_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import RULES
from leukoscope.errors import SettingsError
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.exporting.cells import graph_of_cells
from leukoscope.recipes.schema import TestTimeSettings as TimeSettings

PLATT = Calibrator("platt", ("hem", "all"), 30, slope=0.7, offset=0.2).as_json()
SHARES = TimeSettings(rotations=4, flips="both", mean="probabilities")
KINDS: dict[str, dict[str, Any]] = {
    "two classes, calibrated": {"calibrator": PLATT, "threshold": 0.5},
    "three classes": {"names": ("a", "b", "c")},
    "turned and mirrored": {"test_time": TimeSettings(rotations=8, flips="horizontal"), "calibrator": PLATT},
    "mean of probabilities": {"test_time": SHARES},
    "five crops": {"test_time": TimeSettings(crops="five", crop_share=0.75)},
    "crops of three classes": {"names": ("a", "b", "c"), "test_time": TimeSettings(crops="five", mean="probabilities")},
    "framed by the client": {"framing": ({"threshold_crop": "exact"}, {"resize": 32})},
    "pooled over the cell": {"model": {"pool": "cell", "pool_stages": ["layer1", "layer2"], "pool_rim": 2}},
    "flattened": {"model": {"pool": "flatten"}},
    "centre": {"model": {"crop": 24}},
    "dense head": {"model": {"head": "dense", "hidden": [8], "feature_norm": True}},
    "named measures": {"model": {"measures": ["log_cell_area", "nucleus_to_cell"]}},
    "measures of turned cells": {
        "model": {"measures": ["log_cell_area"]},
        "test_time": TimeSettings(rotations=3, flips="horizontal"),
    },
    "support vectors": {"model": {"head": "svm"}},
    "a transformer": {
        "model": {"backbone": "test_vit", "cut": None},
        "framing": ({"resize": 160},),
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_says_what_the_bundle_says(maker: Any, agree: Any, kind: str) -> None:
    agree(open_bundle(maker.cells(**KINDS[kind])))


def test_what_the_network_sees_tells_how_far_a_cell_is(maker: Any, agree: Any, knowing: Any) -> None:
    for card in ({"test_time": TimeSettings(rotations=4)}, {"test_time": TimeSettings(crops="five")}):
        graph = agree(knowing(open_bundle(maker.cells(**card))))
        assert [one.name for one in graph.outputs] == ["probabilities", "logits", "distance", "features"]
    measuring = maker.cells(model={"measures": ["log_cell_area"]}, test_time=TimeSettings(rotations=2))
    graph = agree(knowing(open_bundle(measuring)))
    assert [(one.name, one.shape) for one in graph.inputs][1:] == [("measures", ("n", 2, 1))]


def test_a_picture_that_is_no_number_is_at_infinity(maker: Any, knowing: Any, agree: Any) -> None:
    module = agree(knowing(open_bundle(maker.cells()))).module
    assert torch.isinf(module.distances(torch.full((1, module.distances.width), np.nan))).all()


def test_several_models_say_together_what_their_bundle_says(maker: Any, agree: Any, knowing: Any) -> None:
    both = open_bundle(maker.several())
    graph = agree(both)
    assert [one.name for one in graph.outputs] == ["probabilities", "logits"]
    object.__setattr__(both, "members", tuple(knowing(one) for one in both.members))
    graph = agree(both)
    assert graph.outputs[2].shape == ("n", 2)


def test_several_of_several(maker: Any, agree: Any) -> None:
    classes = Classes(("hem", "all"))
    fitted = RULES["most_confident"]().restored(
        {"calibrators": None, "decided": {}}, members=("inner", "alone"), classes=classes
    )
    inner = maker.several()
    outer = maker.several("most_confident", fitted, {"inner": inner, "alone": maker.cells(seed=9)})
    agree(open_bundle(outer))


def test_what_members_calibrate_for_themselves_is_not_what_their_rule_takes(maker: Any, agree: Any) -> None:
    both = maker.several(members={"one": maker.cells(calibrator=PLATT), "other": maker.cells(seed=4)})
    graph = agree(open_bundle(both))
    assert [one.calibrator for one in graph.module.members] == [None, None]


def test_models_that_frame_pictures_in_ways_of_their_own_have_an_input_each(maker: Any, agree: Any) -> None:
    exact = maker.cells(framing=({"threshold_crop": "exact"}, {"resize": 32}))
    usual, again = maker.cells(framing=({"center_crop": 64},)), maker.cells(seed=5, framing=({"center_crop": 64},))
    inner = maker.several(members={"one": usual, "other": exact})
    outer = maker.several(members={"inner": inner, "again": again})
    graph = agree(open_bundle(outer))
    assert [(one.name, one.shape) for one in graph.inputs] == [
        ("pictures_1", ("n", 64, 64, 3)),
        ("pictures_2", ("n", 32, 32, 3)),
    ]


def test_a_member_that_measures_is_refused(maker: Any) -> None:
    folder = maker.several(members={"one": maker.cells(model={"measures": ["log_cell_area"]}), "other": maker.cells()})
    with pytest.raises(SettingsError) as refused:
        graph_of_cells(open_bundle(folder))
    assert str(refused.value) == (
        "A member measures cells by name, which is counted outside of a graph.\n"
        f"  where: {folder / 'members' / 'one'}\n"
        "  what to do: Export the members one by one."
    )


def test_measures_of_crops_alone_say_nothing_of_training_cells(maker: Any, knowing: Any) -> None:
    made = maker.cells(model={"measures": ["log_cell_area"]}, test_time=TimeSettings(crops="five"))
    bundle = knowing(open_bundle(made))
    with pytest.raises(SettingsError) as refused:
        graph_of_cells(bundle)
    assert str(refused.value) == (
        "The bundle measures crops of each cell by name, but its training cells were measured whole.\n"
        f"  where: {bundle.folder}\n"
        "  what to do: Export a bundle without crops (test_time: {crops: none}), or one without model.measures."
    )
