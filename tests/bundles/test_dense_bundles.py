"""Bundles whose network keeps every pixel of its last map, or has dense layers before its logits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from leukoscope.bundles import load_bundle, save_bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.network import rebuild
from leukoscope.cohort.classes import Classes
from leukoscope.errors import BundleError, SettingsError
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

DENSE = {"head": "dense", "hidden": [12, 8], "hidden_dropout": 0.5, "dropout": 0.25}
CLASSES = Classes(("hem", "all"))


def settings(**changes: Any) -> ModelSettings:
    return ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer2"} | DENSE | changes)


def card(model: ModelSettings, side: int = 32, **others: Any) -> BundleCard:
    return BundleCard("first", CLASSES, parse_framing([{"resize": side}]), model, **others)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"pool": "flatten"},
        {"pool": "flatten", "crop": 24},
        {"backbone": "four_convolutions", "cut": None, "pool": "flatten", "normalise": "none"},
    ],
)
def test_a_loaded_bundle_says_what_the_model_said(tmp_path: Path, changes: dict[str, Any]) -> None:
    side = 64 if "backbone" in changes else 32
    chosen = settings(**changes)
    model = build_model(chosen, 1, size=(side, side), seed=3)[0].eval()
    save_bundle(tmp_path / "bundle", model, card(chosen, side))
    bundle = load_bundle(tmp_path / "bundle")
    pixels = torch.rand(3, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(bundle.model(pixels), model(pixels), rtol=1e-5, atol=1e-6)
    assert bundle.card.model == chosen
    assert (bundle.card.model.hidden, bundle.card.model.pool) == ([12, 8], changes.get("pool", "average"))


def test_a_bundle_of_patients_too(tmp_path: Path) -> None:
    chosen, bag = settings(pool="flatten"), BagSettings(instances="cells", order="features")
    model = build_patient_model(chosen, bag, FactsSettings(), 1, size=(32, 32), seed=3)[0]
    save_bundle(tmp_path / "bundle", model, card(chosen, task="patients", bag=bag))
    loaded = load_bundle(tmp_path / "bundle").model.state_dict()
    assert all(torch.equal(value, loaded[name]) for name, value in model.state_dict().items())


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    chosen = settings(pool="flatten")
    save_bundle(tmp_path / "bundle", build_model(chosen, 1, size=(32, 32))[0], card(chosen))
    with pytest.raises(SettingsError, match=r"^The network was built for pictures of 32 x 32 px; these have 40 x 32\."):
        load_bundle(tmp_path / "bundle").model(torch.zeros(1, 3, 40, 32))


def test_other_dense_layers_than_the_settings_say_are_another_network() -> None:
    tensors = build_model(settings(hidden=[12, 9]), 1)[0].state_dict()
    with pytest.raises(BundleError) as caught:
        rebuild(card(settings()), tensors)
    assert str(caught.value) == (
        "The weights are those of another network than the bundle's settings say.\n"
        "  where: head.hidden2.weight: (9, 12) in the weights, (8, 12) in the network (and 2 more)\n"
        "  what to do: Save the bundle again, or use the version of timm that it was saved with."
    )
