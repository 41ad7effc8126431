"""A trained bundle of drawn cells, and drawn cells of other patients under another lamp that it is held against."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from leukoscope import draw, read_cohort, train, validate
from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings
from leukoscope.runs.run import Run
from leukoscope.validation.validation import Validation

TINY: dict[str, Any] = {
    "drawn": {"classes": 2, "patients": 20, "cells": 6, "size": 32, "malignant_share": 0.9},
    "framing": [{"resize": 32}],
    "augmentation": [],
    "stages": [],
    "model": {"backbone": "test_resnet", "cut": "layer2", "pool": "cell", "pool_stages": ["stem", "layer2"]}
    | {"head": "logistic_regression"},
    "split.test": 0.4,
    "refer": {"calibrate": "platt", "accuracy": 0.8},
}
LIGHT = 0.5
"""What is left of the light under the other laboratory's lamp."""


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, quickly: Callable[[], AbstractContextManager[None]]) -> Run:
    """The run of a small network that tells drawn cells apart, calibrates and refers."""
    with quickly():
        return train("drawn", out=tmp_path_factory.mktemp("home") / "run", changes=TINY)


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Cells of 24 other patients, half as bright."""
    folder = tmp_path_factory.mktemp("elsewhere") / "cells"
    draw(folder, patients=24, cells=4, size=32, malignant_share=0.9, seed=7)
    for path in sorted(folder.rglob("*.png")):
        pixels = np.asarray(Image.open(path).convert("RGB"))
        darker = np.maximum(pixels * LIGHT, 1) * pixels.any(axis=2, keepdims=True)
        Image.fromarray(darker.astype(np.uint8)).save(path)
    return read_cohort(folder, "drawn")


@pytest.fixture(scope="session")
def validated(home: Run, elsewhere: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Validation:
    """The bundle held against the cells from elsewhere, and recalibrated on half of them."""
    out = tmp_path_factory.mktemp("validated") / "out"
    return validate(home, elsewhere, out=out, recalibrate=0.5, replicates=200, command="leukoscope evaluate")


@pytest.fixture(scope="session")
def bundle(home: Run) -> Bundle:
    return load_bundle(home.bundle)


@pytest.fixture(scope="session")
def of_patients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained bundle of patients, of pictures alone, that knows nothing of its home."""
    classes, settings = Classes(("hem", "all")), ModelSettings(backbone="test_resnet", cut="layer2")
    model, _ = build_patient_model(settings, BagSettings(), FactsSettings(), outputs_of(classes), inputs=0, seed=3)
    folder = tmp_path_factory.mktemp("made") / "bundle"
    card = BundleCard("sick", classes, parse_framing([{"resize": 32}]), settings, threshold=0.5, task="patients")
    save_bundle(folder, model, card)
    return folder


@pytest.fixture(scope="session")
def of_three(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """An untrained bundle of three classes."""
    classes, settings = Classes(("hem", "all", "aml")), ModelSettings(backbone="test_resnet", cut="layer2")
    model, _ = build_model(settings, outputs_of(classes), seed=3)
    folder = tmp_path_factory.mktemp("made") / "bundle"
    save_bundle(folder, model, BundleCard("three", classes, parse_framing([{"resize": 32}]), settings))
    return load_bundle(folder)
