from __future__ import annotations

import pytest
import torch
from torch import nn

from leukoscope.errors import SettingsError
from leukoscope.models.timm_backbones import create_backbone

MOVED = ("layer2.0", "layer3.0", "layer4.0")


def test_the_stride_moves_to_the_first_convolution_of_each_stage() -> None:
    later, first = (create_backbone("resnet26", stride_in_first=moved).net for moved in (False, True))
    for block in MOVED:
        assert later.get_submodule(f"{block}.conv1").stride == first.get_submodule(f"{block}.conv2").stride == (1, 1)
        assert later.get_submodule(f"{block}.conv2").stride == first.get_submodule(f"{block}.conv1").stride == (2, 2)
    assert first.get_submodule("layer1.0.conv1").stride == first.get_submodule("layer2.1.conv1").stride == (1, 1)
    for module in later.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)  # timm starts each block's last at zero: then the block does nothing
    first.load_state_dict(later.state_dict())
    pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    maps = [net.eval().forward_features(pixels) for net in (later, first)]
    assert maps[0].shape == maps[1].shape
    assert not torch.allclose(maps[0], maps[1])


@pytest.mark.parametrize("name", ["resnet18", "test_efficientnet"])
def test_a_network_without_bottlenecks_is_refused(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        create_backbone(name, stride_in_first=True)
    assert str(caught.value) == (
        f"'stride_in_first' is for ResNets with bottlenecks; {name} has none whose stride could be moved.\n"
        "  where: model.stride_in_first\n"
        "  what to do: Leave it out, or take resnet50."
    )
