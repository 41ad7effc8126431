"""The networks of Baldi & Cioffo 2021 have the totals that their Keras tables print, each difference accounted for.

Keras counts the running means and variances of batch-norm as parameters; ours stand apart (``statistics``). The
convolutions of Keras's ResNet-50 carry biases, which batch-norm behind them makes idle; timm's have none.
"""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.describing import network_table, stages_table
from leukoscope.recipes.schema import ModelSettings

DENSE_256 = {"head": "dense", "hidden": [256], "hidden_dropout": 0.5}
VGG, RESNET, MOBILENET = "vgg16", "resnet50", "mobilenetv2_100"


def build(backbone: str, **settings: Any) -> CellModel:
    return build_model(ModelSettings(backbone=backbone, **settings), 1, size=(224, 224))[0]


def biases_of_keras(model: CellModel) -> int:
    """Return how many biases Keras's ResNet-50 has that this one lacks: one an output channel of each convolution."""
    convolutions = [module for module in model.backbone.modules() if isinstance(module, nn.Conv2d)]
    assert all(convolution.bias is None for convolution in convolutions)
    return sum(convolution.out_channels for convolution in convolutions)


@pytest.mark.parametrize(
    ("published", "backbone", "settings"),
    [
        (21_137_729, VGG, {"cut": "block5", "pool": "flatten", **DENSE_256}),
        (7_766_849, VGG, {"cut": "block4", **DENSE_256}),
        (23_589_761, RESNET, {"stride_in_first": True}),
        (8_851_841, RESNET, {"cut": "layer3", "stride_in_first": True, **DENSE_256}),
        (9_114_497, RESNET, {"cut": "layer3", "stride_in_first": True, "head": "dense", "hidden": [512]}),
        (2_259_265, MOBILENET, {"dropout": 0.5}),
    ],
)
def test_totals_are_the_published_ones(published: int, backbone: str, settings: dict[str, Any]) -> None:
    model = build(backbone, **settings)
    table = stages_table(model, [["head"], model.part_names])
    parameters, statistics = table["parameters"].unique().item(), table["statistics"].unique().item()
    assert (statistics == 0) == (backbone == VGG)
    assert parameters + statistics + (biases_of_keras(model) if backbone == RESNET else 0) == published


def test_the_differences_are_these() -> None:
    model = build(RESNET, stride_in_first=True)
    table = stages_table(model, [["head"]])
    assert (table["statistics"].item(), biases_of_keras(model)) == (53_120, 26_560)
    assert table.select("parameters", "trained", "frozen").row(0) == (23_510_081, 2_049, 23_508_032)
    assert stages_table(build(MOBILENET), [["head"]])["statistics"].item() == 34_112


def test_the_four_convolutions_have_the_published_vector_and_total() -> None:
    model = build_model(ModelSettings(backbone="four_convolutions", pool="flatten", **DENSE_256), 1, size=(300, 300))[0]
    assert model.pooled == 5 * 5 * 256
    total = network_table(model, (300, 300))["parameters"].sum()
    assert total == 388_416 + (6400 * 256 + 256) + 257
