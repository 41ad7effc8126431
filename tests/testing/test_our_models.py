"""Every kind of network that recipes name keeps to the contract."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings
from leukoscope.testing import check_model
from leukoscope.testing.model_checks.example import Example
from leukoscope.training.head_inputs import fit_inputs
from leukoscope.training.head_learners import LEARNERS

NETWORKS: dict[str, dict[str, Any]] = {
    "own": {"backbone": "four_convolutions", "head": "dense", "hidden": [8], "pool": "flatten"},
    "resnet": {"backbone": "test_resnet", "dropout": 0.2},
    "leaky": {"backbone": "test_resnet", "activation": "leaky_relu", "normalise": "none"},
    "cell": {"backbone": "test_resnet", "cut": "layer1", "pool": "cell", "pool_stages": ["stem", "layer1"], "crop": 48},
    "efficientnet": {"backbone": "test_efficientnet"},
    "convnext": {"backbone": "test_convnext"},
    "transformer": {"backbone": "test_vit"},
    "measures": {"backbone": "test_resnet", "cut": "layer1", "measures": ["log_cell_area"]},
    "joint": {
        "backbone": "joint",
        "branches": {
            "A": {"backbone": "test_resnet", "cut": "layer2", "activation": "leaky_relu"},
            "B": {"backbone": "test_efficientnet"},
        },
        "head": "dense",
        "hidden": [8],
        "feature_norm": True,
    },
}
OUTPUTS = {"own": 1, "cell": 1, "convnext": 1, "joint": 1}
SIDES = {"transformer": 160}
FITTED: dict[str, dict[str, Any]] = {
    "svm": {"backbone": "test_resnet", "cut": "layer1", "pca": 4},
    "mlp": {"backbone": "test_resnet", "cut": "layer1", "measures": ["log_cell_area"]},
    "prototypes": {"backbone": "test_resnet", "cut": "layer1"},
    "forest": {"backbone": "none", "measures": "handcrafted"},
}
CELLS = 24
PATIENTS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "pixels": ({}, {"aggregator": "bn_sigmoid"}, "none"),
    "spread of features and measures": (
        {"measures": ["log_cell_area"]},
        {"aggregator": "mean_and_spread", "instances": "cells", "order": "features"},
        "none",
    ),
    "gated facts": ({}, {"aggregator": "attention", "instances": "cells", "order": "features"}, "gate"),
    "experts": ({}, {"aggregator": {"top_k": {"k": 2}}, "instances": "cells"}, "experts"),
}


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_our_networks_keep_to_the_contract(name: str) -> None:
    settings, outputs = ModelSettings.model_validate(NETWORKS[name]), OUTPUTS.get(name, 3)
    size = (SIDES.get(name, 64),) * 2
    check_model(lambda seed: build_model(settings, outputs, size=size, seed=seed)[0], outputs=outputs, size=size)


@cache
def fitted(name: str, seed: int) -> CellModel:
    """Return a network whose head was fitted to the example's pictures, as if of three classes."""
    settings = ModelSettings.model_validate(FITTED[name] | {"head": name})
    model = build_model(settings, 3, seed=seed)[0]
    assert isinstance(model.head, FittedHead)
    truth = np.roll(np.arange(CELLS) % 3, seed)
    with torch.no_grad():
        vectors = model.eval().embed(Example(lambda _: model, 3, (64, 64)).pixels(CELLS)).double().numpy()
        model.head.inputs = fit_inputs(vectors, model.pooled, settings.pca)
        seen = model.head.inputs(torch.from_numpy(vectors)).numpy()
        model.head.scores = LEARNERS[name](0).fit(seen, truth, np.ones(CELLS), seed=seed, quick=True)
        for line in model.head.parameters(recurse=False):
            line.fill_(1)
    return model


@pytest.mark.parametrize("name", sorted(FITTED))
def test_our_fitted_heads_keep_to_the_contract(name: str) -> None:
    check_model(lambda seed: copy.deepcopy(fitted(name, seed)), outputs=3, size=(64, 64))


@pytest.mark.parametrize("name", sorted(PATIENTS))
def test_our_networks_of_patients_keep_to_the_contract(name: str) -> None:
    model, bag, fusion = PATIENTS[name]
    settings = ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer1"} | model)
    facts = FactsSettings.model_validate({"inputs": {"age": "linear"}, "fusion": fusion} if fusion != "none" else {})

    def make(seed: int) -> Any:
        inputs = len(facts.inputs)
        return build_patient_model(settings, BagSettings.model_validate(bag), facts, 1, inputs=inputs, seed=seed)[0]

    check_model(make, outputs=1, size=(32, 32))
