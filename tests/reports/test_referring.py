from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leukoscope.reports.referring import calibrated, evidence_words, referral


@pytest.fixture
def scores(patients_run: Path) -> dict[str, Any]:
    """Return the scores of a run that diagnoses patients."""
    found: dict[str, Any] = json.loads((patients_run / "scores.json").read_text())
    return found


def test_every_share_has_its_interval_and_its_patients(scores: dict[str, Any]) -> None:
    found = referral(scores, scores["parts"]["test"])
    assert found is not None
    shares = dict(found["shares"])
    assert shares["Referred"] == "0.175 (0.075 to 0.275), 7 of 40"
    assert shares["The same of patients with tumoral lymphocytosis"] == "0.950 (0.850 to 1.000), 19 of 20"
    assert shares["Sensitivity of those not referred"] == "0.941 (0.841 to 1.000), 16 of 17"
    assert "Called rightly of patients with tumoral lymphocytosis, not referred" not in shares
    assert found["fitted_on"] == "15 patients with reactive lymphocytosis, 14 patients with tumoral lymphocytosis"
    assert found["points"][0] == {
        "wanted": "0.90",
        "threshold": "0.200",
        "validation": ["0.950 (0.910 to 0.990)", "0.700 (0.660 to 0.740)"],
        "test": ["0.950 (0.910 to 0.990)", "0.700 (0.660 to 0.740)"],
    }


def test_more_classes_have_recalls_instead_of_sensitivity(scores: dict[str, Any]) -> None:
    scores["referral"] |= {"sensitivity": None, "specificity": None}
    found = referral(scores, scores["parts"]["test"])
    assert found is not None
    shares = dict(found["shares"])
    assert "Sensitivity of those not referred" not in shares
    assert shares["Called rightly of patients with tumoral lymphocytosis, not referred"].endswith("16 of 17")


def test_without_a_band_only_operating_points_are_left(scores: dict[str, Any]) -> None:
    found = referral(scores | {"referral": None}, scores["parts"]["test"])
    assert found is not None
    assert (found["shares"], len(found["points"]), found["patients"]) == ([], 3, "40 test patients")
    assert referral({}, scores["parts"]["test"]) is None


def test_calibration_is_a_section_where_it_was_asked_for(scores: dict[str, Any]) -> None:
    found = calibrated(scores)
    assert found is not None
    assert found["rows"][0] == ("ECE", "0.181", "0.072")
    assert (found["way"], found["fitted_on"]) == ("by Platt's logistic map", "30 patients")
    scores["calibration"] |= {"kind": "none"}
    assert calibrated(scores) is None
    scores["calibration"] |= {"notes": ["Nothing was calibrated."]}
    left = calibrated(scores)
    assert left is not None
    assert left["left"]
    assert calibrated({}) is None


def test_evidence_says_how_well_malignant_cells_are_found() -> None:
    known = {"value": 0.95, "low": 0.9, "high": 0.98, "reason": None}
    found = {"roc_auc": known, "of_logits": known, "within": 0.94, "patients": 12, "cells": 480, "known": 96}
    assert evidence_words(found) == (
        "The evidence finds the 96 cells known to be malignant among the 480 of 12 positive patients with ROC AUC "
        "0.950 (0.900 to 0.980); within a patient 0.940 on average; 0.5 is guessing. The cells' own logits do so with "
        "0.950 (0.900 to 0.980)."
    )
    nothing = {"value": None, "low": None, "high": None, "reason": "no positive patient has any known cell"}
    assert evidence_words(found | {"roc_auc": nothing, "of_logits": nothing, "within": None}) == (
        "How well the evidence finds malignant cells cannot be told: no positive patient has any known cell."
    )
    assert evidence_words(None) == ""
