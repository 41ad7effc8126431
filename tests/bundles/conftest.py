from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from torch import nn

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.conformal import Band
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.late import LateFusion
from leukoscope.facts.logistic import LogisticModel
from leukoscope.models.aggregators import AGGREGATORS
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.network import Network
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings


@dataclass(frozen=True)
class Made:
    """A model and its card."""

    model: Network
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


FACTS = {"age": "linear", "count": "log", "sex": "category"}
ENCODER = FactsEncoder.fit(
    pl.DataFrame({"patient": ["P", "Q", "R"], "age": [20, 50, 90], "count": [4.5, 8, 90], "sex": ["F", "M", None]}),
    FACTS,
)
NAMES = ("pictures", *ENCODER.names)
LATE = LateFusion(
    LogisticModel(NAMES, (0.1,) * len(NAMES), (1.2,) * len(NAMES), ((0.9, *(0.4,) * (len(NAMES) - 1)),), (-0.3,), 1.0)
)
CALIBRATOR = Calibrator("platt", ("hem", "all"), 30, slope=0.7, offset=0.2)
BAND = Band(0.9, "class", {"hem": 0.5, "all": 0.6}, {"hem": 14, "all": 16})


def make_of_patients(
    fusion: str,
    *,
    order: str = "logits",
    aggregator: str = "mean",
    names: tuple[str, ...] = ("hem", "all"),
    **card: Any,
) -> Made:
    """Make an untrained model of patients: mean over pixels, with three facts unless ``fusion`` is none."""
    classes, settings = Classes(names), ModelSettings(backbone="test_resnet", cut="layer2")
    bag = BagSettings.model_validate({"aggregator": aggregator, "order": order})
    facts = FactsSettings.model_validate({"fusion": fusion, "inputs": {} if fusion == "none" else FACTS})
    inputs = 0 if fusion == "none" else len(ENCODER.names)
    model, _ = build_patient_model(settings, bag, facts, outputs_of(classes), inputs=inputs, seed=3)
    generator = torch.Generator().manual_seed(1)
    for parameter in (*model.cells.head.parameters(), *(model.fusion.parameters() if model.fusion else [])):
        nn.init.normal_(parameter, std=0.5, generator=generator)
    further = {
        "encoder": ENCODER.as_json() if inputs else None,
        "fusion": LATE.as_json() if fusion == "late" else None,
    }
    framing = parse_framing([{"resize": 32}])
    return Made(
        model,
        BundleCard("sick", classes, framing, settings, task="patients", bag=bag, facts=facts, **(further | card)),
    )


@pytest.fixture(scope="session")
def of_patients() -> Made:
    """A model of patients with all that a card can have: late fusion, calibration, a threshold, a band."""
    return make_of_patients("late", calibrator=CALIBRATOR.as_json(), band=BAND.as_json(), threshold=0.4)


@pytest.fixture(scope="session")
def others_of_patients() -> dict[str, Made]:
    """Models of patients of other kinds, by a name."""
    return {
        "pictures alone": make_of_patients("none"),
        "three classes": make_of_patients("none", names=("a", "b", "c")),
        "gate": make_of_patients("gate", order="features"),
        "concatenate": make_of_patients("concatenate"),
    }


@pytest.fixture(params=sorted(AGGREGATORS))
def of_each_aggregator(request: pytest.FixtureRequest) -> Made:
    """A model of patients with each of the aggregators."""
    order = "features" if request.param == "mean_and_spread" else "logits"
    return make_of_patients("none", order=order, aggregator=request.param)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def made() -> Made:
    return make(("hem", "all"))


@pytest.fixture(scope="session")
def made_of_three() -> Made:
    return make(("a", "b", "c"))


@pytest.fixture(scope="session")
def made_of_fifteen() -> Made:
    """A model that is sure of class c0, and to which c3, c7 and c11 are next to impossible, each in its own degree."""
    found = make(tuple(f"c{place}" for place in range(15)))
    head = found.model.head
    nn.init.normal_(head.get_parameter("linear.weight"), std=0.1, generator=torch.Generator().manual_seed(1))
    bias = torch.linspace(-1, 1, 15)
    bias[[0, 3, 7, 11]] = torch.tensor([20.0, -3.0, -3.5, -4.0])
    head.get_parameter("linear.bias").data.copy_(bias)
    return Made(found.model.eval(), found.card)


def save(made: Made, folder: Path) -> Path:
    save_bundle(folder / "bundle", made.model, made.card)
    return folder / "bundle"


@pytest.fixture(scope="session")
def once_of_three(made_of_three: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(made_of_three, tmp_path_factory.mktemp("of_three"))


@pytest.fixture(scope="session")
def once(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(made, tmp_path_factory.mktemp("once"))


@pytest.fixture
def saved_of_three(once_of_three: Path, tmp_path: Path) -> Path:
    """A copy of its own, to be spoilt."""
    return Path(shutil.copytree(once_of_three, tmp_path / "bundle"))


@pytest.fixture
def saved(once: Path, tmp_path: Path) -> Path:
    """A copy of its own, to be spoilt."""
    return Path(shutil.copytree(once, tmp_path / "bundle"))
