from __future__ import annotations

import torch

from leukoscope.models.building import build_model
from leukoscope.models.describing import network_table
from leukoscope.models.measures import CellMeasures
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.recipes.schema import ModelSettings

SETTINGS = ModelSettings(backbone="none", measures=True, head="svm")
PIXELS = torch.rand(2, 3, 40, 48, generator=torch.Generator().manual_seed(0))


def test_no_network_gives_no_features_and_has_no_parts() -> None:
    backbone = create_backbone("none")
    assert backbone.features == 0
    assert backbone.embed(PIXELS).shape == (2, 0)
    assert backbone.layout.parts == []
    assert list(backbone.parameters()) == []


def test_measures_alone_are_what_a_head_sees() -> None:
    model, note = build_model(SETTINGS, 1)
    assert note.source == "random"
    assert model.part_names == ["head"]
    assert (model.pooled, model.embedded) == (0, 10)
    torch.testing.assert_close(model.embed(PIXELS), CellMeasures()(PIXELS))
    assert model(PIXELS).shape == (2, 1)


def test_the_table_of_the_network_names_the_measures_and_the_head() -> None:
    model = build_model(SETTINGS, 1)[0]
    table = network_table(model, (40, 40))
    assert table["layer"].to_list() == ["measures", "head"]
    assert table["kind"].to_list() == ["CellMeasures", "FittedHead"]
    # ten means, ten scales, a support vector with its weight, an intercept, gamma, a slope, a shift
    counted = table.select("parameters", "trained", "frozen", "fitted").rows()
    assert counted == [(0, 0, 0, 0), (2, 0, 0, 35)]
    assert repr(model) == (
        "CellModel: none, 2 parameters, parts head; the head holds 35 numbers fitted at once (1 support vector)"
    )
