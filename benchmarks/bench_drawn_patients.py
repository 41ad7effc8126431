"""Which aggregator suits which share of malignant cells: balanced accuracy, ROC AUC and evidence on drawn patients.

Run: python benchmarks/bench_drawn_patients.py FOLDER [--shares 0.02,0.1,0.2,0.5,1] [--patients 160] [--cells 50]
     [--side 48] [--seeds 5] [--first 0]

A backbone learns on cells of other drawn patients (the recipe ``drawn``, seed 900) and is frozen; every aggregator then
learns, with a new linear head, on the same features from the patients' labels alone. So the table is about
aggregators, not about what a network learns through them. A positive patient has exactly the stated share of malignant
cells, rounded to whole cells: of 50 cells 1, 5, 10, 25 and 50. A seed moves the split (half of the patients train, a
fifth validate, the rest test), the head's first weights and the order of the patients. The epoch with the smallest
validation loss is kept and the threshold is chosen on validation; the test patients are scored once. What was made in
FOLDER stays there and is used again.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import torch
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from torch import Tensor
from torch.nn import functional

from leukoscope import api
from leukoscope.cohort.classes import Classes
from leukoscope.drawn import draw_cohort
from leukoscope.evaluation import choose_threshold
from leukoscope.models.bags import Bags
from leukoscope.models.building import build_patient_model
from leukoscope.models.patient_model import PatientModel
from leukoscope.predictions import Predictions
from leukoscope.randomness import generator
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

AGGREGATORS: dict[str, str | dict[str, dict[str, Any]]] = {
    "max": "max",
    "noisy_or": "noisy_or",
    "top_k, 10 %": {"top_k": {"share": 0.1}},
    "log_sum_exp": "log_sum_exp",
    "bn_sigmoid": "bn_sigmoid",
    "attention": "attention",
    "mean": "mean",
}
CLASSES = Classes(("hem", "all"))
BACKBONE_SEED, POOL_SEED = 900, 700
BACKBONE = {"patients": 120, "cells": 40}
EPOCHS, BATCH, RATE, DECAY = 60, 16, 1e-2, 1e-3
TRAIN, VALIDATION = 0.5, 0.2
CHUNK = 256
NEXT_TO = 0.01


@dataclass(frozen=True)
class Pool:
    """Patients with the features of their cells.

    Args:
        features: (b, n, 1, d) float32: n cells a patient.
        malignant: (b, n) bool, each cell's truth.
        labels: (b,) float32, 1 for a positive patient.
    """

    features: Tensor
    malignant: np.ndarray
    labels: Tensor


def arguments() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where drawn cells, the backbone and the results lie")
    parser.add_argument("--shares", default="0.02,0.1,0.2,0.5,1", help="of malignant cells, with commas")
    parser.add_argument("--patients", type=int, default=160, help="half of them positive")
    parser.add_argument("--cells", type=int, default=50, help="of a patient")
    parser.add_argument("--side", type=int, default=48, help="of a picture, px")
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    return parser.parse_args()


def cell_bundle(folder: Path, side: int) -> Path:
    """Return the bundle of a classifier of single cells of other patients; it is trained where there is none."""
    run = folder / f"cells-{side}px"
    if not (run / "bundle").is_dir():
        drawn = {f"drawn.{name}": value for name, value in {**BACKBONE, "size": side}.items()}
        # No rotation: it blurs small pictures, so that the running statistics are not those of pictures as they are.
        seen = {"framing": [{"resize": side}], "augmentation": [{"flip": 0.5}, {"brightness": 0.1}, {"contrast": 0.1}]}
        changes = {**drawn, **seen, "model.cut": "layer2"}
        api.train("drawn", out=run, changes=changes, seed=BACKBONE_SEED, resume=run.is_dir())
    return run / "bundle"


def patient_model(bundle: Path, aggregator: str | dict[str, dict[str, Any]], seed: int) -> PatientModel:
    """Return a network of patients whose backbone is the bundle's; head and aggregator are new."""
    model = ModelSettings(backbone="resnet10t", weights=str(bundle), cut="layer2")
    bag = BagSettings(aggregator=aggregator, instances="cells", frozen=True)
    return build_patient_model(model, bag, FactsSettings(), 1, seed=seed)[0]


def draw_exactly(folder: Path, *, patients: int, cells: int, malignant: int, side: int) -> Path:
    """Draw patients of whom the positive ones have exactly so many malignant cells each."""
    half, share = patients // 2, malignant / cells
    counts = {"all": half * malignant, "hem": half * (2 * cells - malignant)}
    return draw_cohort(folder, patients=2 * half, counts=counts, malignant_share=share, size=side, seed=POOL_SEED)


def read_pool(folder: Path, bundle: Path) -> Pool:
    """Return drawn patients, of equally many cells each, with their cells' features; embedded once."""
    table, kept = pl.read_csv(folder / "cells.csv"), folder / "features.npy"
    if not kept.is_file():
        np.save(kept, _embedded(patient_model(bundle, "mean", 0), folder, table["path"].to_list()))
    truth = table["malignant"].to_numpy().reshape(table["patient"].n_unique(), -1)
    features = torch.from_numpy(np.load(kept)).view(*truth.shape, 1, -1)
    return Pool(features, truth, torch.from_numpy(truth.any(axis=1).astype(np.float32)))


def _embedded(model: PatientModel, folder: Path, paths: list[str]) -> np.ndarray:
    model.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(paths), CHUNK):
            pictures = [cv2.imread(str(folder / path))[:, :, ::-1] for path in paths[start : start + CHUNK]]
            pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
            found.append(model.cell_features(pixels).numpy())
    return np.concatenate(found)


def parts(labels: Tensor, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the patients of training, validation and test, each with as many positive as negative ones."""
    found: list[list[np.ndarray]] = [[], [], []]
    for side in (0, 1):
        order = generator(seed, "split", side).permutation(np.flatnonzero(labels.numpy() == side))
        cuts = [round(len(order) * TRAIN), round(len(order) * (TRAIN + VALIDATION))]
        for place, some in enumerate(np.split(order, cuts)):
            found[place].append(some)
    train, validation, test = (np.concatenate(some) for some in found)
    return train, validation, test


def logits(model: PatientModel, pool: Pool, patients: np.ndarray) -> Tensor:
    """Return the logits of patients, (b,)."""
    features = pool.features[patients]
    bags = Bags(torch.full((len(patients),), features.shape[1]))
    found: Tensor = model.diagnose(model.instances_of_features(features.flatten(0, 1)), bags)[:, 0]
    return found


def learn(model: PatientModel, pool: Pool, train: np.ndarray, validation: np.ndarray, seed: int) -> None:
    """Train head and aggregator on the patients' labels; leave the weights of the smallest validation loss."""
    own = [*model.cells.head.parameters(), *model.aggregator.parameters()]
    optimiser = torch.optim.AdamW(own, lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    best, smallest = deepcopy(model.state_dict()), float("inf")
    for epoch in range(EPOCHS):
        model.train()
        order = generator(seed, "order", epoch).permutation(train)
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            optimiser.zero_grad()
            functional.binary_cross_entropy_with_logits(logits(model, pool, some), pool.labels[some]).backward()
            optimiser.step()
        schedule.step()
        model.eval()
        with torch.inference_mode():
            told = logits(model, pool, validation)
            loss = functional.binary_cross_entropy_with_logits(told, pool.labels[validation]).item()
        if loss < smallest:
            best, smallest = deepcopy(model.state_dict()), loss
    model.load_state_dict(best)
    model.eval()


def predictions(told: Tensor, labels: Tensor) -> Predictions:
    """Return patients' logits as a table of predictions."""
    share, truth = torch.sigmoid(told.double()).numpy(), labels.numpy() == 1
    names = [f"P{number:04d}" for number in range(len(truth))]
    columns = {"p_hem": 1 - share, "p_all": share, "logit": told.double().numpy()}
    table = pl.DataFrame({"id": names, "patient": names, "label": np.where(truth, "all", "hem"), **columns})
    return Predictions(table, CLASSES, unit="patient")


def evidence_auc(model: PatientModel, pool: Pool, patients: np.ndarray) -> dict[str, float | None]:
    """Return how well contributions, and logits, of the positive patients' cells find the malignant ones."""
    ill = patients[pool.labels[patients].numpy() == 1]
    truth = pool.malignant[ill].ravel()
    if truth.all():
        return {"evidence": None, "cell_logits": None}
    features = pool.features[ill]
    bags = Bags(torch.full((len(ill),), features.shape[1]))
    instances = model.instances_of_features(features.flatten(0, 1))
    evidence = model.evidence(instances, bags)
    found = None if evidence is None else float(roc_auc_score(truth, evidence.numpy().ravel()))
    return {"evidence": found, "cell_logits": float(roc_auc_score(truth, instances[:, 0, 0].numpy()))}


def measure(bundle: Path, name: str, pool: Pool, seed: int) -> dict[str, float | None]:
    """Train one aggregator with one seed and score its test patients once."""
    train, validation, test = parts(pool.labels, seed)
    model = patient_model(bundle, AGGREGATORS[name], seed)
    learn(model, pool, train, validation, seed)
    with torch.inference_mode():
        chosen = choose_threshold(predictions(logits(model, pool, validation), pool.labels[validation]))
        share = torch.sigmoid(logits(model, pool, test).double()).numpy()
        found = evidence_auc(model, pool, test)
    truth = pool.labels[test].numpy()
    accuracy = float(balanced_accuracy_score(truth, share >= chosen.value))
    return {"balanced_accuracy": accuracy, "roc_auc": float(roc_auc_score(truth, share)), **found}


def results(options: argparse.Namespace, show: Callable[[str], None]) -> pl.DataFrame:
    """Measure everything; a row a share, aggregator and seed."""
    bundle = cell_bundle(options.folder, options.side)
    rows: list[dict[str, Any]] = []
    for share in map(float, options.shares.split(",")):
        malignant = max(round(share * options.cells), 1)
        sizes = {"patients": options.patients, "cells": options.cells, "malignant": malignant, "side": options.side}
        folder = options.folder / f"pool-{options.patients}x{options.cells}-{malignant}-{options.side}px"
        pool = read_pool(draw_exactly(folder, **sizes), bundle)
        show(f"{malignant} of {options.cells} cells malignant: drawn and embedded")
        rows += [
            {"share": share, "aggregator": name, "seed": seed} | measure(bundle, name, pool, seed)
            for name in AGGREGATORS
            for seed in range(options.first, options.first + options.seeds)
        ]
        show(f"{malignant} of {options.cells} cells malignant: {len(AGGREGATORS)} aggregators, {options.seeds} seeds")
    return pl.DataFrame(rows, infer_schema_length=None)


def table(found: pl.DataFrame, score: str) -> str:
    """Return a score as Markdown: a row an aggregator, a column a share; in bold what is next to the column's best."""
    shares = found["share"].unique(maintain_order=True).to_list()
    means = found.group_by("share", "aggregator").agg(pl.col(score).cast(pl.Float64).mean())
    best = dict(means.group_by("share").agg(pl.col(score).max()).iter_rows())
    lines = [
        f"| aggregator | {' | '.join(f'{100 * share:g} %' for share in shares)} |",
        "|---" * (len(shares) + 1) + "|",
    ]
    for (name,), own in found.group_by("aggregator", maintain_order=True):
        cells = [spread(own.filter(pl.col("share") == share)[score], best[share]) for share in shares]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(values: pl.Series, best: float | None) -> str:
    """Return mean and deviation, in bold where the mean is within ``NEXT_TO`` of the best one."""
    known = values.drop_nulls().cast(pl.Float64).to_numpy()
    if best is None or not len(known):
        return "-"
    said = f"{known.mean():.3f} ± {known.std(ddof=1) if len(known) > 1 else 0:.3f}"
    return f"**{said}**" if known.mean() >= best - NEXT_TO else said


def main() -> None:
    """Measure, keep and print."""
    options, started = arguments(), time.perf_counter()
    options.folder.mkdir(parents=True, exist_ok=True)
    found = results(options, lambda text: print(f"{time.perf_counter() - started:>6.0f} s: {text}", flush=True))
    found.write_csv(options.folder / "results.csv")
    scores = json.loads((options.folder / f"cells-{options.side}px" / "scores.json").read_text())
    print(f"\nPyTorch {torch.__version__}, {torch.get_num_threads()} threads of {os.cpu_count()} cores.")
    area = scores["parts"]["test"]["scores"]["roc_auc"]["value"]
    print(f"ROC AUC of the cell classifier, cells of its own test patients: {area:.3f}")
    for score in ("balanced_accuracy", "roc_auc", "evidence", "cell_logits"):
        print(f"\n{score}, mean and deviation over {options.seeds} seeds\n\n{table(found, score)}")


if __name__ == "__main__":
    main()
