from __future__ import annotations

import pytest
import torch
from torch import nn

from leukoscope.models.cell_model import CellModel
from leukoscope.models.heads import make_head
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.models.trained_parts import set_trained
from leukoscope.models.weights import Normalisation
from leukoscope.recipes.schema import ModelSettings

NORMALISATION = Normalisation((0.4, 0.5, 0.6), (0.1, 0.2, 0.3))


def make(name: str = "test_resnet", cut: str | None = None, *, dropout: float = 0.0, outputs: int = 1) -> CellModel:
    torch.manual_seed(0)
    backbone = create_backbone(name, cut=cut)
    head = make_head(ModelSettings(backbone=name, dropout=dropout), backbone.features, outputs, seed=0)
    return CellModel(backbone, head, NORMALISATION)


def pixels(n: int = 3, side: int = 64) -> torch.Tensor:
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("name", "cut", "parts"),
    [
        ("resnet18", None, "stem layer1 layer2 layer3 layer4 head"),
        ("resnet18", "layer3", "stem layer1 layer2 layer3 head"),
        ("resnet50", None, "stem layer1 layer2 layer3 layer4 head"),
        ("mobilenetv2_100", None, "stem blocks.0 blocks.1 blocks.2 blocks.3 blocks.4 blocks.5 blocks.6 neck head"),
        ("tf_efficientnet_lite0", "blocks.1", "stem blocks.0 blocks.1 head"),
        ("convnext_atto", None, "stem stages.0 stages.1 stages.2 stages.3 neck head"),
        ("densenet121", None, "stem denseblock1 denseblock2 denseblock3 denseblock4 neck head"),
        ("vit_tiny_patch16_224", None, f"stem {' '.join(f'blocks.{k}' for k in range(12))} neck head"),
    ],
)
def test_every_parameter_is_in_exactly_one_part_and_parts_stand_in_order(
    name: str, cut: str | None, parts: str
) -> None:
    model = make(name, cut)
    found = model.parts()
    assert list(found) == parts.split() == model.part_names
    listed = [id(parameter) for parameters in found.values() for parameter in parameters]
    assert len(listed) == len(set(listed))
    assert set(listed) == {id(parameter) for parameter in model.parameters()}


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet", "test_convnext", "test_vit"])
def test_the_modules_of_a_part_hold_its_parameters(name: str) -> None:
    model = make(name)
    for part, parameters in model.parts().items():
        held = {id(parameter) for module in model.modules_of(part) for parameter in module.parameters()}
        tokens = {id(parameter) for parameter in model.backbone.net.parameters(recurse=False)}
        assert held == {id(parameter) for parameter in parameters} - tokens


@pytest.mark.parametrize("outputs", [1, 8])
def test_logits_features_and_embeddings_have_their_shapes(outputs: int) -> None:
    model = make(cut="layer3", outputs=outputs).eval()
    with torch.inference_mode():
        logits, maps, pooled = model(pixels()), model.features(pixels()), model.embed(pixels())
        torch.testing.assert_close(model.head(pooled), logits)
    assert logits.shape == (3, outputs)
    assert maps.shape == (3, 192, 4, 4)
    torch.testing.assert_close(pooled, maps.mean(dim=(2, 3)))


def test_a_cells_logit_does_not_depend_on_the_batch_in_evaluation() -> None:
    model = make().eval()
    with torch.inference_mode():
        together = model(pixels(4))
        alone = torch.cat([model(pixels(4)[k : k + 1]) for k in range(4)])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-6)


def test_pixels_are_normalised_inside_and_the_constants_are_saved() -> None:
    model = make().eval()
    mean = torch.tensor(NORMALISATION.mean).view(1, 3, 1, 1)
    std = torch.tensor(NORMALISATION.std).view(1, 3, 1, 1)
    with torch.inference_mode():
        torch.testing.assert_close(model.embed(pixels()), model.backbone.embed((pixels() - mean) / std))
        torch.testing.assert_close(model.features(pixels()), model.backbone.maps((pixels() - mean) / std))
    assert torch.equal(model.state_dict()["mean"], mean)
    assert torch.equal(model.state_dict()["std"], std)


def test_frozen_parts_stay_in_evaluation_and_do_not_move() -> None:
    model = make(dropout=0.5)
    set_trained(model, ["layer4", "head"])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    model.train()
    model(pixels()).sum().backward()
    optimiser.step()
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert moved
    assert all(name.startswith(("backbone.net.layer4.", "head.")) for name in moved)
    assert "backbone.net.layer4.0.bn1.running_mean" in moved
    assert not model.backbone.net.layer3.training
    assert not model.backbone.net.bn1.training
    assert model.backbone.net.layer4.training
    assert model.head.training
    assert not any(module.training for module in model.eval().modules())


def test_frozen_batch_norms_keep_their_statistics_and_learn_their_weights() -> None:
    model = make()
    set_trained(model, "all", batch_norm="frozen")
    before = model.backbone.net.layer4[0].bn1.running_mean.clone()
    model.train()
    model(pixels()).sum().backward()
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    assert not any(module.training for module in norms)
    assert torch.equal(model.backbone.net.layer4[0].bn1.running_mean, before)
    assert model.backbone.net.layer4[0].bn2.weight.grad.abs().sum() > 0
    set_trained(model, "all", batch_norm="train")
    assert all(module.training for module in norms)


def test_it_says_what_it_is() -> None:
    model = make(cut="layer2")
    count = sum(parameter.numel() for parameter in model.parameters())
    assert repr(model) == (
        f"CellModel: test_resnet cut after layer2, {count:,} parameters, parts stem, layer1, layer2, head"
    )
    set_trained(model, "head")
    assert repr(model).endswith(", frozen: stem, layer1, layer2")
