"""Every kind of network that recipes name keeps to the contract."""

from __future__ import annotations

from typing import Any

import pytest

from leukoscope.models.building import build_model
from leukoscope.recipes.schema import ModelSettings
from leukoscope.testing import check_model

NETWORKS: dict[str, dict[str, Any]] = {
    "own": {"backbone": "four_convolutions", "head": "dense", "hidden": [8], "pool": "flatten"},
    "resnet": {"backbone": "test_resnet", "dropout": 0.2},
    "efficientnet": {"backbone": "test_efficientnet"},
    "convnext": {"backbone": "test_convnext"},
    "transformer": {"backbone": "test_vit"},
    "measures": {"backbone": "test_resnet", "cut": "layer1", "measures": ["log_cell_area"]},
    "joint": {
        "backbone": "joint",
        "branches": {"A": {"backbone": "test_resnet"}, "B": {"backbone": "test_efficientnet"}},
        "head": "dense",
        "hidden": [8],
        "feature_norm": True,
    },
}


@pytest.mark.parametrize("name", sorted(NETWORKS))
@pytest.mark.parametrize("outputs", [1, 3])
def test_our_networks_keep_to_the_contract(name: str, outputs: int) -> None:
    settings = ModelSettings.model_validate(NETWORKS[name])
    side = 160
    check_model(
        lambda seed: build_model(settings, outputs, size=(side, side), seed=seed)[0], outputs=outputs, size=(side, side)
    )
