from __future__ import annotations

import torch
from torch import nn

from leukoscope.models.building import build_model
from leukoscope.recipes.schema import ModelSettings


def test_each_relu_gives_way_and_no_weight_changes() -> None:
    plain = build_model(ModelSettings(backbone="test_resnet"), 3, seed=1)[0]
    leaky = build_model(ModelSettings(backbone="test_resnet", activation="leaky_relu"), 3, seed=1)[0]
    assert not any(isinstance(module, nn.ReLU) for module in leaky.backbone.modules())
    slopes = [module.negative_slope for module in leaky.backbone.modules() if isinstance(module, nn.LeakyReLU)]
    assert len(slopes) == sum(isinstance(module, nn.ReLU) for module in plain.backbone.modules()) > 0
    assert set(slopes) == {0.3}
    kept = leaky.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in plain.state_dict().items())
    pixels = torch.rand(2, 3, 64, 64)
    assert not torch.allclose(plain.eval()(pixels), leaky.eval()(pixels))


def test_a_network_without_relu_stays_as_it_is() -> None:
    plain = build_model(ModelSettings(backbone="test_convnext"), 3, seed=1)[0].eval()
    asked = build_model(ModelSettings(backbone="test_convnext", activation="leaky_relu"), 3, seed=1)[0].eval()
    pixels = torch.rand(2, 3, 64, 64)
    assert torch.equal(plain(pixels), asked(pixels))
