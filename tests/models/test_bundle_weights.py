from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.errors import WeightsError
from leukoscope.files import read_json, sha256, write_json
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.known_weights import DINOBLOOM
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.models.weights import WeightsNote
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

SETTINGS = ModelSettings(backbone="test_resnet", cut="layer2")
COUNTS = {"data": "cnmc", "cells": 1200, "patients": 30, "pictures_sha256": "ab"}


def save(folder: Path, model: Any, settings: ModelSettings = SETTINGS, **card: Any) -> Path:
    framing = parse_framing([{"resize": 32}])
    save_bundle(folder, model, BundleCard("first", Classes(("hem", "all")), framing, settings, **card))
    return folder


@pytest.fixture(scope="session")
def trained() -> CellModel:
    model, _ = build_model(SETTINGS, 1, seed=9)
    model.mean.copy_(torch.tensor([0.1, 0.2, 0.3]).view(1, 3, 1, 1))
    return model


@pytest.fixture
def bundle(trained: CellModel, tmp_path: Path) -> Path:
    return save(tmp_path / "cells", trained, trained_on=COUNTS)


def refusal(settings: ModelSettings) -> str:
    with pytest.raises(WeightsError) as caught:
        build_model(settings, 1)
    return str(caught.value)


def named(bundle: Path, **changes: Any) -> ModelSettings:
    return SETTINGS.model_copy(update={"weights": str(bundle), **changes})


def test_the_backbone_and_the_normalisation_are_the_bundles_and_the_head_is_new(
    bundle: Path, trained: CellModel
) -> None:
    model, note = build_patient_model(named(bundle), BagSettings(), FactsSettings(), 1, seed=2)
    own, theirs = model.cells.backbone.state_dict(), trained.backbone.state_dict()
    assert all(torch.equal(own[name], theirs[name]) for name in theirs)
    assert torch.equal(model.mean, trained.mean)
    fresh, _ = build_model(SETTINGS, 1, seed=2)
    assert torch.equal(model.cells.head.get_parameter("linear.weight"), fresh.head.get_parameter("linear.weight"))
    assert note.source == "bundle first"
    assert note.sha256 == sha256(bundle / "weights.safetensors")
    assert note.trained_on == "cnmc (1,200 cells, 30 patients)"
    assert note.dropped == ("head.linear.bias", "head.linear.weight")


def test_the_note_says_what_must_not_be_tested_on(bundle: Path) -> None:
    _, note = build_model(named(bundle), 1)
    assert note.caution == (
        "The backbone was trained on cnmc (1,200 cells, 30 patients); no patient of that training may be in the test "
        "part, which cannot be checked from the bundle."
    )
    assert repr(note).endswith(f"licence not known. {note.caution}")
    assert note.as_json()["caution"] == note.caution


def test_a_leak_of_that_training_is_said(trained: CellModel, tmp_path: Path) -> None:
    bundle = save(tmp_path / "cells", trained, leakage="the paper's split")
    _, note = build_model(named(bundle), 1)
    assert note.caution is not None
    assert note.caution.startswith("The backbone was trained on pictures not named; ")
    assert note.caution.endswith(" Its scores are marked with leakage: the paper's split")


def test_licence_and_origin_of_what_came_before_go_along_a_chain(tmp_path: Path) -> None:
    save_file(create_backbone("test_resnet").net.state_dict(), tmp_path / "test_resnet.dinobloom.safetensors")
    model, begun = build_model(SETTINGS.model_copy(update={"weights": "imagenet"}), 1, weights_folder=tmp_path)
    matek = {"data": "aml", "sets": ["matek"], "cells": 45}
    first = save(tmp_path / "first", model, weights=begun.as_json(), trained_on=matek)
    model, note = build_model(named(first), 1)
    assert (note.licence, note.sets) == ("Apache-2.0", ("pbc", "bloodmnist", "matek"))
    assert note.trained_on == f"aml (45 cells), begun from {DINOBLOOM.trained_on}"
    second = save(tmp_path / "second", model, weights=note.as_json(), trained_on=COUNTS)
    _, note = build_model(named(second), 1)
    assert (note.licence, note.sets) == ("Apache-2.0", ("pbc", "bloodmnist", "matek"))
    words = f"cnmc (1,200 cells, 30 patients), begun from aml (45 cells), begun from {DINOBLOOM.trained_on}"
    assert note.trained_on == words
    assert note.caution is not None
    assert note.caution.startswith(f"The backbone was trained on {words}; no patient of that training may be in the ")


def test_pictures_in_another_form_go_along_a_chain(trained: CellModel, tmp_path: Path) -> None:
    first = save(tmp_path / "first", trained, trained_on={"data": "pbc", "sets": ["pbc"]})
    model, note = build_model(named(first), 1)
    assert note.sets == ("bloodmnist",)
    second = save(tmp_path / "second", model, weights=note.as_json(), trained_on=COUNTS)
    assert build_model(named(second), 1)[1].sets == ("bloodmnist",)


def test_first_weights_of_unknown_origin_are_said_to_be(trained: CellModel, tmp_path: Path) -> None:
    unknown = WeightsNote("net.bin", "ab").as_json()
    _, note = build_model(named(save(tmp_path / "a", trained, weights=unknown, trained_on=COUNTS)), 1)
    assert note.licence is None
    assert note.trained_on == "cnmc (1,200 cells, 30 patients), begun from weights of unknown origin (net.bin)"
    random = WeightsNote("random").as_json()
    _, note = build_model(named(save(tmp_path / "b", trained, weights=random, trained_on=COUNTS)), 1)
    assert note.trained_on == "cnmc (1,200 cells, 30 patients)"


def test_a_card_that_was_edited_is_refused(bundle: Path) -> None:
    fields = read_json(bundle / "bundle.json")
    write_json(bundle / "bundle.json", fields | {"normalisation": {"mean": [0, 0, 0], "std": [1, 1, 1]}})
    assert refusal(named(bundle)) == (
        "The field 'normalisation' was changed after the bundle was saved.\n"
        f"  where: {bundle / 'bundle.json'}\n"
        "  what to do: Take the file as it was saved, or save the bundle again."
    )


def test_a_bundle_lies_in_the_folder_of_weights_too(bundle: Path) -> None:
    settings = SETTINGS.model_copy(update={"weights": bundle.name})
    assert build_model(settings, 1, weights_folder=bundle.parent)[1].source == "bundle first"


def test_a_bundle_of_patients_gives_its_backbone_likewise(tmp_path: Path) -> None:
    patients, _ = build_patient_model(SETTINGS, BagSettings(), FactsSettings(), 1, seed=4)
    bundle = save(tmp_path / "sick", patients, task="patients")
    model, note = build_model(named(bundle), 1, seed=2)
    assert all(map(torch.equal, model.backbone.parameters(), patients.cells.backbone.parameters()))
    assert note.dropped == ("cells.head.linear.bias", "cells.head.linear.weight")


def test_a_deeper_bundle_serves_a_shorter_network(tmp_path: Path) -> None:
    deep = ModelSettings(backbone="test_resnet", cut="layer3")
    model, _ = build_model(deep, 1, seed=1)
    bundle = save(tmp_path / "deep", model, deep)
    shorter, note = build_model(named(bundle), 1)
    assert torch.equal(next(iter(shorter.backbone.parameters())), next(iter(model.backbone.parameters())))
    assert any(name.startswith("layer3 (") for name in note.dropped)


def test_another_backbone_is_refused(bundle: Path) -> None:
    assert refusal(named(bundle, backbone="resnet10t", cut="layer2")) == (
        f"The bundle's backbone is test_resnet, not resnet10t.\n  where: {bundle}\n"
        "  what to do: Name another bundle, or set model.backbone and the rest of model as that bundle has them."
    )


@pytest.mark.parametrize("cut", ["layer3", None])
def test_a_network_that_goes_further_is_refused(bundle: Path, cut: str | None) -> None:
    assert refusal(named(bundle, cut=cut)) == (
        "The weights don't fit this test_resnet: the bundle's is cut or strides elsewhere, has another activation, or "
        "normalises its pictures.\n"
        f"  where: {bundle}\n  what to do: Set model.cut=layer2, or name other weights."
    )


def test_a_bundle_of_several_models_is_refused(bundle: Path) -> None:
    write_json(bundle / "bundle.json", {"kind": "ensemble", "members": []})
    assert refusal(named(bundle)) == (
        f"This bundle is of several models; a network starts from one.\n  where: {bundle}\n"
        f"  what to do: Name one of its members, in {bundle / 'members'}."
    )


def test_damaged_bundles_are_refused(bundle: Path) -> None:
    fields = read_json(bundle / "bundle.json")
    (bundle / "weights.safetensors").write_bytes(b"cut off")
    assert refusal(named(bundle)).startswith("The bundle's weights are missing or not those that were saved.\n")
    (bundle / "weights.safetensors").unlink()
    assert refusal(named(bundle)).startswith("The bundle's weights are missing or not those that were saved.\n")
    del fields["model"], fields["files"]
    write_json(bundle / "bundle.json", fields)
    assert refusal(named(bundle)).startswith("The bundle is damaged: bundle.json lacks model, files.\n")
    (bundle / "bundle.json").write_text("{", encoding="utf-8")
    assert refusal(named(bundle)).startswith("The bundle is damaged. This is not a JSON file")
