from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings


@dataclass(frozen=True)
class Made:
    """A model and its card."""

    model: CellModel
    card: BundleCard

    def with_card(self, **changes: Any) -> Made:
        return replace(self, card=replace(self.card, **changes))


def make(names: tuple[str, ...]) -> Made:
    classes, settings = Classes(names), ModelSettings(backbone="test_resnet", cut="layer2", weights="/a/machine/s/path")
    model, note = build_model(settings.model_copy(update={"weights": None}), outputs_of(classes), seed=3)
    # The head starts near zero: with larger weights the probabilities differ from picture to picture.
    nn.init.normal_(model.head.get_parameter("linear.weight"), std=2.0, generator=torch.Generator().manual_seed(1))
    card = BundleCard(
        "first",
        classes,
        parse_framing([{"center_crop": 48}, {"resize": 32}]),
        settings,
        threshold=0.4 if classes.binary else None,
        weights=note.as_json(),
        trained_on={"data": "drawn", "cells": 120, "pictures_sha256": "ab"},
        scores={"weighted_f1": {"value": 0.9, "low": 0.8, "high": 0.95}, "cells": 40},
    )
    return Made(model, card)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def made() -> Made:
    return make(("hem", "all"))


@pytest.fixture(scope="session")
def made_of_three() -> Made:
    return make(("a", "b", "c"))


@pytest.fixture
def saved(made: Made, tmp_path: Path) -> Path:
    save_bundle(tmp_path / "bundle", made.model, made.card)
    return tmp_path / "bundle"
