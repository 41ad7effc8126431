from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from leukoscope.errors import SettingsError
from leukoscope.explanation.seeing import activations_of, find_layer, last_maps, layer_names, write_activation_sheet
from leukoscope.explanation.seeing.activation_sheet import coloured
from leukoscope.explanation.seeing.layers import refuse_unsuitable
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.recipes.schema import ModelSettings

Make = Callable[..., CellModel]


def test_layers_have_timm_s_names_and_what_was_cut_away_has_none(make_network: Make) -> None:
    names = layer_names(make_network())
    assert {"conv1", "layer1", "layer1.0.conv1", "layer2", "head", "head.linear"} <= set(names)
    assert not any(name.startswith(("layer3", "layer4")) for name in names)


def test_the_last_maps_are_those_of_the_last_stage_that_is_kept(make_network: Make) -> None:
    assert last_maps(make_network(), (32, 32)) == "layer2"
    assert last_maps(make_network(cut=None), (64, 64)) == "layer4"


def test_the_nearest_layer_is_offered(make_network: Make) -> None:
    with pytest.raises(SettingsError) as caught:
        find_layer(make_network(), "layer1.0.convl")
    assert str(caught.value).startswith(
        "test_resnet has no layer 'layer1.0.convl'.\n  where: layer\n  what to do: Did you mean 'layer1.0.conv"
    )


def test_activations_are_what_the_layer_gave_before_another_overwrote_them(
    make_network: Make, cells: np.ndarray
) -> None:
    network = make_network()
    found = activations_of(network, cells[0], "layer1.0.bn1", number=100)
    assert (found.of, len(found.channels)) == (len(found.channels), found.maps.shape[0])
    assert found.maps.min() < 0  # the ReLU behind it works in place
    sizes = np.abs(found.maps).mean(axis=(1, 2))
    assert (np.diff(sizes) <= 0).all()
    first = activations_of(network, cells[0], "layer1.0.bn1", which="first", number=3)
    assert first.channels == [0, 1, 2]
    np.testing.assert_array_equal(first.maps[1], found.maps[found.channels.index(1)])
    assert network.training


def test_a_head_has_no_maps_to_show(make_network: Make, cells: np.ndarray) -> None:
    with pytest.raises(SettingsError) as caught:
        activations_of(make_network(), cells[0], "head.linear")
    assert str(caught.value) == (
        "The layer 'head.linear' gives n x 1, no feature maps.\n  where: layer\n  what to do: Name an earlier layer."
    )
    with pytest.raises(SettingsError, match="A sheet needs at least 1 channel; got 0"):
        activations_of(make_network(), cells[0], "layer1", number=0)


def test_a_layer_that_is_not_used_is_told(make_network: Make, cells: np.ndarray) -> None:
    network = make_network()
    network.head.add_module("spare", torch.nn.Identity())
    network.head.forward = network.head.linear.forward
    with pytest.raises(SettingsError) as caught:
        activations_of(network, cells[0], "head.spare")
    assert (
        str(caught.value)
        == "The network does not use the layer 'head.spare'.\n  where: layer\n  what to do: Name another."
    )


def test_the_sheet_shows_the_cell_and_each_channel_in_one_scale(
    make_network: Make, cells: np.ndarray, tmp_path: Path
) -> None:
    found = activations_of(make_network(), cells[0], "layer1", number=7)
    path = write_activation_sheet(tmp_path / "sheet.png", cells[0], found, name="UID_1")
    with Image.open(path) as sheet:
        assert sheet.width == 6 * 182 + 14
        assert sheet.height > 2 * 168
    dark, bright = coloured(np.array([[0.0, 2.0]], np.float32), 0, 2)[0]
    assert dark.tolist() == [68, 1, 84]
    assert bright.tolist() == [253, 231, 37]


def test_a_forest_has_no_slope_that_leads_back_to_a_place() -> None:
    settings = ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer2", "head": "forest"})
    with pytest.raises(SettingsError) as caught:
        refuse_unsuitable(build_model(settings, 1)[0])
    assert str(caught.value) == (
        "The logit comes from a forest, whose steps have no slope that could be followed back to a place.\n"
        "  where: model.head\n"
        "  what to do: Explain a network with another head (model.head: svm, mlp, linear)."
    )
