from __future__ import annotations

from typing import Any

import pytest
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.models.bags import Bags
from leukoscope.models.building import build_model, build_network, build_patient_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.describing import network_table
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings, Recipe
from leukoscope.training.cell_features import features_key


def built(size: tuple[int, int] | None = (64, 48), **settings: Any) -> CellModel:
    chosen = ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer2", "pool": "flatten"} | settings)
    return build_model(chosen, 1, size=size)[0].eval()


def pixels(height: int = 64, width: int = 48) -> torch.Tensor:
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))


def test_every_pixel_of_the_last_map_is_in_the_vector() -> None:
    model = built()
    with torch.inference_mode():
        maps = model.backbone.maps((pixels() - model.mean) / model.std)
        vector = model.embed(pixels())
    assert maps.shape == (2, 48, 8, 6)
    assert model.embedded == model.pooled == 48 * 8 * 6
    torch.testing.assert_close(vector, maps.reshape(2, -1))
    assert model.head.get_parameter("linear.weight").shape == (1, 48 * 8 * 6)


def test_measures_stand_behind_and_the_crop_decides_the_length() -> None:
    model = built(size=None, crop=32, measures=["log_cell_area"])
    assert (model.pooled, model.embedded) == (48 * 4 * 4, 48 * 4 * 4 + 1)
    for side in (32, 64):
        with torch.inference_mode():
            assert model.embed(pixels(side, side)).shape == (2, 48 * 4 * 4 + 1)


def test_the_network_is_left_in_training_mode_and_listed_with_its_flattening() -> None:
    model, _ = build_model(ModelSettings(backbone="test_resnet", cut="layer2", pool="flatten"), 1, size=(32, 32))
    assert all(module.training for module in model.modules())
    pool = network_table(model, (32, 32)).filter(layer="pool").row(0, named=True)
    assert (pool["kind"], pool["output_shape"], pool["parameters"]) == ("Flattening", f"n\u00d7{48 * 4 * 4}", 0)


# 63 px give maps as large as 64 px do: what was built for is the picture, not the map.
@pytest.mark.parametrize(("height", "width"), [(32, 32), (48, 64), (63, 48)])
def test_a_picture_of_another_size_is_refused(height: int, width: int) -> None:
    with pytest.raises(SettingsError) as caught:
        built()(pixels(height, width))
    assert str(caught.value) == (
        f"The network was built for pictures of 64 x 48 px; these have {height} x {width}.\n"
        "  where: model.pool\n"
        "  what to do: Frame pictures as in training, or build the network with model.pool: average, which takes any "
        "size."
    )


def test_without_a_size_it_cannot_be_built() -> None:
    with pytest.raises(SettingsError) as caught:
        built(size=None)
    assert str(caught.value) == (
        "Every pixel of the last map counts (model.pool: flatten), so the pictures must have one known size.\n"
        "  where: model.pool\n"
        "  what to do: End the framing with a step that sets the size: {resize: 128}; from Python, give "
        "size=(128, 128)."
    )


def test_patients_take_it_where_instances_are_cells_alone() -> None:
    settings = ModelSettings(backbone="test_resnet", cut="layer2", pool="flatten")
    of_cells = BagSettings(instances="cells")
    model, _ = build_patient_model(settings, of_cells, FactsSettings(), 1, size=(32, 32))
    with torch.inference_mode():
        assert model.eval()(pixels(32, 32), Bags(torch.tensor([2]))).shape == (1, 1)
    with pytest.raises(SettingsError) as caught:
        build_patient_model(settings, BagSettings(instances="pixels"), FactsSettings(), 1, size=(32, 32))
    assert str(caught.value) == (
        "All pixels of a map in one vector are of a whole cell; a feature map has no place for them.\n"
        "  where: model.pool\n"
        "  what to do: Take one instance a cell (bag.instances: cells), or the usual pooling (model.pool: average)."
    )


def test_features_of_another_pooling_or_size_are_kept_apart() -> None:
    networks = [built(), built((48, 64)), built(pool="average")]
    for other in networks[1:]:
        other.backbone.load_state_dict(networks[0].backbone.state_dict())
    assert len({features_key(model) for model in networks}) == 3


def test_a_recipe_s_network_is_built_for_its_size() -> None:
    model = {"backbone": "test_resnet", "cut": "layer2", "pool": "flatten"}
    recipe = Recipe.model_validate({"name": "r", "about": {"purpose": "a test"}, "model": model, "stages": []})
    made, _ = build_network(recipe, Classes(("hem", "all")), size=(32, 32))
    assert isinstance(made, CellModel)
    assert made.pooled == 48 * 4 * 4
