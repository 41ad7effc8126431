from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from leukoscope.errors import SettingsError, WeightsError
from leukoscope.models.building import build_model
from leukoscope.models.own_networks import FourConvolutions
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.recipes.schema import ModelSettings

BLOCKS = ["block1", "block2", "block3", "block4"]


def test_four_convolutions_give_the_published_maps_at_300_px() -> None:
    backbone = create_backbone("four_convolutions").eval()
    with torch.inference_mode():
        maps = backbone.stage_maps(torch.zeros(1, 3, 300, 300), BLOCKS)
    assert [tuple(found.shape[1:]) for found in maps] == [(32, 150, 150), (64, 75, 75), (128, 25, 25), (256, 5, 5)]
    assert (backbone.layout.parts, backbone.kept, backbone.features) == (BLOCKS, BLOCKS, 256)
    # Keras: 896 + 18,496 + 73,856 + 295,168
    assert sum(parameter.numel() for parameter in backbone.parameters()) == 388_416


def test_it_computes_convolution_relu_and_pooling() -> None:
    torch.manual_seed(0)
    backbone = create_backbone("four_convolutions")
    pixels = torch.rand(2, 3, 64, 70, generator=torch.Generator().manual_seed(0))
    found = pixels
    for block, pooled in zip(BLOCKS, (2, 2, 3, 5), strict=True):
        weight, bias = (backbone.net.state_dict()[f"{block}.conv.{name}"] for name in ("weight", "bias"))
        padded = functional.pad(found, (1, 1, 1, 1))
        found = functional.max_pool2d(functional.conv2d(padded, weight, bias).clamp(min=0), pooled)
    with torch.inference_mode():
        torch.testing.assert_close(backbone.maps(pixels), found)
        torch.testing.assert_close(backbone.embed(pixels), found.mean(dim=(2, 3)))


def test_it_starts_glorot_uniform_from_the_seed() -> None:
    first, again, other = (
        build_model(ModelSettings(backbone="four_convolutions"), 1, seed=seed)[0].backbone.state_dict()
        for seed in (1, 1, 2)
    )
    limit = (6 / (9 * 128 + 9 * 256)) ** 0.5
    weight = first["net.block4.conv.weight"]
    assert 0.99 * limit < weight.abs().max().item() <= limit
    assert weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.02)
    assert not first["net.block4.conv.bias"].any()
    assert torch.equal(weight, again["net.block4.conv.weight"])
    assert not torch.equal(weight, other["net.block4.conv.weight"])


def test_its_pixels_stay_as_they_are() -> None:
    model, note = build_model(ModelSettings(backbone="four_convolutions"), 1)
    assert (model.mean.unique().tolist(), model.std.unique().tolist(), note.source) == ([0.0], [1.0], "random")


def test_it_can_be_cut_and_pooled_at_its_blocks() -> None:
    backbone = create_backbone("four_convolutions", cut="block2").eval()
    with torch.inference_mode():
        assert backbone.maps(torch.zeros(1, 3, 32, 32)).shape == (1, 64, 8, 8)
    assert (backbone.kept, backbone.features) == (["block1", "block2"], 64)


@pytest.mark.parametrize(("height", "width"), [(59, 80), (80, 59)])
def test_too_small_a_picture_is_refused(height: int, width: int) -> None:
    with pytest.raises(SettingsError) as caught:
        create_backbone("four_convolutions").embed(torch.zeros(1, 3, height, width))
    assert str(caught.value) == (
        f"four_convolutions takes pictures of 60 x 60 px or more; these have {height} x {width}.\n"
        "  where: model.backbone\n"
        "  what to do: End the framing with {resize: 60} or more, or take another backbone."
    )


def test_the_smallest_picture_gives_one_pixel() -> None:
    with torch.inference_mode():
        assert FourConvolutions().forward_features(torch.zeros(1, 3, 60, 60)).shape == (1, 256, 1, 1)


@pytest.mark.parametrize("folder", [False, True])
def test_it_has_no_imagenet_weights(tmp_path: Path, folder: bool) -> None:
    settings = ModelSettings(backbone="four_convolutions", weights="imagenet")
    with pytest.raises(WeightsError) as caught:
        build_model(settings, 1, weights_folder=tmp_path if folder else None)
    assert str(caught.value) == (
        "four_convolutions is a network of our own, which nobody has trained on ImageNet.\n"
        "  where: model.weights\n"
        "  what to do: Set model.weights=none, or name a file or a bundle of it."
    )


def test_a_misspelt_name_is_offered_ours_too() -> None:
    with pytest.raises(SettingsError) as caught:
        create_backbone("four_convolution")
    said = str(caught.value)
    assert said.startswith("timm knows no network 'four_convolution'.\n  where: model.backbone\n")
    assert "Nearest names: four_convolutions" in said
    assert said.endswith("timm.list_models() gives all of them; ours: four_convolutions.")
