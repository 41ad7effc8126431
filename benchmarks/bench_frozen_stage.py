"""Seconds of an epoch in which only the head learns: through the base, and on features that were computed once.

Run: python benchmarks/bench_frozen_stage.py --data SHARED/cnmc --weights SHARED/weights
     [--cells 320] [--side 112] [--epochs 4] [--device cpu]

The head of ResNet-50 cut after its third stage (Keras's weights) and of MobileNetV2 is trained on real cells; a third
as many more are examined after each epoch. Both ways are all of ``train``: an epoch is its training, its validation
and its checkpoint. The seconds are the least of the epochs; the first of a process, which warms up, counts for neither.
What computing the features took is stated beside. The losses of both ways stand side by side.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl

from leukoscope import read_cohort
from leukoscope.cohort.classes import Classes
from leukoscope.files import read_table
from leukoscope.models.building import build_model
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.intake import take_in
from leukoscope.recipes.schema import Recipe
from leukoscope.training import loop
from leukoscope.training.display import SilentDisplay

LEAST_RATIO, LOSS_TOLERANCE = 15, 1e-5
MODELS: dict[str, dict[str, Any]] = {
    "resnet50, cut: layer3, dense 256": {
        "backbone": "resnet50", "cut": "layer3", "stride_in_first": True, "head": "dense", "hidden": [256],
        "hidden_dropout": 0.5,
    },
    "mobilenetv2_100, linear": {"backbone": "mobilenetv2_100", "dropout": 0.5},
}  # fmt: skip


@dataclass
class Clock(SilentDisplay):
    """Notes the seconds of each epoch, its checkpoint included, and of what is done before the first."""

    epochs: list[float] = field(default_factory=list)
    ahead: float = 0.0
    begun: float = 0.0

    def begin_epoch(self, epoch: int, stage: int, steps: int) -> None:
        """Start."""
        del epoch, stage, steps
        self.begun = time.perf_counter()

    def end_epoch(self, row: dict[str, Any], *, best: bool) -> None:
        """Stop."""
        del row, best
        self.epochs.append(time.perf_counter() - self.begun)

    @contextlib.contextmanager
    def working(self, what: str, total: int) -> Iterator[Any]:
        """Take the time of what is done ahead."""
        del what, total
        begun = time.perf_counter()
        yield lambda _: None
        self.ahead += time.perf_counter() - begun


def parts(
    options: argparse.Namespace, framing: list[dict[str, Any]], store: Path
) -> tuple[Classes, CellData, CellData]:
    """Return as many cells of each class to train on, and a third as many to examine."""
    cohort = read_cohort(options.data, "cnmc")
    most = -(-options.cells * 2 // 3)
    chosen = cohort.labelled.with_columns(place=pl.int_range(pl.len()).over("label")).filter(pl.col("place") < most)
    taken = take_in(cohort.select(chosen["id"]), framing=parse_framing(framing), store=store)
    assert taken.store is not None, "asked for"
    known = chosen.sort("place", "label").join(taken.pictures, on="id", maintain_order="left")
    labels = np.array([cohort.classes.index(label) for label in known["label"]], dtype=np.int64)
    data = CellData(taken.store, taken.store.rows(known["sha256"]), known["id"].to_list(), labels)
    everyone = np.arange(options.cells * 4 // 3)
    return cohort.classes, data.subset(everyone[: options.cells]), data.subset(everyone[options.cells :])


def measured(name: str, options: argparse.Namespace, folder: Path) -> bool:
    """Train both ways, print, and return whether the promise is kept."""
    recipe = Recipe.model_validate(
        {
            "name": "frozen",
            "about": {"purpose": "To measure."},
            "framing": [{"center_crop": 300}, {"resize": options.side}],
            "model": {"weights": "imagenet"} | MODELS[name],
            "stages": [{"epochs": options.epochs, "batch": 32, "train": "head", "rates": 1e-3}],
            "best_epoch": {"metric": "weighted_f1"},
        }
    )
    classes, learnt, examined = parts(options, recipe.framing, folder / "store")
    clocks, histories, without_checkpoint = [], [], []
    for way in ("base", "features"):
        model, clock = build_model(recipe.model, 1, weights_folder=options.weights)[0], Clock()
        through = patch.object(loop, "on_features", lambda course, *_: course) if way == "base" else None
        with through or contextlib.nullcontext():
            place = folder / f"{way}-{recipe.model.backbone}"
            trained = loop.train(
                model, learnt, examined, recipe, classes, seed=0, folder=place, device=options.device, display=clock
            )
        clocks.append(clock)
        spent = read_table(place / "timings.csv").select(pl.sum_horizontal("training_seconds", "validation_seconds"))
        without_checkpoint.append(min(spent.to_series()[1:]))
        histories.append(trained.history)
    base, features = [min(clock.epochs[1:]) for clock in clocks]
    whole = [clock.ahead + sum(clock.epochs) for clock in clocks]
    print(f"{name}: {len(learnt)} cells, {len(examined)} examined, {options.side} px, {options.device}")
    print(
        f"  an epoch: {base:.2f} s through the base, {features:.3f} s on features: {base / features:.0f} times faster"
    )
    print(f"  without the checkpoint: {without_checkpoint[0]:.2f} s, {without_checkpoint[1]:.3f} s")
    print(f"  features once: {clocks[1].ahead:.2f} s")
    print(f"  {options.epochs} epochs with all that: {whole[0]:.2f} s through the base, {whole[1]:.2f} s on features")
    for kind in ("loss", "validation_loss"):
        pairs = zip(*(history[kind] for history in histories), strict=True)
        print(f"  {kind}, base | features: {', '.join(f'{first:.7f} | {second:.7f}' for first, second in pairs)}")
    away = max(np.abs(histories[0][kind] - histories[1][kind]).max() for kind in ("loss", "validation_loss"))
    print(f"  farthest apart: {away:.1e}")
    return base / features >= LEAST_RATIO and away < LOSS_TOLERANCE


def main() -> None:
    """Measure each network; fail where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of C-NMC")
    parser.add_argument("--weights", type=Path, required=True, help="folder of the networks' first weights")
    parser.add_argument("--cells", type=int, default=320, help="training cells")
    parser.add_argument("--side", type=int, default=112, help="side of the pictures in px")
    parser.add_argument("--epochs", type=int, default=4, help="epochs of each way, 2 or more")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = [measured(name, options, Path(folder)) for name in MODELS]
    raise SystemExit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
