from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leukoscope.errors import WeightsError
from leukoscope.files import write_json
from leukoscope.models.known_weights import KNOWN_WEIGHTS, known_file
from leukoscope.models.seen import Seen, seen_by_bundle, seen_by_weights, shortened
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
    assert known_file(digest, "dinobloom.pth") is KNOWN_WEIGHTS[digest]
    assert known_file("ab", "resnet.pth") is None


def test_a_bundle_of_an_earlier_version_says_nothing_of_pictures(tmp_path: Path) -> None:
    needed = dict.fromkeys(("name", "model", "framing", "normalisation", "trained_on", "leakage"))
    write_json(tmp_path / "bundle.json", {**needed, "files": {}, "weights": {"sets": ["matek"]}})
    assert seen_by_bundle(tmp_path) == Seen(sets=("matek",), unlisted=(str(tmp_path),))


@pytest.mark.parametrize("content", ["[]", "{", "{}"])
def test_a_damaged_bundle_is_an_error_of_weights(content: str, tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text(content, encoding="utf-8")
    with pytest.raises(WeightsError, match="The bundle is damaged"):
        seen_by_bundle(tmp_path)


def test_what_two_have_seen_is_put_together() -> None:
    both = Seen(frozenset({"a"}), ("pbc",)) | Seen(frozenset({"b"}), ("matek", "pbc"))
    assert both == Seen(frozenset({"a", "b"}), ("pbc", "matek"))
    assert shortened(["0123456789abcdef0123"]) == {"0123456789abcdef"}
