"""The named measures beside a backbone's features, and the centre that the backbone sees."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor, nn

from leukoscope.drawn import draw_cell, draw_look
from leukoscope.errors import SettingsError
from leukoscope.models.bags import Bags
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.describing import TIMES, network_table
from leukoscope.models.measures import DESCRIBED, NAMES, CellMeasures
from leukoscope.pictures.cell_measures import measure_cells
from leukoscope.pictures.handcrafted import NAMES as HANDCRAFTED
from leukoscope.pictures.handcrafted import measure_all_by_hand
from leukoscope.randomness import generator
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

Measures = bool | Literal["handcrafted"] | list[str]


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Three drawn lymphocytes, (3, 64, 64, 3) uint8."""
    look = draw_look(0, "P1", "smear")
    return np.stack(
        [
            draw_cell("lymphocyte", size=64, background="smear", look=look, generator=generator(0, "cell", number))
            for number in range(3)
        ]
    )


@pytest.fixture
def pixels(pictures: np.ndarray) -> Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255


def settings(*, measures: Measures = False, crop: int | None = None) -> ModelSettings:
    return ModelSettings(backbone="test_resnet", weights=None, measures=measures, crop=crop)


def built(*, measures: Measures = False, crop: int | None = None) -> CellModel:
    return build_model(settings(measures=measures, crop=crop), 1)[0].eval()


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_module_measures_the_picture_as_it_was(
    pictures: np.ndarray, pixels: Tensor, layout: torch.memory_format
) -> None:
    found = CellMeasures()(pixels.contiguous(memory_format=layout).requires_grad_())
    assert found.dtype == torch.float32
    assert not found.requires_grad
    np.testing.assert_array_equal(found.numpy(), measure_cells(pictures))


def test_it_has_names_and_nothing_to_learn_or_save() -> None:
    module = CellMeasures()
    assert len(module.names) == 10
    assert not list(module.parameters())
    assert not module.state_dict()


def test_measures_stand_behind_the_features(pictures: np.ndarray, pixels: Tensor) -> None:
    plain, model = built(), built(measures=True)
    with torch.inference_mode():
        vector, features = model.embed(pixels), plain.embed(pixels)
        assert model(pixels).shape == (3, 1)
    assert (model.measured, plain.measured) == (10, 0)
    assert vector.shape == (3, model.embedded) == (3, plain.embedded + 10)
    torch.testing.assert_close(vector[:, :-10], features)
    np.testing.assert_array_equal(vector[:, -10:].numpy(), measure_cells(pictures))


def test_some_measures_by_name_in_the_order_asked(pictures: np.ndarray, pixels: Tensor) -> None:
    model = built(measures=["log_cell_area", "log_nucleus_area"])
    with torch.inference_mode():
        vector = model.embed(pixels)
    assert model.measured == 2
    np.testing.assert_array_equal(vector[:, -2:].numpy(), measure_cells(pictures)[:, [3, 0]])


def test_no_names_are_no_measures() -> None:
    assert built(measures=[]).measures is None


@pytest.mark.parametrize(
    ("names", "said"),
    [(["log_cell_area", "size"], "There is no measure 'size'."), (["nucleus_to_cell"] * 2, "nucleus_to_cell is named")],
)
def test_unknown_measures_and_repeated_ones_are_refused(names: list[str], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        built(measures=names)
    assert str(raised.value).startswith(said)
    do = "what to do: Take true (the ten), handcrafted, or some of log_nucleus_area, nucleus_to_cell, "
    assert do in str(raised.value)
    assert str(raised.value).endswith(", cytoplasm_saturation_sd, each once.")


def test_handcrafted_measures_stand_for_themselves_or_among_the_ten(pictures: np.ndarray, pixels: Tensor) -> None:
    by_hand, ten = measure_all_by_hand(pictures), measure_cells(pictures)
    with torch.inference_mode():
        every = built(measures="handcrafted").embed(pixels)
        mixed = built(measures=["nucleus_circle", "log_cell_area", "cell_area"]).embed(pixels)
    np.testing.assert_array_equal(every[:, -by_hand.shape[1] :].numpy(), by_hand)
    columns = [by_hand[:, HANDCRAFTED.index("nucleus_circle")], ten[:, 3], by_hand[:, HANDCRAFTED.index("cell_area")]]
    np.testing.assert_array_equal(mixed[:, -3:].numpy(), np.stack(columns, axis=1))


def test_every_measure_that_can_be_named_is_described() -> None:
    assert [DESCRIBED[name].name for name in (*NAMES, *HANDCRAFTED)] == [*NAMES, *HANDCRAFTED]
    assert len(DESCRIBED) == len(NAMES) + len(HANDCRAFTED)


def test_measures_take_the_dtype_of_the_features(pixels: Tensor) -> None:
    assert built(measures=True).double().embed(pixels.double()).dtype == torch.float64


def test_the_backbone_sees_the_centre_and_the_measures_all(pictures: np.ndarray, pixels: Tensor) -> None:
    model = built(measures=True, crop=33)
    with torch.inference_mode():
        vector, maps = model.embed(pixels), built(crop=33).features(pixels)
        torch.testing.assert_close(vector[:, :-10], built().embed(pixels[:, :, 15:48, 15:48]))
        torch.testing.assert_close(maps, built().features(pixels[:, :, 15:48, 15:48]))
    np.testing.assert_array_equal(vector[:, -10:].numpy(), measure_cells(pictures))


def test_a_picture_smaller_than_the_crop_is_refused(pixels: Tensor) -> None:
    with pytest.raises(SettingsError) as raised:
        built(crop=65).embed(pixels)
    assert str(raised.value) == (
        "The backbone is to see 65 x 65 px in the middle of pictures that have 64 x 64.\n"
        "  where: model.crop\n"
        "  what to do: Set a smaller crop, or frame larger pictures."
    )


def test_maps_have_no_place_for_measures(pixels: Tensor) -> None:
    with pytest.raises(SettingsError) as raised:
        built(measures=True).features(pixels)
    assert str(raised.value) == (
        "Named measures are of a whole cell; a feature map has no place for them.\n"
        "  where: model.measures\n"
        "  what to do: Take one instance a cell (bag.instances: cells), or no measures (model.measures: false)."
    )


def test_a_state_dict_from_before_still_fits() -> None:
    plain = built().state_dict()
    assert list(built(crop=32).state_dict()) == list(plain) == list(built(measures=True).state_dict())
    built(crop=32).load_state_dict(plain)


def test_the_table_of_the_network_shows_them() -> None:
    table = network_table(built(measures=True, crop=48), (64, 64))
    row = table.row(by_predicate=pl.col("layer") == "measures", named=True)
    assert (row["part"], row["kind"], row["output_shape"], row["parameters"]) == (
        "head",
        "CellMeasures",
        f"n{TIMES}10",
        0,
    )
    assert table["parameters"].sum() == sum(one.numel() for one in built(measures=True).parameters())


def test_instances_of_pixels_refuse_measures() -> None:
    with pytest.raises(SettingsError, match="a feature map has no place for them"):
        build_patient_model(settings(measures=True), BagSettings(instances="pixels"), FactsSettings(), 1)


@pytest.mark.parametrize("order", ["logits", "features"])
@pytest.mark.parametrize("crop", [None, 32])
def test_patients_have_features_and_measures(order: str, crop: int | None, pixels: Tensor) -> None:
    bag = BagSettings.model_validate({"instances": "cells", "order": order})
    model, _ = build_patient_model(settings(measures=True, crop=crop), bag, FactsSettings(), 2)
    assert model(pixels, Bags(torch.tensor([2, 1]))).shape == (2, 2)


def test_a_crop_larger_than_the_backbones_own_side_gives_maps() -> None:
    bag = BagSettings(instances="pixels")
    model, _ = build_patient_model(settings(crop=200), bag, FactsSettings(), 1)
    assert model(torch.rand(2, 3, 200, 200), Bags(torch.tensor([2]))).shape == (1, 1)


@pytest.mark.parametrize("fusion", ["none", "concatenate"])
def test_mean_and_spread_gives_the_head_twice_the_features(fusion: str, pixels: Tensor) -> None:
    bag = BagSettings(instances="cells", order="features", aggregator="mean_and_spread")
    facts = FactsSettings.model_validate({"inputs": {"age": "linear"}, "fusion": fusion})
    model, _ = build_patient_model(settings(measures=True), bag, facts, 1, inputs=2)
    bags = Bags(torch.tensor([2, 1]))
    assert model(pixels, bags, torch.zeros(2, 2)).shape == (2, 1)
    assert model.vectors(model.instances(pixels), bags).shape == (2, 2 * model.cells.embedded)
    heads = [layer.in_features for layer in model.cells.head.modules() if isinstance(layer, nn.Linear)]
    assert heads == ([2 * model.cells.embedded] if fusion == "none" else [])


def test_mean_and_spread_refuses_logits() -> None:
    bag = BagSettings(instances="cells", order="logits", aggregator="mean_and_spread")
    with pytest.raises(SettingsError) as raised:
        build_patient_model(settings(), bag, FactsSettings(), 1)
    assert str(raised.value) == (
        "MeanAndSpread says several things of each column: it aggregates features, not logits.\n"
        "  where: bag.order\n"
        "  what to do: Set bag.order: features, or choose another aggregator: mean."
    )
