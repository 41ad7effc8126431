from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.recipes.schema import ModelSettings

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
