from __future__ import annotations

import pytest
import torch

from leukoscope.errors import SettingsError
from leukoscope.models.timm_backbones import create_backbone


def pixels(height: int = 64, width: int = 64, n: int = 2) -> torch.Tensor:
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("name", "cut", "features", "channels"),
    [
        ("resnet10t", None, 512, 512),
        ("resnet10t", "layer3", 256, 256),
        ("test_efficientnet", None, 256, 256),
        ("test_efficientnet", "blocks.3", 48, 48),
        ("mobilenetv3_small_050", None, 1024, 288),
        ("mobilenetv3_small_050", "blocks.2", 24, 24),
        ("test_convnext", None, 64, 64),
        ("test_convnext", "stages.2", 48, 48),
        ("test_vit", None, 64, 64),
        ("test_vit", "blocks.2", 64, 64),
        ("swin_tiny_patch4_window7_224", "layers.0", 96, 96),
    ],
)
def test_maps_and_pooled_features_of_whole_and_cut_networks(
    name: str, cut: str | None, features: int, channels: int
) -> None:
    backbone = create_backbone(name, cut=cut).eval()
    with torch.inference_mode():
        maps, pooled = backbone.maps(pixels()), backbone.embed(pixels())
    assert maps.shape[:2] == (2, channels)
    assert pooled.shape == (2, features)
    assert backbone.features == features
    if cut is not None:
        torch.testing.assert_close(pooled, maps.mean(dim=(2, 3)))


def test_a_whole_network_is_pooled_as_timm_pools_it() -> None:
    backbone = create_backbone("test_vit").eval()
    with torch.inference_mode():
        tokens = backbone.net.forward_features(pixels(160, 160))
        torch.testing.assert_close(backbone.embed(pixels(160, 160)), tokens[:, 0])  # the class token


def test_a_cut_network_has_the_tensors_of_its_stages_only() -> None:
    whole, cut = create_backbone("test_resnet"), create_backbone("test_resnet", cut="layer2")
    kept = [name for name in whole.net.state_dict() if not name.startswith(("layer3", "layer4"))]
    assert list(cut.net.state_dict()) == kept
    assert cut.removed == ("layer3", "layer4", "global_pool", "fc")
    cut.net.load_state_dict({name: whole.net.state_dict()[name] for name in kept})
    with torch.inference_mode():
        taken: dict[str, torch.Tensor] = {}
        whole.net.layer2.register_forward_hook(lambda _module, _given, found: taken.update(maps=found))
        whole.eval().maps(pixels())
        torch.testing.assert_close(cut.eval().maps(pixels()), taken["maps"])


def test_tokens_are_laid_out_as_the_grid_they_came_from() -> None:
    backbone = create_backbone("test_vit").eval()
    with torch.inference_mode():
        maps = backbone.maps(pixels(32, 64))
        tokens = backbone.net.forward_features(pixels(32, 64))
    assert maps.shape == (2, 64, 2, 4)
    torch.testing.assert_close(maps[:, :, 1, 3], tokens[:, 1 + 7])


def test_channels_last_gives_the_same_maps() -> None:
    backbone = create_backbone("test_resnet").eval()
    with torch.inference_mode():
        expected = backbone.maps(pixels())
        backbone = backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        found = backbone.maps(pixels().contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(found, expected)


def test_an_unknown_network_gets_the_nearest_names() -> None:
    with pytest.raises(SettingsError) as caught:
        create_backbone("resnat18")
    assert str(caught.value).startswith(
        "timm knows no network 'resnat18'.\n  where: model.backbone\n  what to do: Nearest names: resnet18, "
    )


def test_an_unknown_tag_gets_the_known_ones() -> None:
    with pytest.raises(SettingsError) as caught:
        create_backbone("test_resnet.r160_in2k")
    assert str(caught.value) == (
        "timm knows no weights 'r160_in2k' of test_resnet.\n"
        "  where: model.backbone\n"
        "  what to do: Did you mean 'r160_in1k'? Known: r160_in1k."
    )


def test_an_unknown_stage_gets_the_stages() -> None:
    with pytest.raises(SettingsError) as caught:
        create_backbone("test_resnet", cut="layer5")
    assert str(caught.value) == (
        "The network has no stage 'layer5' that it could be cut after.\n"
        "  where: model.cut\n"
        "  what to do: Did you mean 'layer4'? Known: layer1, layer2, layer3, layer4."
    )


def test_a_network_that_cannot_do_without_its_rest_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        create_backbone("hrnet_w18_small", cut="stage2")
    assert str(caught.value) == (
        "hrnet_w18_small can't do without what comes behind stage2: 'CutAway' object is not iterable.\n"
        "  where: model\n"
        "  what to do: Take another cut or backbone."
    )


def test_a_network_of_one_size_refuses_others() -> None:
    backbone = create_backbone("levit_128s")
    with pytest.raises(SettingsError) as caught:
        backbone.embed(pixels(64, 96))
    assert str(caught.value) == (
        "levit_128s takes pictures of 224 x 224 px only; these have 64 x 96.\n"
        "  where: model.backbone\n"
        "  what to do: End the framing with {resize: 224}, or take another backbone."
    )


def test_a_side_that_is_no_multiple_of_the_patches_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^test_vit can't take pictures of 60 x 64 px: "):
        create_backbone("test_vit").embed(pixels(60, 64))


@pytest.mark.parametrize(
    ("name", "cut", "kept", "channels"),
    [
        ("test_resnet", None, ["stem", "layer1", "layer2", "layer3", "layer4"], [32, 32, 48, 192, 96]),
        ("resnet10t", "layer2", ["stem", "layer1", "layer2"], [64, 64, 128]),
        ("test_efficientnet", "blocks.1", ["stem", "blocks.0", "blocks.1"], None),
        ("mobilenetv3_small_050", "blocks.2", ["stem", "blocks.0", "blocks.1", "blocks.2"], None),
        ("test_convnext", "stages.1", ["stem", "stages.0", "stages.1"], None),
        ("test_vit", "blocks.1", ["stem", "blocks.0", "blocks.1"], [64, 64, 64]),
        ("swin_tiny_patch4_window7_224", "layers.0", ["stem", "layers.0"], [96, 96]),
    ],
)
def test_maps_of_all_stages_come_from_one_pass(
    name: str, cut: str | None, kept: list[str], channels: list[int] | None
) -> None:
    backbone = create_backbone(name, cut=cut)
    assert backbone.kept == kept
    found = backbone.stage_channels(kept)
    assert channels is None or found == channels
    assert backbone.training
    backbone.eval()
    with torch.inference_mode():
        maps = backbone.stage_maps(pixels(), kept)
        last = backbone.maps(pixels())
    assert [each.shape[1] for each in maps] == found
    sides = [each.shape[2] for each in maps]
    assert sides == sorted(sides, reverse=True)
    if cut is not None:
        torch.testing.assert_close(maps[-1], last)
    assert not any(module._forward_hooks for module in backbone.modules())


def test_stages_come_in_the_order_that_was_asked_for() -> None:
    backbone = create_backbone("test_resnet", cut="layer3").eval()
    with torch.inference_mode():
        late, early = backbone.stage_maps(pixels(), ["layer3", "layer1"])
        cut = create_backbone("test_resnet", cut="layer1").eval()
        cut.load_state_dict({name: backbone.state_dict()[name] for name in cut.state_dict()})
        torch.testing.assert_close(early, cut.maps(pixels()))
    torch.testing.assert_close(late, backbone.maps(pixels()))


def test_a_stage_that_was_cut_away_cannot_be_pooled() -> None:
    with pytest.raises(SettingsError) as raised:
        create_backbone("test_resnet", cut="layer2").stage_channels(["stem", "layer3"])
    assert str(raised.value) == (
        "test_resnet up to layer2 has no stage 'layer3' that could be pooled.\n"
        "  where: model.pool_stages\n"
        "  what to do: Did you mean 'layer2'? Known: layer1, layer2, stem."
    )
