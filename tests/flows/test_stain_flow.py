"""A run whose pictures are brought to a reference stain, on cells in drawn smears and on black."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.files import read_json
from leukoscope.pictures.framing.macenko import SMEAR
from leukoscope.pictures.framing.reinhard import BLACK

SETTINGS = [
    "drawn.patients=12", "drawn.cells=6", "drawn.size=48", "stages.0.epochs=1",
    "model.backbone=test_resnet", "model.cut=null",
]  # fmt: skip


@pytest.mark.parametrize(
    ("background", "operator", "reference"),
    [("black", "reinhard", BLACK.model_dump(mode="json")), ("smear", "macenko", SMEAR.model_dump(mode="json"))],
)
def test_a_run_with_a_reference_stain(
    verb: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
    background: str,
    operator: str,
    reference: dict[str, Any],
) -> None:
    framing = f"framing=[{{center_crop: auto}}, {{{operator}: {{}}}}, {{resize: 32}}]"
    changes = [part for change in (*SETTINGS, f"drawn.background={background}", framing) for part in ("--set", change)]
    out = tmp_path / "run"
    code, _, err = verb("train", "drawn", "--out", out, *changes)
    assert code == 0, err
    steps = read_json(out / "bundle" / "bundle.json")["framing"]
    assert [next(iter(step)) for step in steps] == ["center_crop", operator, "resize"]
    assert steps[1][operator][background] == reference  # the bundle holds figures, not "the default"
    assert pl.read_parquet(out / "predictions" / "test.parquet").height > 0
