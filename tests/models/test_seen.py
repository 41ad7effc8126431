from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file

from leukoscope.errors import WeightsError
from leukoscope.files import sha256, write_json
from leukoscope.models import known_weights
from leukoscope.models.known_weights import DINOBLOOM, KNOWN_WEIGHTS, KnownWeights, known_file
from leukoscope.models.seals import seals_of
from leukoscope.models.seen import Seen, seen_by_bundle, seen_by_weights, shortened
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.models.weights import load_weights
from leukoscope.recipes.schema import ModelSettings


def settings(**changes: Any) -> ModelSettings:
    return ModelSettings.model_validate({"backbone": "test_resnet"} | changes)


@pytest.mark.parametrize("weights", [None, "none", "imagenet", "no-such-file.safetensors"])
def test_what_is_no_bundle_and_no_known_file_has_seen_nothing(weights: str | None) -> None:
    assert seen_by_weights(settings(weights=weights), None) == Seen()


def test_a_file_known_by_its_name_has_seen_its_sets(tmp_path: Path) -> None:
    (tmp_path / "DinoBloom-S.pth").write_bytes(b"weights")
    assert seen_by_weights(settings(weights="DinoBloom-S.pth"), tmp_path).sets == ("pbc", "bloodmnist", "matek")
    assert seen_by_weights(settings(weights="imagenet"), tmp_path / "DinoBloom-S.pth").sets[-1] == "matek", "--weights"
    digest = next(iter(KNOWN_WEIGHTS))
    assert known_file(digest, Path("dinobloom.pth")) is KNOWN_WEIGHTS[digest]
    assert known_file("ab", Path("resnet.pth")) is None


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("dinobloom/model.safetensors", DINOBLOOM),
        ("vit_small.DinoBloom/pytorch_model.bin", DINOBLOOM),
        ("models--someone--vit.dinobloom/snapshots/0123abcd/model.safetensors", DINOBLOOM),
        ("dinobloom/resnet18.safetensors", None),  # a name of its own says more than a folder of many weights
        ("dinobloom/other/model.safetensors", None),
        ("snapshots/0123abcd/model.safetensors", None),
    ],
)
def test_where_a_name_tells_nothing_the_folder_s_counts(path: str, known: KnownWeights | None) -> None:
    assert known_file("", Path(path)) is known


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of weights under several names: as a publisher, the hub and the hub's cache call it."""
    folder = tmp_path_factory.mktemp("weights")
    tensors = create_backbone("test_resnet").net.state_dict()
    names = ("named/test_resnet.dinobloom.safetensors", "test_resnet.dinobloom/model.safetensors")
    for name in names:
        (folder / name).parent.mkdir()
        save_file(tensors, folder / name)
    snapshot = folder / "models--someone--test_resnet.dinobloom" / "snapshots" / "0123abcd"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").symlink_to(folder / names[1])
    return folder


SNAPSHOT = "models--someone--test_resnet.dinobloom/snapshots/0123abcd"


@pytest.mark.parametrize(
    ("named", "given"),
    [
        ("imagenet", "named"),
        ("imagenet", "named/test_resnet.dinobloom.safetensors"),
        ("imagenet", "test_resnet.dinobloom"),
        ("imagenet", "test_resnet.dinobloom/model.safetensors"),
        ("imagenet", SNAPSHOT),
        ("imagenet", f"{SNAPSHOT}/model.safetensors"),
        ("{}/named", None),
        ("{}/named/test_resnet.dinobloom.safetensors", None),
        ("{}/test_resnet.dinobloom", None),
        ("{}/test_resnet.dinobloom/model.safetensors", None),
        (f"{{}}/{SNAPSHOT}", None),
        ("named", "."),
        ("test_resnet.dinobloom", "."),
        ("test_resnet.dinobloom.safetensors", "named"),
        ("model.safetensors", "test_resnet.dinobloom"),
    ],
)
def test_the_file_that_is_loaded_is_the_one_that_is_known(weights: Path, named: str, given: str | None) -> None:
    asked, folder = settings(weights=named.format(weights)), None if given is None else weights / given
    note, _ = load_weights(create_backbone("test_resnet"), asked, folder)
    assert (note.sets, note.licence) == (DINOBLOOM.sets, "Apache-2.0")
    assert seen_by_weights(asked, folder) == Seen(sets=DINOBLOOM.sets)


def test_a_file_chosen_in_a_folder_is_known_by_its_digest_too(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = sha256(weights / "named" / "test_resnet.dinobloom.safetensors")
    monkeypatch.setitem(known_weights.KNOWN_WEIGHTS, digest, KnownWeights("test_resnet", "cells", None, sets=("cnmc",)))
    assert seen_by_weights(settings(weights="imagenet"), weights / "named") == Seen(sets=("cnmc",))


def test_of_a_joint_model_what_each_branch_saw_counts(weights: Path) -> None:
    branches = {"A": {"backbone": "test_resnet"}, "B": {"backbone": "test_resnet", "weights": "imagenet"}}
    joint = settings(backbone="joint", branches=branches)
    assert seen_by_weights(joint, weights / "named") == Seen(sets=DINOBLOOM.sets)


def bundle_of(folder: Path, **fields: Any) -> Path:
    """Write the card alone of a bundle that lists no pictures."""
    needed = dict.fromkeys(("name", "model", "framing", "normalisation", "trained_on", "leakage"))
    card = {**needed, "files": {}, **fields}
    write_json(folder / "bundle.json", card | {"seals": seals_of(card)})
    return folder


def test_a_bundle_of_an_earlier_version_says_nothing_of_pictures(tmp_path: Path) -> None:
    bundle_of(tmp_path, weights={"sets": ["matek"]})
    assert seen_by_bundle(tmp_path) == Seen(sets=("matek",), unlisted=(str(tmp_path),))


@pytest.mark.parametrize(
    ("trained_on", "sets"),
    [
        ({"data": "acevedo", "sets": ["pbc"]}, ("bloodmnist",)),
        ({"data": "both", "sets": ["matek", "bloodmnist"]}, ("pbc",)),
        ({"data": "pbc"}, ("bloodmnist",)),  # of an earlier version
        ({"data": "both", "sets": ["bloodmnist", "pbc"]}, ()),  # each known picture by picture
        ({"data": "cnmc", "sets": ["cnmc"]}, ()),
    ],
)
def test_a_bundle_has_seen_the_sets_that_hold_its_pictures_in_another_form(
    tmp_path: Path, trained_on: dict[str, Any], sets: tuple[str, ...]
) -> None:
    assert seen_by_bundle(bundle_of(tmp_path, trained_on=trained_on)).sets == sets
    first = {"sets": ["matek", *sets]}
    assert seen_by_bundle(bundle_of(tmp_path, trained_on=trained_on, weights=first)).sets == ("matek", *sets)


def test_a_bundle_that_was_edited_is_refused(tmp_path: Path) -> None:
    card = {"weights": {"sets": ["matek"]}}
    path = bundle_of(tmp_path, **card) / "bundle.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"matek"', ""), encoding="utf-8")
    with pytest.raises(WeightsError, match="The field 'weights' was changed after the bundle was saved"):
        seen_by_weights(settings(weights=str(tmp_path)), None)


@pytest.mark.parametrize("content", ["[]", "{", "{}"])
def test_a_damaged_bundle_is_an_error_of_weights(content: str, tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text(content, encoding="utf-8")
    with pytest.raises(WeightsError, match="The bundle is damaged"):
        seen_by_bundle(tmp_path)


def test_what_two_have_seen_is_put_together() -> None:
    both = Seen(frozenset({"a"}), ("pbc",)) | Seen(frozenset({"b"}), ("matek", "pbc"))
    assert both == Seen(frozenset({"a", "b"}), ("pbc", "matek"))
    assert shortened(["0123456789abcdef0123"]) == {"0123456789abcdef"}
