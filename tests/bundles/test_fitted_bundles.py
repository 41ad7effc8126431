"""Bundles whose head was fitted at once: support vectors, trees, dense layers, as tensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from leukoscope.bundles import load_bundle, save_bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.network import rebuild
from leukoscope.cohort.classes import Classes
from leukoscope.errors import BundleError
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings
from leukoscope.training.fitted_heads import fit_head_at_once
from leukoscope.training.head_learners import forest, mlp

TWO, THREE = Classes(("hem", "all")), Classes(("a", "b", "c"))


@pytest.fixture(autouse=True)
def quick_learners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "TREES", 10)
    monkeypatch.setattr(forest, "FEWER", 3)
    monkeypatch.setattr(mlp, "STEPS", 20)


def fitted(head: str, classes: Classes, *, network: bool = True) -> tuple[CellModel, BundleCard]:
    own = {"backbone": "test_resnet", "cut": "layer1", "pca": 3} if network else {"backbone": "none"}
    chosen = ModelSettings.model_validate({**own, "measures": True, "head": head})
    model = build_model(chosen, outputs_of(classes), seed=1)[0]
    truth = np.arange(48) % len(classes)
    vectors = np.random.default_rng(0).normal(size=(48, model.embedded)) + truth[:, None]
    groups = [f"P{place // 3}" for place in range(48)]
    groups = [f"{group}{label}" for group, label in zip(groups, truth, strict=True)]
    fit_head_at_once(model, chosen, vectors, truth, groups, weights=np.ones(48), seed=0)
    return model.eval(), BundleCard("first", classes, parse_framing([{"resize": 32}]), chosen)


@pytest.mark.parametrize("head", ["svm", "forest", "mlp", "prototypes"])
@pytest.mark.parametrize(("classes", "network"), [(TWO, True), (TWO, False), (THREE, True)])
def test_a_loaded_bundle_says_what_the_model_said(tmp_path: Path, head: str, classes: Classes, network: bool) -> None:
    model, card = fitted(head, classes, network=network)
    save_bundle(tmp_path / "bundle", model, card)
    bundle = load_bundle(tmp_path / "bundle")
    vectors = torch.randn(40, model.embedded, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.equal(bundle.model.head(vectors), model.head(vectors))
    kept = bundle.model.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in model.state_dict().items())
    assert sorted(path.suffix for path in (tmp_path / "bundle").iterdir()) == [
        "",
        ".json",
        ".md",
        ".md",
        ".safetensors",
        ".txt",
    ]


def test_other_tensors_than_the_settings_say_are_another_network() -> None:
    model, card = fitted("svm", TWO)
    tensors = model.state_dict()
    tensors["head.scores.support"] = tensors["head.scores.support"][:, 1:]
    width, vectors = model.head.get_parameter("scores.support").shape[1], len(tensors["head.scores.support"])
    with pytest.raises(BundleError) as caught:
        rebuild(card, tensors)
    assert str(caught.value) == (
        "The weights are those of another network than the bundle's settings say.\n"
        f"  where: head.scores.support: ({vectors}, {width - 1}) in the weights, ({vectors}, {width}) in the network\n"
        "  what to do: Save the bundle again, or use the version of timm that it was saved with."
    )


def test_a_head_of_another_kind_is_another_network() -> None:
    model, _ = fitted("svm", TWO, network=False)
    _, card = fitted("mlp", TWO, network=False)
    with pytest.raises(BundleError, match=r"^The weights are those of another network than the bundle's settings say"):
        rebuild(card, model.state_dict())
