from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from leukoscope.bundles.seals import seals_of
from leukoscope.cli.report import report
from leukoscope.errors import BundleError
from leukoscope.files import write_json

FIELDS = {
    "format": 1, "name": "first", "classes": {"names": ["a", "b"], "titles": ["A", "B"], "positive": None},
    "framing": [{"resize": 32}], "input": {"height": 32, "width": 32}, "model": {"backbone": "resnet18"},
    "test_time": {}, "weights": {"source": "random"}, "normalisation": {}, "outputs": 2, "threshold": None,
    "trained_on": {}, "leakage": None, "scores": {}, "versions": {"leukoscope": "0.1.0"}, "files": {},
}  # fmt: skip


def said(*arguments: str) -> str:
    """Call the verb and return what it prints."""
    app = typer.Typer()
    app.command()(report)
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0
    return done.output.replace("\n", "")


def test_a_bundle_s_card_is_written_from_bundle_json_alone(tmp_path: Path) -> None:
    write_json(tmp_path / "bundle.json", {**FIELDS, "seals": seals_of(FIELDS)})
    out = said(str(tmp_path))
    assert out == f"model card: {tmp_path / 'MODEL_CARD.md'}checklist: {tmp_path / 'CHECKLIST.md'}"
    assert (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8").startswith("# Model card: first\n")
    assert (tmp_path / "CHECKLIST.md").read_text(encoding="utf-8").startswith("# Checklist: first\n")


def test_a_changed_bundle_gets_no_card(tmp_path: Path) -> None:
    write_json(tmp_path / "bundle.json", {**FIELDS, "seals": seals_of(FIELDS), "name": "better"})
    with pytest.raises(BundleError, match=r"The field 'name' was changed after the bundle was saved\."):
        said(str(tmp_path))
    assert not (tmp_path / "MODEL_CARD.md").exists()
