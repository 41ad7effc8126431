"""What the README promises of its first command."""

from __future__ import annotations

from pathlib import Path

import pytest

import leukoscope as lk


@pytest.mark.torture
def test_the_demo_tells_unseen_drawn_patients_apart(tmp_path: Path) -> None:
    run = lk.train("drawn", out=tmp_path / "demo")
    patients = run.scores["parts"]["test"]["patient_scores"]["roc_auc"]
    assert patients["value"] >= 0.95
    assert run.report.stat().st_size > 0
