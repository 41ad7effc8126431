"""Cards of bundles as ``bundle.json`` holds them: of an earlier version, of a run that told all, of several models."""

from __future__ import annotations

from typing import Any

import pytest

Fields = dict[str, Any]
VERSIONS = {"leukoscope": "0.1.0", "torch": "2.13.0"}


def score(
    value: float | None, low: float | None = None, high: float | None = None, reason: str | None = None
) -> Fields:
    """Return a score as ``scores.json`` has it."""
    return {"value": value, "low": low, "high": high, "reason": reason}


@pytest.fixture
def earlier() -> Fields:
    """A bundle of cells as an earlier version saved it: nothing about the run."""
    return {
        "format": 1,
        "name": "first",
        "classes": {"names": ["hem", "all"], "titles": ["normal cell", "blast"], "positive": "all"},
        "framing": [{"center_crop": 48}, {"resize": 32}],
        "input": {"height": 32, "width": 32},
        "model": {"backbone": "resnet18", "branches": {}, "cut": "layer3", "head": "linear"},
        "threshold": 0.4,
        "test_time": {"rotations": 1, "flips": "none", "crops": "none"},
        "weights": {"source": "random"},
        "trained_on": {"data": "drawn", "cells": 120, "patients": 6, "classes": {"all": 50, "hem": 70}, "warnings": []},
        "leakage": None,
        "scores": {"accuracy": score(0.9, 0.8, 0.95), "roc_auc": score(None, reason="one class only")},
        "versions": VERSIONS,
    }


@pytest.fixture
def whole(earlier: Fields) -> Fields:
    """The same with all that a run says of itself."""
    group = {"rows": 200, "scores": {}, "reason": None}
    tested = {name: score(0.9, 0.8, 0.95) for name in ("sensitivity", "specificity", "roc_auc")}
    part = {"cells": 120, "patients": 6, "classes": {"hem": 70, "all": 50}, "patients_of": {"hem": 3, "all": 3}}
    about = {
        "recipe": "quick",
        "purpose": "A first score.",
        "paper": None,
        "caution": None,
        "date": "2026-11-21",
        "seed": 3,
        "data": [
            {
                "name": "cnmc",
                "title": "C-NMC 2019",
                "sources": ["Gupta A. TCIA, 2019."],
                "licence": "CC BY 3.0",
                "background": "black",
                "contradictions": ["The text says 154 in one place and 118 in another."],
            }
        ],
        "excluded": 2,
        "audit": [{"severity": "error", "title": "Identical pictures", "count": 7}],
        "split": {"kind": "leave_one_out", "by": "patient", "seed": 3, "statement": "6 | 40 patients, 0 shared"},
        "parts": {
            "train": {**part, "sex": {"F": 2, "M": 4}, "age": {"known": 6, "of": 6}},
            "test": {**part, "sex": None, "age": {"known": 40, "of": 41, "median": 34.4, "quartiles": [12.0, 61.0]}},
        },
        "training": {"stages": [{"epochs": 5, "rates": {"head": 0.001}}], "balance": {"loss_weights": "balanced"}},
        "best_epoch": {"epoch": 4, "metric": "weighted_f1"},
        "threshold": {"value": 0.4, "rule": "largest balanced accuracy", "achieved": 0.9},
        "test": {
            "unit": "cell",
            "cells": 400,
            "patients": 40,
            "groups": 39,
            "interval": {"level": 0.95, "unit": "linked group of patients", "clusters": 39, "replicates": 2000},
            "notes": ["A note."],
            "per_class": {"hem": {"support": 300, "recall": score(0.7, 0.6, 0.8), "precision": score(0.75, 0.7, 0.8)}},
            "patient_scores": {"accuracy": score(0.925, 0.8, 0.97)},
            "calibration": {"ece": score(0.08, 0.05, 0.12)},
        },
        "subgroups": {
            "sex": [
                {**group, "name": "F", "patients": 25, "scores": tested},
                {**group, "name": "M", "patients": 8, "reason": "too few patients (8; 10 or more are needed)"},
            ]
        },
        "calibration": {"kind": "platt", "ece": {"before": 0.08, "after": 0.03}, "notes": []},
        "referral": {
            "of": "cells",
            "wanted": 0.95,
            "referred": score(0.2, 0.1, 0.3),
            "accuracy": score(0.96, 0.9, 0.99),
        },
        "strangers": {"cells": 400, "flagged": score(0.01, 0.0, 0.03)},
    }
    weights = {"source": "net.bin", "licence": "MIT", "trained_on": "ImageNet-1k", "sets": []}
    return earlier | {
        "about": about,
        "weights": weights,
        "calibrator": {"kind": "platt"},
        "out_of_distribution": {"k": 1},
    }


@pytest.fixture
def of_patients(earlier: Fields) -> Fields:
    """A bundle of patients, with facts and a band."""
    bag = {"aggregator": {"top_k": {"k": 10}}, "instances": "cells"}
    facts = {"fusion": "late", "inputs": {"age": "linear", "sex": "category"}}
    return earlier | {"task": "patients", "bag": bag, "facts": facts, "band": {"coverage": 0.9}, "calibrator": None}


@pytest.fixture
def of_several(earlier: Fields) -> Fields:
    """A bundle of two models."""
    own = ("name", "classes", "threshold", "trained_on", "leakage", "scores", "versions")
    model, weights = earlier["model"], {"source": "net.bin", "licence": None}
    members = [{"name": name, "model": model, "weights": weights} for name in ("small", "large")]
    named = [{"name": name, "folder": f"members/{name}"} for name in ("small", "large")]
    return {name: earlier[name] for name in own} | {
        "kind": "ensemble",
        "rule": "average",
        "members": named,
        "about": {"members": members, "recipe": "both", "date": "2026-11-21", "seed": 0},
    }
