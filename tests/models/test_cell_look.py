from __future__ import annotations

import pytest
import torch

from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.cell_look import look_at, looking, statistics, watched
from leukoscope.models.cell_model import CellModel
from leukoscope.models.picture_look import picture_look
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

PIXELS = torch.rand(5, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def make(**settings: object) -> CellModel:
    asked = ModelSettings.model_validate({"backbone": "test_resnet", **settings})
    return build_model(asked, 1, size=(64, 64), seed=0)[0].eval()


def test_it_holds_the_picture_and_mean_and_deviation_of_each_watched_stage() -> None:
    model = make(cut="layer2")
    names = list(watched(model.backbone))
    assert names == ["stem", "layer1", "layer2"]
    found = look_at(model, PIXELS)
    with torch.inference_mode():
        maps = model.backbone.stage_maps((PIXELS - model.mean) / model.std, names)  # type: ignore[union-attr]
    parts = [picture_look(PIXELS)]
    for one in maps:
        parts += [one.mean(dim=(2, 3)), one.flatten(2).std(2, correction=0)]
    assert found == pytest.approx(torch.cat(parts, dim=1).numpy(), abs=1e-5)


@pytest.mark.parametrize("name", ["test_efficientnet", "test_convnext", "test_vit"])
def test_other_families_are_looked_at_too_and_a_cell_looks_the_same_in_any_batch(name: str) -> None:
    model = make(backbone=name)
    side = model.backbone.side
    pixels = torch.rand(3, 3, side, side, generator=torch.Generator().manual_seed(1))
    found = look_at(model, pixels)
    assert len(watched(model.backbone)) == 4
    assert found.shape[1] > 16 + 4 * 2
    assert look_at(model, pixels[1:2])[0] == pytest.approx(found[1], abs=1e-4)


def test_of_several_views_the_first_counts_and_the_hooks_go() -> None:
    model = make()
    with looking(model) as seen, torch.inference_mode():
        model(PIXELS)
        model(PIXELS.flip(3) * 0.5)
        found = seen.look(PIXELS)
        model(PIXELS[:2])
        again = seen.look(PIXELS[:2])
    assert found == pytest.approx(look_at(model, PIXELS))
    assert again == pytest.approx(found[:2], abs=1e-5)
    assert not any(module._forward_hooks for module in model.modules())


def test_a_network_without_stages_shows_picture_and_measures() -> None:
    model = make(backbone="none", measures=True)
    assert watched(model.backbone) == {}
    assert look_at(model, PIXELS).shape == (5, 16 + 10)


def test_networks_side_by_side_are_looked_at_one_by_one() -> None:
    branches = {"A": {"backbone": "test_resnet", "cut": "layer1"}, "B": {"backbone": "test_resnet"}}
    model = make(backbone="joint", branches=branches)
    names = list(watched(model.backbone))
    assert names == ["A.stem", "A.layer1", "B.stem", "B.layer1", "B.layer3", "B.layer4"]
    assert look_at(model, PIXELS).shape[0] == 5


def test_cells_of_patients_look_as_cells_do() -> None:
    asked = ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer2"})
    model, _ = build_patient_model(asked, BagSettings(), FactsSettings(), 1, inputs=0, seed=0)
    model.eval()
    with looking(model.cells) as seen, torch.inference_mode():
        model.instances(PIXELS)
        found = seen.look(PIXELS)
    assert found == pytest.approx(look_at(model.cells, PIXELS), abs=1e-5)


def test_channels_last_and_tokens_and_several_results() -> None:
    maps = torch.rand(2, 5, 4, 4, generator=torch.Generator().manual_seed(0))
    first = statistics(maps, channels_last=False)
    assert statistics(maps.permute(0, 2, 3, 1), channels_last=True) == pytest.approx(first, abs=1e-6)
    assert statistics(maps.flatten(2).transpose(1, 2), channels_last=False) == pytest.approx(first, abs=1e-6)
    assert statistics((maps, maps * 2), channels_last=False) == pytest.approx(first, abs=1e-6)
    assert statistics(maps[:, :, 0, 0], channels_last=False).shape == (2, 5)
