from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.errors import SettingsError
from leukoscope.models.building import build_patient_model
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.trained_parts import parameter_groups, set_trained
from leukoscope.recipes.contradictions import refuse_changes, refuse_frozen
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings, Recipe
from leukoscope.recipes.schema import TestTimeSettings as Views
from leukoscope.training.cell_features import missing_cells
from leukoscope.training.frozen_backbone import embed_ahead, without_backbone
from leukoscope.training.loop import train

CPU = torch.device("cpu")
BAG = {"aggregator": "attention", "frozen": True}


@pytest.fixture
def network() -> PatientModel:
    settings = ModelSettings(backbone="test_resnet", cut="layer2")
    return build_patient_model(settings, BagSettings.model_validate(BAG), FactsSettings(), 1, seed=41)[0]


@pytest.fixture(name="recipe")
def recipe_maker(make_recipe: Any) -> Any:
    plain: dict[str, Any] = {"task": "patients", "bag": BAG, "augmentation": []}
    return lambda **changes: make_recipe(**(plain | changes))


def test_a_frozen_backbone_contradicts_random_changes_and_rotations(recipe: Any) -> None:
    both = recipe(augmentation=[{"flip": 0.5}, {"rotate": 360}], test_time={"rotations": 8})
    with pytest.raises(SettingsError) as caught:
        refuse_frozen(both)
    assert str(caught.value) == (
        "Each cell is embedded once, as it lies (bag.frozen: true), and so can't have random changes (flip, rotate) or "
        "8 rotations in scoring.\n"
        "  where: augmentation, test_time.rotations\n"
        "  what to do: Set augmentation: [] and test_time.rotations: 1, or let the backbone learn (bag.frozen: false)."
    )


def test_a_frozen_backbone_contradicts_random_changes(recipe: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        refuse_frozen(recipe(augmentation=[{"flip": 0.5}]))
    assert str(caught.value) == (
        "Each cell is embedded once, as it lies (bag.frozen: true), and so can't have random changes (flip).\n"
        "  where: augmentation\n"
        "  what to do: Set augmentation: [], or let the backbone learn (bag.frozen: false)."
    )


def test_a_frozen_backbone_contradicts_rotations() -> None:
    with pytest.raises(SettingsError) as caught:
        refuse_changes([], Views(rotations=2))
    assert str(caught.value) == (
        "Each cell is embedded once, as it lies (bag.frozen: true), and so can't have 2 rotations in scoring.\n"
        "  where: test_time.rotations\n"
        "  what to do: Set test_time.rotations: 1, or let the backbone learn (bag.frozen: false)."
    )


def test_a_frozen_backbone_contradicts_flips_and_crops(recipe: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        refuse_frozen(recipe(test_time={"flips": "both", "crops": "five"}))
    assert str(caught.value) == (
        "Each cell is embedded once, as it lies (bag.frozen: true), and so can't have mirrored views in scoring or "
        "crops in scoring.\n"
        "  where: test_time.flips, test_time.crops\n"
        "  what to do: Set test_time.flips: none and test_time.crops: none, or let the backbone learn "
        "(bag.frozen: false)."
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"bag": {}, "augmentation": [{"flip": 0.5}], "test_time": {"rotations": 8}},
        {"task": "cells", "augmentation": [{"flip": 0.5}], "test_time": {"rotations": 8}},
    ],
)
def test_other_recipes_are_no_contradiction(recipe: Any, changes: dict[str, Any]) -> None:
    refuse_frozen(recipe(**changes))


def stages_of(recipe: Recipe, model: PatientModel) -> list[Any]:
    return [stage.train for stage in without_backbone(recipe, model).stages]


def test_all_means_all_but_the_backbone(recipe: Any, network: PatientModel) -> None:
    asked = recipe(
        stages=[
            {"epochs": 1, "rates": {"head": 1e-3, "others": 1e-4}},
            {"epochs": 2, "train": "head"},
            {"epochs": 1, "train": ["head..aggregator"]},
        ]
    )
    assert stages_of(asked, network) == [["head", "aggregator"], "head", ["head..aggregator"]]
    groups = parameter_groups(network, without_backbone(asked, network).stages[0])
    assert [(group["name"], group["lr"]) for group in groups] == [("head", 1e-3), ("aggregator", 1e-4)]


def test_the_backbone_stays_in_evaluation_mode(recipe: Any, network: PatientModel) -> None:
    stage = without_backbone(recipe(stages=[{"epochs": 1, "batch_norm": "train"}]), network).stages[0]
    set_trained(network, stage.train, "train")
    network.train()
    norms = [module for module in network.cells.backbone.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert norms
    assert not any(norm.training for norm in norms)
    assert network.cells.head.training
    assert not any(parameter.requires_grad for parameter in network.cells.backbone.parameters())


def test_a_backbone_that_learns_is_left_alone(recipe: Any, network: PatientModel) -> None:
    plain = recipe(bag={}, augmentation=[{"flip": 0.5}])
    assert without_backbone(plain, network) is plain


@pytest.mark.parametrize(
    ("stage", "what", "where"),
    [
        ({"train": ["layer2..head"]}, "trains 'layer2..head'", "stages.0.train"),
        ({"train": ["stem", "head"]}, "trains 'stem'", "stages.0.train"),
        ({"rates": {"stem..layer2": 1e-5, "others": 1e-3}}, "has a rate for 'stem..layer2'", "stages.0.rates"),
    ],
)
def test_a_stage_may_not_name_the_backbone(
    recipe: Any, network: PatientModel, stage: dict[str, Any], what: str, where: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        without_backbone(recipe(stages=[{"epochs": 1, **stage}]), network)
    assert str(caught.value) == (
        f"A stage {what}, and the backbone stays as it is (bag.frozen: true).\n"
        f"  where: {where}\n"
        "  what to do: Name only what learns (head, aggregator), or let the backbone learn (bag.frozen: false)."
    )


def test_cells_of_both_parts_are_embedded_ahead(recipe: Any, network: PatientModel, two_patients: Any) -> None:
    parts = [two_patients.subset(np.array([place])) for place in (0, 1)]
    missing = missing_cells(network, two_patients.cells)
    assert missing == len(two_patients.cells)
    embed_ahead(recipe(bag={}), network, parts, CPU)
    assert missing_cells(network, two_patients.cells) == missing
    embed_ahead(recipe(), network, parts, CPU)
    assert missing_cells(network, two_patients.cells) == 0


def test_a_contradiction_is_said_before_anything_is_computed(
    recipe: Any, network: PatientModel, two_patients: Any, two_classes: Any, tmp_path: Path
) -> None:
    asked = recipe(augmentation=[{"flip": 0.5}])
    missing = missing_cells(network, two_patients.cells)
    with pytest.raises(SettingsError, match="embedded once"):
        train(network, two_patients, two_patients, asked, two_classes.classes, seed=0, folder=tmp_path)
    assert not list(tmp_path.iterdir())
    assert missing_cells(network, two_patients.cells) == missing
