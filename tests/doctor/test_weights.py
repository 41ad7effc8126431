from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from leukoscope.doctor import weights
from leukoscope.doctor.row import Row
from leukoscope.doctor.weights import ask_weights, hub_repository
from leukoscope.errors import WeightsError
from leukoscope.models import known_weights
from leukoscope.models.known_weights import KnownWeights


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache without weights, whatever this machine has."""
    monkeypatch.setattr(weights, "_in_cache", lambda _: None)


def by_name(rows: list[Row]) -> dict[str, Row]:
    return {row.name: row for row in rows}


def test_without_any_weights_each_network_s_way_is_told() -> None:
    rows = by_name(ask_weights())
    assert set(rows) >= {"mobilenetv2_100", "resnet18", "resnet50", "tf_efficientnet_lite0"}
    row = rows["mobilenetv2_100"]
    assert (row.verdict, row.value) == ("note", "not here; the first training gets them, if there is a network")
    assert row.do == (
        "hf download timm/mobilenetv2_100.ra_in1k --local-dir weights/mobilenetv2_100; "
        "then --weights weights/mobilenetv2_100"
    )
    row = rows["tf_efficientnet_lite0"]
    assert (row.verdict, row.value) == ("ok", "not here; no recipe that comes with Leukoscope takes them")


def test_files_are_known_by_their_content_or_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(b"known").hexdigest()
    known = {digest: KnownWeights("resnet18", "pictures", None)}
    monkeypatch.setattr(known_weights, "KNOWN_WEIGHTS", known)
    for name, content in {
        "any.safetensors": b"known",
        "mobilenetv2_100.fp16.safetensors": b"x",
        "z.safetensors": b"y",
    }.items():
        (tmp_path / name).write_bytes(content)
    rows = by_name(ask_weights(tmp_path))
    assert rows["resnet18"].value == "any.safetensors"
    assert rows["mobilenetv2_100"].value == "mobilenetv2_100.fp16.safetensors"
    assert (rows["other files"].value, rows["other files"].verdict) == ("z.safetensors", "ok")
    assert rows["resnet50"].verdict == "note"  # a recipe takes them


def test_a_network_that_the_hub_does_not_have_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_of_recipes", lambda: {"no_such_network"})
    row = by_name(ask_weights())["no_such_network"]
    assert row.do == "Put a file called no_such_network.safetensors into a folder, and name it with --weights."


def test_weights_in_the_cache_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_in_cache", lambda name: f"cache/{name}")
    assert by_name(ask_weights())["resnet18"].value == "in the hub's cache"


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        ask_weights(tmp_path / "no")
    assert str(caught.value) == (
        f"There is no such folder of weights.\n  where: {tmp_path / 'no'}\n  what to do: Check --weights."
    )


def test_a_network_without_published_weights_has_no_repository() -> None:
    assert hub_repository("no_such_network") is None
