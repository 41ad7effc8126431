from __future__ import annotations

import json
from pathlib import Path

import pytest

from leukoscope.errors import BundleError
from leukoscope.extraction import expected


def bundles(monkeypatch: pytest.MonkeyPatch, fields: dict[str, dict[str, object]]) -> None:
    """Let bundles, by the names of their folders, have these fields."""
    monkeypatch.setattr(expected, "read_fields", lambda folder: fields[folder.name])


@pytest.mark.parametrize(
    ("framing", "side"),
    [
        ([{"center_crop": 300}, {"resize": 128}], 300),
        ([{"center_crop": [200, 240]}], 240),
        ([{"resize": 64}], None),
        ([{"resize": 64}, {"center_crop": 32}], None),
        ([], None),
    ],
)
def test_what_is_cut_out_of_the_middle_first(
    monkeypatch: pytest.MonkeyPatch, framing: list[object], side: int | None
) -> None:
    bundles(monkeypatch, {"one": {"format": 1, "framing": framing}})
    assert expected.expected_side(Path("one")) == side


def test_of_several_models_it_is_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    members = [{"folder": name} for name in ("a", "b", "c")]
    made: dict[str, dict[str, object]] = {"all": {"format": 3, "members": members}}
    for name, framing in (("a", {"center_crop": 100}), ("b", {"center_crop": 250}), ("c", {"resize": 500})):
        made[name] = {"format": 1, "framing": [framing]}
    bundles(monkeypatch, made)
    assert expected.expected_side(Path("all")) == 250


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(BundleError) as caught:
        expected.expected_side(tmp_path)
    assert str(caught.value).startswith("This is no bundle: its bundle.json names no format.")
