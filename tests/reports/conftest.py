"""Fake but realistic run folders: two classes with patients, eight classes without, an evaluation alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.reports.sheets import augmentation_sheet, wrong_cells_sheet

Json = dict[str, Any]
KINDS = ("basophil", "eosinophil", "erythroblast", "ig", "lymphocyte", "monocyte", "neutrophil", "platelet")
KIND_TITLES = (*KINDS[:3], "immature granulocyte", *KINDS[4:])
HEM, ALL = "normal cell (HEM)", "leukaemic blast (ALL)"
RECIPE = """name: quick
about:
  purpose: A small pretrained network at 128 px; a first honest score on any set of cells.
  paper: Prellberg & Kramer 2019
  published: {weighted_f1: [0.8789, 0.009], accuracy: 0.8796, sensitivity: [0.9201, 0.0144]}
  protocol: Preliminary set as validation, best of six epochs, 24 seeds, 8 rotations.
split: {kind: holdout, by: patient, test: 0.25, validation: 0.2}
framing: [{center_crop: 300}, {resize: 128}]
model: {backbone: mobilenetv2_100, weights: imagenet}
best_epoch: {metric: weighted_f1}
"""


def score(value: float | None, spread: float = 0.04, reason: str | None = None) -> Json:
    if value is None:
        return {"value": None, "low": None, "high": None, "reason": reason}
    low, high = max(value - spread, 0.0), min(value + spread, 1.0)
    return {"value": value, "low": low, "high": high, "reason": None}


def binary_part(name: str = "test", *, patients: int = 12, seed: int = 0, probabilities: bool = True) -> Json:
    """Return a part of two classes whose numbers fit together well enough to look at."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(patients):
        label = "all" if number % 5 < 3 else "hem"
        cells = int(random.integers(12, 60))
        right = int(random.binomial(cells, random.beta(9, 1.5 if label == "all" else 2.5)))
        share = right / cells
        called = label if share >= 0.5 else {"all": "hem", "hem": "all"}[label]
        rows.append(
            {
                "patient": f"{'' if label == 'all' else 'H'}{number + 1}",
                "label": label,
                "cells": cells,
                "right": right,
                "share_right": share,
                "low": max(share - 0.1, 0.0),
                "high": min(share + 0.08, 1.0),
                "called": called,
                "score": (share if label == "all" else 1 - share) if probabilities else None,
            }
        )
    sums = {key: sum(row["cells"] for row in rows if row["label"] == key) for key in ("hem", "all")}
    right = {key: sum(row["right"] for row in rows if row["label"] == key) for key in ("hem", "all")}
    missing = "needs probabilities; these predictions are labels only"
    sensitivity, specificity = right["all"] / sums["all"], right["hem"] / sums["hem"]
    fpr = np.linspace(0, 1, 60)
    needs = {"roc_auc": 0.9312, "pr_auc": 0.9541, "brier": 0.0951, "ece": 0.0412, "log_loss": 0.3214}
    return {
        "part": name,
        "cells": sum(sums.values()),
        "patients": patients,
        "groups": patients - 1,
        "classes": ["hem", "all"],
        "titles": [HEM, ALL],
        "positive": "all",
        "threshold": 0.43 if probabilities else None,
        "interval": {
            "level": 0.95,
            "method": "percentile bootstrap",
            "unit": "linked group of patients",
            "clusters": patients - 1,
            "replicates": 2000,
            "seed": 0,
        },
        "scores": {
            "accuracy": score(sum(right.values()) / sum(sums.values())),
            "balanced_accuracy": score((sensitivity + specificity) / 2),
            "sensitivity": score(sensitivity),
            "specificity": score(specificity, 0.08),
            "weighted_f1": score(0.871),
            "macro_f1": score(0.862),
            "mcc": score(0.731, 0.07),
            **{name: score(value if probabilities else None, 0.03, missing) for name, value in needs.items()},
        },
        "per_class": {
            key: {
                "support": sums[key],
                "precision": score(0.86),
                "recall": score(right[key] / sums[key]),
                "specificity": score(0.85),
                "f1": score(0.87),
                "roc_auc": score(0.9312 if probabilities else None, 0.03, missing),
                "pr_auc": score(0.9 if probabilities else None, 0.03, missing),
            }
            for key in ("hem", "all")
        },
        "confusion": [[right["hem"], sums["hem"] - right["hem"]], [sums["all"] - right["all"], right["all"]]],
        "by_patient": rows,
        "patient_scores": {
            "accuracy": score(0.9167, 0.08),
            "sensitivity": score(1.0),
            "specificity": score(0.8, 0.15),
            "roc_auc": score(0.97 if probabilities else None, 0.05, missing),
        },
        "curves": {
            "roc": {"all": {"fpr": fpr.tolist(), "tpr": (fpr**0.12).tolist()}},
            "pr": {"all": {"recall": fpr.tolist(), "precision": (1 - 0.38 * fpr**6).tolist()}},
            "calibration": _bins(random),
        }
        if probabilities
        else {"roc": {}, "pr": {}, "calibration": []},
        "notes": [] if probabilities else ["Labels only: what needs probabilities is n/a."],
    }


def many_part(name: str = "test", seed: int = 0) -> Json:
    """Return a part of eight classes without patients; one class has no cell."""
    random = np.random.default_rng(seed)
    confusion = np.zeros((8, 8), dtype=int)
    for row in range(7):
        others = np.full(8, 0.015)
        others[row] = 0.895 - 0.04 * (row == 3)
        confusion[row] = random.multinomial(30, others / others.sum())
    fpr = np.linspace(0, 1, 40)
    absent = "no cell of this class"
    recalls = [confusion[place, place] / 30 if place < 7 else None for place in range(8)]
    names = dict(zip(KINDS, recalls, strict=True))
    return {
        "part": name,
        "cells": 210,
        "patients": None,
        "groups": 209,
        "classes": list(KINDS),
        "titles": list(KIND_TITLES),
        "positive": None,
        "threshold": None,
        "interval": {
            "level": 0.95,
            "method": "bootstrap",
            "unit": "cell",
            "clusters": 209,
            "replicates": 2000,
            "seed": 0,
        },
        "scores": {
            "accuracy": score(float(np.trace(confusion)) / 210),
            "balanced_accuracy": score(0.894),
            "weighted_f1": score(0.891),
            "macro_f1": score(0.887),
            "mcc": score(0.88),
            "roc_auc": score(None, reason="a class has no cell"),
            "brier": score(0.142),
            "ece": score(0.031, 0.01),
            "log_loss": score(0.371),
        },
        "per_class": {
            key: {
                "support": 0 if value is None else 30,
                "precision": score(None if value is None else 0.9, reason=absent),
                "recall": score(value, reason=absent),
                "f1": score(None if value is None else 0.89, reason=absent),
                "roc_auc": score(None if value is None else 0.982, 0.01, absent),
            }
            for key, value in names.items()
        },
        "confusion": confusion.tolist(),
        "by_patient": [],
        "patient_scores": None,
        "curves": {
            "roc": {
                k: {"fpr": fpr.tolist(), "tpr": (fpr ** (0.02 + 0.012 * n)).tolist()} for n, k in enumerate(KINDS[:7])
            },
            "pr": {
                k: {"recall": fpr.tolist(), "precision": (1 - 0.1 * n * fpr**8).tolist()}
                for n, k in enumerate(KINDS[:7])
            },
            "calibration": _bins(random),
        },
        "notes": ["The class 'platelet' has no cell in this part."],
    }


def _bins(random: np.random.Generator) -> list[Json]:
    means = np.arange(10) / 10 + 0.05
    return [
        {
            "low": place / 10,
            "high": (place + 1) / 10,
            "mean_probability": None if place == 4 else float(means[place]),
            "share_right": None if place == 4 else float(np.clip(means[place] + random.normal(0, 0.05), 0, 1)),
            "cells": 0 if place == 4 else int(300 * abs(means[place] - 0.5) + 9),
        }
        for place in range(10)
    ]


def run_record(*, patients: bool, leakage: str | None) -> Json:
    whole = "31 patients in train | 8 patients in validation | 12 patients in test, 0 shared, 0 linked"
    without = "768 cells in train | 192 cells in validation | 240 cells in test, 0 shared, 0 linked"
    counts = {
        part: {
            "cells": cells if patients else 8 * of_kind,
            "patients": known if patients else None,
            "groups": known,
            "classes": {"hem": hem, "all": cells - hem} if patients else dict.fromkeys(KINDS, of_kind),
        }
        for part, cells, known, hem, of_kind in (
            ("test", 427, 12, 161, 30),
            ("train", 1102, 31, 413, 96),
            ("validation", 301, 8, 110, 24),
        )
    }
    warned = [] if patients else ["No patients are known: cells of one patient may be on both sides."]
    return {
        "format": 1,
        "name": "cnmc" if patients else "pbc",
        "status": "finished",
        "command": "leukoscope train quick --reader cnmc --data C-NMC --out runs/cnmc",
        "versions": {"python": "3.11.9", "leukoscope": "0.1.0", "torch": "2.13.0", "timm": "1.0.31"},
        "seed": 0,
        "device": "cpu",
        "recipe": "quick",
        "data": {
            "name": "cnmc",
            "reader": "cnmc",
            "cells": 2200,
            "patients": 55 if patients else None,
            "excluded": 3,
            "notes": ["Recognised as cnmc by its folders."],
        },
        "split": {
            "kind": "holdout",
            "by": "patient" if patients else "cell",
            "seed": 0,
            "leakage": leakage,
            "seen": None,
            "statement": whole if patients else without,
            "warnings": warned,
            "counts": counts,
        },
        "leakage": leakage,
        "weights": {
            "source": "mobilenetv2_100.fp16.safetensors",
            "sha256": "9f2c" * 16,
            "licence": "MIT",
            "trained_on": "ImageNet-1k",
            "dropped": ["classifier"],
        },
        "started": "2026-11-21T05:10:00+00:00",
        "finished": "2026-11-21T05:17:12+00:00",
        "seconds": {"preparation": 41.3, "training": 372.0, "scoring": 18.9},
        "peak_memory_mb": 1312.4,
        "test_opened": ["2026-11-21T05:16:50+00:00"],
        "best_epoch": 5,
    }


def write_tables(folder: Path) -> None:
    epochs = np.arange(1, 7)
    history = {"epoch": epochs, "stage": [1, 2, 2, 2, 2, 2], "loss": 0.62 * np.exp(-0.3 * epochs) + 0.1}
    history |= {
        "validation_loss": 0.5 * np.exp(-0.25 * epochs) + 0.25,
        "validation_weighted_f1": 0.9 - 0.3 * np.exp(-epochs * 0.6),
    }
    history |= {"validation_roc_auc": 0.95 - 0.2 * np.exp(-epochs * 0.7), "validation_brier": 0.1 + 0.1 / epochs}
    pl.DataFrame(history | {"rate_head": 1e-3 / epochs}).write_csv(folder / "history.csv")
    network = [
        ("conv_stem", "stem", "Conv2d", "n x 32 x 64 x 64", 864, 0, 864, 0, None),
        ("bn1", "stem", "ReLU6", None, 0, 0, 0, 64, None),
    ]
    network += [
        (
            f"blocks.{n}",
            f"blocks.{n}",
            "InvertedResidual",
            "n x 96 x 16 x 16",
            24_576,
            24_576 * (n > 2),
            24_576 * (n <= 2),
            384,
            "2" if n > 2 else None,
        )
        for n in range(20)
    ]
    network += [("head", "head", "Linear", "n x 1", 1281, 1281, 0, 0, "1, 2")]
    columns = ("layer", "part", "kind", "output_shape", "parameters", "trained", "frozen", "statistics", "trained_in")
    pl.DataFrame(network, schema=columns, orient="row").write_csv(folder / "network.csv")
    stages = [(1, "head", 493_665, 1281, 492_384, 7744), (2, "blocks.3..head", 493_665, 419_073, 74_592, 7744)]
    columns = ("stage", "trained_parts", "parameters", "trained", "frozen", "statistics")
    pl.DataFrame(stages, schema=columns, orient="row").write_csv(folder / "stages.csv")
    findings = [
        {
            "code": "size",
            "severity": "note",
            "sentence": "24 pictures are 360 by 360 px, the others 450 by 450.",
            "do": "Crop them alike.",
            "count": 24,
        },
        {
            "code": "identical",
            "severity": "warning",
            "sentence": "12 pairs of pictures are byte for byte the same under patients 20 and 21.",
            "do": "Nothing: a grouped split keeps them together.",
            "count": 30,
            "pairs": [{"id_a": f"UID_20_{n}_1_all", "id_b": f"UID_21_{n}_1_all", "kind": "bytes"} for n in range(30)],
        },
    ]
    (folder / "audit.json").write_text(json.dumps({"format": 1, "findings": findings}))


def blob(random: np.random.Generator, side: int = 64) -> np.ndarray:
    """Return something like a cell on black, (side, side, 3) uint8."""
    y, x = np.mgrid[:side, :side] / side - 0.5
    angle, radius = np.arctan2(y, x), np.hypot(x, y)
    outline = 0.34 + 0.03 * np.cos(3 * angle + random.uniform(0, 6))
    nucleus = radius < outline * random.uniform(0.7, 0.85)
    grain = random.normal(0, 9, (side, side, 1))
    colour = np.where(nucleus[..., None], [118, 60, 142], [205, 168, 204]) + grain
    return np.where((radius < outline)[..., None], colour, 0).clip(0, 255).astype(np.uint8)


def write_sheets(folder: Path, part: Json) -> None:
    random = np.random.default_rng(1)
    cells = np.stack([blob(random, 128) for _ in range(24)])
    augmentation_sheet(
        cells[:4], [np.rot90(cells[:4], turn, (1, 2)) for turn in (1, 2, 3)], folder / "figures/augmentation.png"
    )
    first, second = part["classes"][:2]
    titles = dict(zip(part["classes"], part["titles"], strict=True))
    ids = [f"UID_H{n}_{n}_{n}_hem" for n in range(24)]
    sure = [0.99 - 0.012 * n for n in range(24)]
    wrong = {
        "id": ids,
        "patient": [f"H{n}" for n in range(24)],
        "label": [first] * 24,
        "called": [second] * 24,
        "probability": sure,
    }
    pl.DataFrame(wrong).write_csv(folder / "wrong.csv")
    names = {"labels": [titles[first]] * 24, "called": [titles[second]] * 24, "probabilities": sure}
    wrong_cells_sheet(cells, folder / "figures/wrong.png", ids=ids, **names)


def write_example(folder: Path, *, binary: bool = True, leakage: str | None = None, patients: int = 12) -> Path:
    """Write a whole run folder without its page."""
    folder.mkdir(parents=True, exist_ok=True)
    make = (lambda name, seed: binary_part(name, patients=patients, seed=seed)) if binary else many_part
    parts = {"validation": make("validation", 3), "test": make("test", 0)}
    record = run_record(patients=binary, leakage=leakage)
    published = {
        "paper": "Prellberg & Kramer 2019",
        "protocol": "Best of six epochs, 24 seeds.",
        "figures": {"weighted_f1": [0.8789, 0.009], "accuracy": 0.8796},
    }
    threshold = {"value": 0.43, "rule": "largest balanced accuracy on validation", "achieved": 0.9} if binary else None
    scores = {
        "format": 1,
        "run": record["name"],
        "leakage": leakage,
        "warnings": record["split"]["warnings"],
        "threshold": threshold,
    }
    (folder / "scores.json").write_text(json.dumps(scores | {"published": published, "parts": parts}))
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "recipe.yaml").write_text(RECIPE)
    write_tables(folder)
    write_sheets(folder, parts["test"])
    return folder


def patients_part(name: str = "test", patients: int = 40) -> Json:
    """Return a part of patients as a whole, of two classes."""
    part = binary_part(name, patients=patients)
    half = patients // 2
    return part | {
        "unit": "patient",
        "cells": patients,
        "classes": ["reactive", "tumoral"],
        "titles": ["reactive lymphocytosis", "tumoral lymphocytosis"],
        "positive": "tumoral",
        "per_class": {
            new: part["per_class"][old] | {"support": half} for old, new in (("hem", "reactive"), ("all", "tumoral"))
        },
        "confusion": [[half - 3, 3], [2, half - 2]],
        "by_patient": [],
        "patient_scores": None,
        "patient_interval": None,
        "curves": {
            "roc": {"tumoral": part["curves"]["roc"]["all"]},
            "pr": {"tumoral": part["curves"]["pr"]["all"]},
            "calibration": [bin_ | {"cells": bin_["cells"] and 4} for bin_ in part["curves"]["calibration"]],
        },
    }


def share(count: int, total: int) -> Json:
    value = count / total
    return {"value": value, "count": count, "total": total, "low": max(value - 0.1, 0), "high": min(value + 0.1, 1)}


def ablation(title: str, auc: float, *, more: float | None) -> Json:
    gain = {"difference": more, "low": (more or 0) - 0.05, "high": (more or 0) + 0.05, "p": 0.04}
    return {
        "title": title,
        "model": more is None,
        "patients": 40,
        "threshold": 0.5,
        "scores": {"roc_auc": score(auc), "balanced_accuracy": score(auc - 0.1)},
        "difference": None if more is None else {"roc_auc": gain, "balanced_accuracy": gain},
    }


def patient_sections() -> Json:
    """Return what ``runs.patient_sections`` adds to ``scores.json``."""
    rates = {"sensitivity": score(0.95), "specificity": score(0.7)}
    return {
        "unit": "patient",
        "ablations": [
            ablation("age alone", 0.55, more=0.381),
            ablation("lymphocyte_count alone", 0.91, more=0.021),
            ablation("clinical only, logistic regression", 0.9, more=0.031),
            ablation("clinical only, gradient boosting", 0.94, more=-0.009),
            ablation("images only", 0.88, more=0.051),
            ablation("images and facts", 0.931, more=None),
        ],
        "verdict": {
            "sentence": "The model beats lymphocyte_count alone: ROC AUC 0.931 against 0.910 on the same 40 patients; "
            "paired test p = 0.04.",
            "beats": True,
            "against": "lymphocyte_count alone",
            "p": 0.04,
        },
        "calibration": {
            "kind": "platt",
            "fitted_on": 30,
            "patients": 40,
            "notes": [],
            "ece": {"before": 0.181, "after": 0.072},
            "brier": {"before": 0.121, "after": 0.093},
            "log_loss": {"before": 0.611, "after": 0.333},
        },
        "operating_points": [
            {"wanted": wanted, "threshold": 1 - wanted + 0.1, "validation": rates, "test": rates}
            for wanted in (0.9, 0.95, 0.99)
        ],
        "referral": {
            "promised": 0.9,
            "by": "class",
            "patients": 40,
            "fitted_on": {"reactive": 15, "tumoral": 14},
            "referred": share(7, 40),
            "covered": share(37, 40),
            "unlike_any": share(0, 40),
            "sensitivity": share(16, 17),
            "specificity": share(14, 16),
            "referred_of": {"reactive": share(4, 20), "tumoral": share(3, 20)},
            "covered_of": {"reactive": share(18, 20), "tumoral": share(19, 20)},
            "recall": {"reactive": share(14, 16), "tumoral": share(16, 17)},
            "notes": ["Some patients are linked."],
        },
        "facts": {
            "inputs": ["age", "lymphocyte_count"],
            "left_out": [],
            "remarks": [{"patient": "P3", "fact": "age", "text": "missing; the median counts"}],
            "circumstances": [],
        },
    }


def write_patients_run(folder: Path) -> Path:
    """Write the folder of a run that diagnoses patients, with a page of one of the wrong ones."""
    write_example(folder)
    for name in ("wrong.png", "wrong.svg"):
        (folder / "figures" / name).unlink(missing_ok=True)
    scores = json.loads((folder / "scores.json").read_text()) | patient_sections()
    scores["parts"] = {name: patients_part(name) for name in ("validation", "test")}
    scores["published"] = {
        "paper": "Grisi & Schmidt-Mengin 2021",
        "protocol": "Mean of the ten best epochs of each of ten runs (peeking).",
        "figures": {"balanced_accuracy": 0.814},
    }
    (folder / "scores.json").write_text(json.dumps(scores))
    wrong = {"id": ["P 3", "P7"], "patient": ["P 3", "P7"], "label": ["tumoral"] * 2, "called": ["reactive"] * 2}
    pl.DataFrame(wrong | {"probability": [0.93, 0.71]}).write_csv(folder / "wrong.csv")
    (folder / "patients").mkdir()
    for name in ("index", "P_3-0a"):
        (folder / "patients" / f"{name}.html").write_text("")
    stems = {"patient": ["P 3", "P7"], "stem": ["P_3-0a", "P7"]}
    pl.DataFrame(stems).write_csv(folder / "evidence_patients.csv")
    return folder


def write_evaluation(folder: Path) -> Path:
    """Write what ``leukoscope evaluate`` leaves of predictions that are labels only."""
    folder.mkdir(parents=True, exist_ok=True)
    part = binary_part("all", patients=28, probabilities=False)
    scores = {"format": 1, "leakage": None, "warnings": [], "threshold": None, "parts": {"all": part}}
    (folder / "scores.json").write_text(json.dumps(scores))
    return folder


@pytest.fixture
def example(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes an example run: ``example(binary=True, leakage=None, patients=12)``."""
    return lambda **options: write_example(tmp_path / "run", **options)


@pytest.fixture
def patients_run(tmp_path: Path) -> Path:
    """The folder of a run that diagnoses patients."""
    return write_patients_run(tmp_path / "lyon")


@pytest.fixture
def evaluation(tmp_path: Path) -> Path:
    """The folder of an evaluation."""
    return write_evaluation(tmp_path / "evaluation")


@pytest.fixture
def binary() -> Json:
    """A part of two classes with patients."""
    return binary_part()


@pytest.fixture
def labels_only() -> Json:
    """A part of two classes without probabilities."""
    return binary_part("all", probabilities=False)


@pytest.fixture
def many() -> Json:
    """A part of eight classes without patients."""
    return many_part()


@pytest.fixture
def crowd() -> Json:
    """A part with 130 patients."""
    return binary_part(patients=130)
