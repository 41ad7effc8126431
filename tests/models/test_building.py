from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import torch
from safetensors.torch import save_file

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.models.bags import Bags
from leukoscope.models.building import build_model, build_network, build_patient_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.describing import network_table
from leukoscope.models.patient_model import PatientModel
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings, Recipe

SETTINGS = ModelSettings(backbone="test_resnet", cut="layer2", dropout=0.25)


def equal(first: CellModel, second: CellModel) -> bool:
    return all(map(torch.equal, first.state_dict().values(), second.state_dict().values()))


def test_the_same_seed_gives_the_same_weights_whatever_was_drawn_before() -> None:
    first, note = build_model(SETTINGS, 3, seed=1)
    torch.rand(5)
    again, _ = build_model(SETTINGS, 3, seed=1)
    other, _ = build_model(SETTINGS, 3, seed=2)
    assert note.source == "random"
    assert equal(first, again)
    assert not equal(first, other)
    assert first.head.get_parameter("linear.weight").shape == (3, 48)


def test_torchs_own_random_state_is_left_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    build_model(SETTINGS, 1, seed=1)
    assert torch.equal(torch.rand(4), expected)


def test_it_starts_in_training_mode_with_everything_trained() -> None:
    model, _ = build_model(SETTINGS, 1)
    assert model.training
    assert all(module.training for module in model.modules())
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


@pytest.mark.parametrize("seed", [0, 1])
def test_weights_are_the_files_and_the_head_is_the_seeds(tmp_path: Path, seed: int) -> None:
    source, _ = build_model(SETTINGS, 1, seed=9)
    save_file(source.backbone.net.state_dict(), tmp_path / "test_resnet.to_layer2.safetensors")
    settings = SETTINGS.model_copy(update={"weights": "imagenet"})
    model, note = build_model(settings, 1, weights_folder=tmp_path, seed=seed)
    assert note.source == "test_resnet.to_layer2.safetensors"
    assert all(map(torch.equal, model.backbone.parameters(), source.backbone.parameters()))
    drawn, _ = build_model(SETTINGS, 1, seed=seed)
    assert torch.equal(model.head.get_parameter("linear.weight"), drawn.head.get_parameter("linear.weight"))


def test_a_trained_network_is_rebuilt_from_settings_and_state() -> None:
    trained, _ = build_model(SETTINGS, 1, seed=4)
    rebuilt, _ = build_model(SETTINGS.model_copy(update={"weights": None}), 1)
    rebuilt.load_state_dict(trained.state_dict())
    pixels = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(rebuilt.eval()(pixels), trained.eval()(pixels))


@pytest.mark.parametrize("instances", ["pixels", "cells"])
@pytest.mark.parametrize("order", ["logits", "features"])
def test_a_network_of_patients_starts_from_the_backbone_of_cells(instances: str, order: str) -> None:
    bag = BagSettings.model_validate({"instances": instances, "order": order})
    model, note = build_patient_model(SETTINGS, bag, FactsSettings(), 3, seed=1)
    cells, _ = build_model(SETTINGS, 3, seed=1)
    assert equal(model.cells, cells)
    assert (model.fusion, model.facts, note.source) == (None, 0, "random")
    assert all(module.training for module in model.modules())
    with torch.inference_mode():
        assert model.eval()(torch.rand(3, 3, 32, 32), Bags(torch.tensor([2, 1]))).shape == (2, 3)


def test_the_mean_agrees_with_itself_in_both_orders() -> None:
    pixels, bags = torch.rand(3, 3, 32, 32), Bags(torch.tensor([2, 1]))
    said = []
    for order in ("logits", "features"):
        bag = BagSettings.model_validate({"order": order})
        model, _ = build_patient_model(SETTINGS, bag, FactsSettings(), 1, seed=1)
        with torch.inference_mode():
            said.append(model.eval()(pixels, bags))
    assert torch.allclose(*said, atol=1e-6)


@pytest.mark.parametrize("order", ["logits", "features"])
def test_with_features_a_fusion_makes_the_logits(order: str) -> None:
    facts = FactsSettings.model_validate({"inputs": {"age": "linear"}, "fusion": "concatenate"})
    bag = BagSettings.model_validate({"order": order})
    model, _ = build_patient_model(SETTINGS, bag, facts, 1, inputs=2, seed=1)
    assert isinstance(model.cells.head, torch.nn.Identity) == (order == "features")
    assert (model.facts, model.part_names[-1]) == (2, "facts")
    with torch.inference_mode():
        said = model.eval()(torch.rand(3, 3, 32, 32), Bags(torch.tensor([2, 1])), torch.rand(2, 2))
    assert said.shape == (2, 1)


def test_late_fusion_is_no_part_of_the_network() -> None:
    facts = FactsSettings.model_validate({"inputs": {"age": "linear"}, "fusion": "late"})
    model, _ = build_patient_model(SETTINGS, BagSettings(), facts, 1, inputs=2)
    assert (model.fusion, model.facts) == (None, 0)


def test_pixels_have_the_channels_of_the_maps_not_of_the_pooled_vector() -> None:
    # mobilenetv3 widens its vector behind the pooling: 288 channels become 1,024.
    settings = ModelSettings(backbone="mobilenetv3_small_050")
    for instances, width in (("pixels", 288), ("cells", 1024)):
        bag = BagSettings.model_validate({"instances": instances})
        model, _ = build_patient_model(settings, bag, FactsSettings(), 1)
        assert model.cells.head.get_parameter("linear.weight").shape == (1, width)
        with torch.inference_mode():
            assert model.eval()(torch.rand(2, 3, 64, 64), Bags(torch.tensor([2]))).shape == (1, 1)


def test_the_task_says_which_network_is_built() -> None:
    stages = [{"epochs": 1}]
    about = {"purpose": "a test"}
    for task, kind in (("cells", CellModel), ("patients", PatientModel)):
        recipe = Recipe.model_validate(
            {"name": "r", "about": about, "task": task, "model": SETTINGS.model_dump(), "stages": stages, "seed": 5}
        )
        model, _ = build_network(recipe, Classes(("hem", "all")))
        own = model.cells if isinstance(model, PatientModel) else model
        assert isinstance(model, kind)
        assert equal(own, build_model(SETTINGS, 1, seed=5)[0])


def test_pixels_may_stay_as_they_are() -> None:
    model, _ = build_model(SETTINGS.model_copy(update={"normalise": "none"}), 1)
    assert model.get_buffer("mean").unique().tolist() == [0.0]
    assert model.get_buffer("std").unique().tolist() == [1.0]


def test_a_cell_is_pooled_over_its_own_pixels_at_the_stages_that_are_named() -> None:
    settings = SETTINGS.model_copy(update={"pool": "cell", "pool_stages": ["stem", "layer2"], "pool_rim": 2})
    model = build_model(settings, 3)[0].eval()
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    pictures[:, :, :, :30] = 0
    other = pictures.clone()
    with torch.inference_mode():
        vector = model.embed(pictures)
        maps = model.backbone.stage_maps((pictures - model.mean) / model.std, ["stem", "layer2"])
        assert model.pooling is not None
        torch.testing.assert_close(vector, model.pooling(maps, other))
        assert model(pictures).shape == (2, 3)
    assert vector.shape == (2, model.embedded) == (2, 2 * (32 + 48))
    plain = build_model(SETTINGS, 3)[0]
    assert list(model.state_dict()) == list(plain.state_dict())
    rows = network_table(model, (64, 64)).filter(pl.col("part") == "head")["kind"].to_list()
    assert rows == ["CellPooling", "Dropout", "Linear"]


def test_without_named_stages_the_last_that_is_kept_is_pooled_over_the_cell() -> None:
    assert build_model(SETTINGS.model_copy(update={"pool": "cell"}), 1)[0].embedded == 2 * 48


def test_a_crop_is_pooled_where_the_backbone_sees_it() -> None:
    settings = SETTINGS.model_copy(update={"pool": "cell", "crop": 32})
    whole = build_model(settings.model_copy(update={"crop": None}), 1)[0].eval()
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    pictures[:, :, :, 40:] = 0
    with torch.inference_mode():
        found = build_model(settings, 1)[0].eval().embed(pictures)
        torch.testing.assert_close(found, whole.embed(pictures[:, :, 16:48, 16:48]))


def test_maps_have_no_place_for_what_is_pooled_over_a_cell() -> None:
    settings = SETTINGS.model_copy(update={"pool": "cell"})
    with pytest.raises(SettingsError) as raised:
        build_patient_model(settings, BagSettings(instances="pixels"), FactsSettings(), 1)
    assert str(raised.value) == (
        "Means and deviations over the cell are of a whole cell; a feature map has no place for them.\n"
        "  where: model.pool\n"
        "  what to do: Take one instance a cell (bag.instances: cells), or the usual pooling (model.pool: average)."
    )
    made = build_patient_model(settings, BagSettings(instances="cells"), FactsSettings(), 1)[0].eval()
    assert made(torch.ones(2, 3, 64, 64), Bags(torch.tensor([2]))).shape == (1, 1)


@pytest.mark.parametrize(("order", "known"), [("logits", True), ("features", False)])
def test_a_dense_head_behind_an_aggregator_has_no_evidence_that_adds_up(order: str, known: bool) -> None:
    dense = SETTINGS.model_copy(update={"head": "dense", "hidden": [8]})
    bag = BagSettings.model_validate({"instances": "cells", "order": order})
    model = build_patient_model(dense, bag, FactsSettings(), 1, seed=1)[0].eval()
    bags = Bags(torch.tensor([2, 1]))
    with torch.inference_mode():
        instances = model.instances(torch.rand(3, 3, 32, 32))
        found = model.evidence(instances, bags)
        assert (found is not None) == known
        if found is not None:
            torch.testing.assert_close(bags.sum(found), model.diagnose(instances, bags))


def test_patients_may_have_a_dense_head_in_either_order() -> None:
    dense = SETTINGS.model_copy(update={"head": "dense", "hidden": [8], "hidden_dropout": 0.5})
    for order, aggregator, width in (("logits", "mean", 48), ("features", "mean_and_spread", 96)):
        bag = BagSettings.model_validate({"instances": "cells", "order": order, "aggregator": aggregator})
        model, _ = build_patient_model(dense, bag, FactsSettings(), 1, seed=1)
        assert model.cells.head.get_parameter("hidden1.weight").shape == (8, width)
