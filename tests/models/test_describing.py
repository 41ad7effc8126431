from __future__ import annotations

import polars as pl
import pytest
import torch
from torch import nn

from leukoscope.errors import SettingsError
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.describing import count_parameters, network_table, stages_table, statistics_of
from leukoscope.models.trained_parts import set_trained
from leukoscope.recipes.schema import ModelSettings


def make(backbone: str, cut: str | None = None) -> CellModel:
    return build_model(ModelSettings(backbone=backbone, cut=cut, dropout=0.2), 3)[0]


@pytest.mark.parametrize(
    ("name", "cut", "rows"),
    [
        ("resnet18", None, 15),
        ("resnet18", "layer3", 14),
        ("resnet50", None, 23),
        ("mobilenetv2_100", None, 24),
        ("convnext_atto", None, 9),
        ("densenet121", None, 20),
        ("vit_tiny_patch16_224", None, 18),
    ],
)
def test_every_parameter_is_counted_once_and_the_table_is_short(name: str, cut: str | None, rows: int) -> None:
    model = make(name, cut)
    table = network_table(model, (64, 64))
    total = sum(parameter.numel() for parameter in model.parameters())
    assert table["parameters"].sum() == total
    assert table["trained"].to_list() == table["parameters"].to_list()
    assert table["layer"].is_unique().all()
    assert table["part"].unique(maintain_order=True).to_list()[0] == "stem"
    assert table.height == rows


def test_a_head_that_was_fitted_at_once_is_fitted_and_all_before_it_is_frozen() -> None:
    model = make("test_vit")  # with parameters that stand in no block
    table = network_table(model, (64, 64), at_once=True)
    head = sum(value.numel() for value in model.head.parameters())
    assert table["trained"].sum() == 0
    assert table["fitted"].sum() == table.filter(part="head")["fitted"].sum() == head
    assert table["frozen"].sum() + head == table["parameters"].sum() == count_parameters(model)[0]


def test_shapes_kinds_and_what_is_trained() -> None:
    model = make("resnet10t", "layer2")
    set_trained(model, ["layer2", "head"])
    model.train()
    table = network_table(model, (64, 96))
    assert table.columns == [
        *("layer", "part", "kind", "output_shape", "parameters", "trained", "frozen", "fitted", "statistics"),
        "trained_in",
    ]
    rows = {row["layer"]: row for row in table.to_dicts()}
    assert list(rows)[-6:] == ["layer1.0", "layer2.0", "pool.0", "pool.1", "head.dropout", "head.linear"]
    assert rows["layer1.0"] == {
        "layer": "layer1.0",
        "part": "layer1",
        "kind": "BasicBlock",
        "output_shape": "n\u00d764\u00d716\u00d724",
        "parameters": 73984,
        "trained": 0,
        "frozen": 73984,
        "fitted": 0,
        "statistics": 256,
        "trained_in": None,
    }
    assert (rows["layer2.0"]["output_shape"], rows["layer2.0"]["frozen"]) == ("n\u00d7128\u00d78\u00d712", 0)
    assert rows["head.linear"]["output_shape"] == "n\u00d73"
    assert rows["head.linear"]["trained"] == 128 * 3 + 3
    assert count_parameters(model) == (table["parameters"].sum(), table["trained"].sum())
    assert model.training
    assert not model.backbone.net.layer1.training
    assert not any(module._forward_hooks for module in model.modules())


def test_a_transformers_tokens_have_rows_of_their_own() -> None:
    table = network_table(make("test_vit"), (64, 64))
    assert table.filter(pl.col("kind") == "Parameter").select("layer", "part").rows() == [
        ("cls_token", "stem"),
        ("pos_embed", "stem"),
    ]


class Scaled(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.Linear(96, 96))
        self.scale = nn.Parameter(torch.ones(7))


def test_a_sequence_with_parameters_of_its_own_stays_closed() -> None:
    model = make("test_resnet")
    model.head = nn.Sequential(Scaled(), nn.Linear(96, 3))
    table = network_table(model, (64, 64))
    assert table.filter(pl.col("part") == "head").select("layer", "kind", "parameters").rows() == [
        ("head.0", "Scaled", 96 * 96 + 96 + 7),
        ("head.1", "Linear", 96 * 3 + 3),
    ]


def test_nothing_moves_while_a_network_is_described() -> None:
    model = make("test_resnet")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    network_table(model, (64, 64))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_size_that_the_network_does_not_take_is_refused() -> None:
    model = make("levit_128s").train()
    with pytest.raises(SettingsError, match=r"^levit_128s takes pictures of 224 x 224 px only; these have 64 x 64\."):
        network_table(model, (64, 64))
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


def test_statistics_are_those_of_batch_norm() -> None:
    model = make("resnet10t", "layer2")
    table = network_table(model, (64, 64))
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    assert table["statistics"].sum() == statistics_of(model) == sum(2 * norm.num_features for norm in norms)
    assert statistics_of(make("test_vit")) == 0


def test_each_row_says_in_which_stages_it_was_trained() -> None:
    model = make("resnet18", "layer3")
    model.divide(["layer3.1"])
    table = network_table(model, (64, 64), [["head"], ["layer3.1", "head"]])
    said = dict(table.select("layer", "trained_in").iter_rows())
    assert {layer for layer, stages in said.items() if stages is not None} == {"layer3.1", "head.linear"}
    assert (said["layer3.1"], said["head.linear"]) == ("2", "1, 2")


def test_each_stage_has_its_totals() -> None:
    model = make("resnet10t", "layer2")
    of_head, of_layer2 = (sum(value.numel() for value in model.parts()[part]) for part in ("head", "layer2"))
    total = count_parameters(model)[0]
    set_trained(model, ["layer2", "head"])
    assert stages_table(model, [["head"], ["layer2", "head"]]).rows(named=True) == [
        {
            "stage": number,
            "trained_parts": parts,
            "parameters": total,
            "trained": trained,
            "frozen": total - trained,
            "statistics": statistics_of(model),
        }
        for number, parts, trained in ((1, "head", of_head), (2, "layer2, head", of_head + of_layer2))
    ]
    assert stages_table(model, []).height == 0
