from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from leukoscope.errors import WeightsError
from leukoscope.files import sha256
from leukoscope.models import hub, known_weights, weights
from leukoscope.models.hub import Published
from leukoscope.models.known_weights import HALF, KnownWeights
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.models.weights import Normalisation, WeightsNote, load_weights
from leukoscope.recipes.schema import ModelSettings

IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALVES = Normalisation(HALF, HALF)


def settings(name: str | None = "imagenet", backbone: str = "resnet10t") -> ModelSettings:
    return ModelSettings(backbone=backbone, weights=name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "resnet10t.safetensors"
    save_file(create_backbone("resnet10t").net.state_dict() | {"fc.bias": torch.zeros(1000)}, path)
    return path


@pytest.mark.parametrize("name", [None, "none"])
def test_random_weights_stay_as_they_are_with_timms_normalisation(name: str | None) -> None:
    backbone = create_backbone("resnet10t")
    before = backbone.net.conv1[0].weight.clone()
    assert load_weights(backbone, settings(name), None) == (WeightsNote("random"), IMAGENET)
    assert torch.equal(backbone.net.conv1[0].weight, before)
    assert load_weights(create_backbone("test_vit"), settings(name), None)[1] == HALVES


@pytest.mark.parametrize("way", ["folder", "file itself", "path", "name"])
def test_an_unknown_file_is_noted_by_its_hash(file: Path, way: str) -> None:
    backbone = create_backbone("resnet10t")
    name, folder = {
        "folder": ("imagenet", file.parent),
        "file itself": ("imagenet", file),
        "path": (str(file), None),
        "name": (file.name, file.parent),
    }[way]
    note, normalisation = load_weights(backbone, settings(name), folder)
    assert note == WeightsNote(file.name, sha256(file), None, None, ("fc.bias",))
    assert normalisation == IMAGENET
    assert note.as_json() == {
        "source": "resnet10t.safetensors",
        "sha256": sha256(file),
        "licence": None,
        "trained_on": None,
        "dropped": ["fc.bias"],
        "caution": None,
        "sets": [],
    }
    assert repr(note) == (
        f"Weights: resnet10t.safetensors (sha256 {sha256(file)[:12]}), trained on not known, licence not known"
    )


def test_a_known_file_brings_licence_origin_and_normalisation(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownWeights("resnet10t", "cells", "MIT", mean=HALF, std=HALF)
    monkeypatch.setitem(known_weights.KNOWN_WEIGHTS, sha256(file), known)
    note, normalisation = load_weights(create_backbone("resnet10t"), settings(), file)
    assert (note.licence, note.trained_on, normalisation) == ("MIT", "cells", HALVES)


def test_a_known_file_for_the_other_stride_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownWeights("resnet10t", "cells", None, stride_in_first=True)
    monkeypatch.setitem(known_weights.KNOWN_WEIGHTS, sha256(file), known)
    with pytest.raises(WeightsError) as caught:
        load_weights(create_backbone("resnet10t"), settings(str(file)), None)
    assert str(caught.value) == (
        "The weights don't fit this resnet10t: they have the stride in another convolution.\n"
        f"  where: {file}\n"
        "  what to do: Set model.stride_in_first=true, or name other weights."
    )


def test_the_hub_serves_where_no_file_is_named_after_the_backbone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backbone, given = create_backbone("resnet10t"), create_backbone("resnet10t").net.state_dict()
    published = Published("timm/resnet10t.c3_in1k", given, "ab" * 32, "apache-2.0", "c3_in1k (timm's tag)")
    monkeypatch.setattr(weights, "published_weights", lambda _name, _do: published)
    note, normalisation = load_weights(backbone, settings(), tmp_path)
    assert note == WeightsNote("timm/resnet10t.c3_in1k", "ab" * 32, "apache-2.0", "c3_in1k (timm's tag)")
    assert normalisation == IMAGENET
    assert torch.equal(backbone.net.conv1[0].weight, given["conv1.0.weight"])


def test_a_hub_out_of_reach_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backbone = create_backbone("resnet10t")

    def unreachable(name: str, *, pretrained: bool) -> None:
        raise OSError(f"no connection for {name} {pretrained}.\nsecond line")

    monkeypatch.setattr(hub, "create_net", unreachable)
    with pytest.raises(WeightsError) as caught:
        load_weights(backbone, settings(), tmp_path)
    assert str(caught.value) == (
        "The weights of resnet10t are neither in the hub's cache nor to be had.\n"
        "  where: model.weights (no connection for resnet10t True)\n"
        "  what to do: Name a file or folder with --weights, or train from random weights: set model.weights=none. "
        f"{tmp_path} holds no file named after it."
    )


def test_a_network_that_nobody_published_weights_of_is_told() -> None:
    with pytest.raises(WeightsError) as caught:
        load_weights(create_backbone("cs3darknet_s"), settings(backbone="cs3darknet_s"), None)
    assert str(caught.value) == (
        "timm knows no trained weights of cs3darknet_s.\n"
        "  where: model.weights\n"
        "  what to do: Name a file or folder with --weights, or train from random weights: set model.weights=none."
    )


def test_the_hub_has_no_weights_of_the_first_version() -> None:
    first = ModelSettings(backbone="resnet26", weights="imagenet", stride_in_first=True)
    with pytest.raises(WeightsError) as caught:
        load_weights(create_backbone("resnet26", stride_in_first=True), first, None)
    assert str(caught.value) == (
        "The hub has no weights of resnet26 with the stride in the first convolution.\n"
        "  what to do: Name a file or folder with --weights, or train from random weights: set model.weights=none."
    )
