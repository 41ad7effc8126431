"""Whether a bundle flags what it was never meant for, and leaves new patients' cells alone.

Run: python benchmarks/bench_out_of_distribution.py RUN DATA [--part reporting|choosing] [--cells 1000] [--held-out 40]

RUN is a finished run on C-NMC or PBC, DATA the folder in which the data sets lie (``cnmc``, ``pbc``, ``lyon``,
``matek``, ``bccd``, ``segmentation_wbc``). The limits are fitted here on the run's training and validation cells, as a
run does, so that runs from before bundles had reference cells can be measured too. Then: of the test cells, whose
patients are new, the share that is flagged (patients weighing alike, with its 95 % interval over linked groups), and
the share of each kind of stranger (``strangers.py``). The method was chosen on the kinds ``choosing``; ``reporting`` is
for the report.

Beside it stand: the same method on the network's pooled features alone; the nearest neighbours of pooled features of
length one (Sun et al. 2022); and the same method on colours and edges alone, without a network.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from strangers import Pixels, strangers

from leukoscope.bundles import Bundle, load_bundle
from leukoscope.evaluation.confidence import patient_weights
from leukoscope.evaluation.flagged import flagged_share
from leukoscope.evaluation.out_of_distribution import QUANTILE, fit_out_of_distribution
from leukoscope.models.cell_look import looking, widths_of
from leukoscope.models.network import cells_of
from leukoscope.pictures.decode import decode
from leukoscope.runs.reference_cells import spread
from leukoscope.runs.run import Run
from leukoscope.training.device import as_input

Floats = NDArray[np.floating[Any]]
BATCH, PICTURE, NEIGHBOURS = 32, 16, 5
Distances = Callable[["Seen"], Floats]


@dataclass(frozen=True)
class Seen:
    """What a network sees in pictures: ``looks``, (n, d), as the bundle has it, and ``pooled`` features, (n, e)."""

    looks: Floats
    pooled: Floats


def see(bundle: Bundle, pictures: Sequence[Pixels]) -> Seen:
    """Let a bundle's network look at decoded pictures, in one pass."""
    model, looks, pooled = cells_of(bundle.model), list[Floats](), list[Floats]()
    for start in range(0, len(pictures), BATCH):
        framed = np.stack([bundle.framing.apply(one) for one in pictures[start : start + BATCH]])
        pixels = as_input(framed, bundle.device)
        with looking(model) as seen, torch.inference_mode():
            pooled.append(model.embed(pixels).float().cpu().numpy())
            looks.append(seen.look(pixels))
    return Seen(np.concatenate(looks), np.concatenate(pooled))


def methods(train: Seen, validation: Seen, patients: pl.Series) -> dict[str, Distances]:
    """Return what gives distances relative to its limit, by the method's name."""
    own = fit_out_of_distribution(train.looks, validation.looks, patients, widths_of(train.looks))
    pooled = fit_out_of_distribution(train.pooled, validation.pooled, patients)
    picture = fit_out_of_distribution(train.looks[:, :PICTURE], validation.looks[:, :PICTURE], patients)
    known = _of_length_one(train.pooled)
    limit = _quantile(_nearest(known, validation.pooled), patient_weights(patients))
    return {
        "bundle": lambda seen: own.distances(seen.looks),
        "pooled": lambda seen: pooled.distances(seen.pooled),
        "nearest": lambda seen: _nearest(known, seen.pooled) / limit,
        "picture": lambda seen: picture.distances(seen.looks[:, :PICTURE]),
    }


def measure(run: Run, root: Path, part: str, cells: int, held_out: int) -> None:
    """Print the share that each method flags, kind by kind."""
    started, bundle, cohort = time.monotonic(), load_bundle(run.folder / "bundle"), run.cohort
    split = pl.read_csv(run.folder / "split.csv", infer_schema=False).select("id", "group", "part")
    labelled = cohort.labelled.join(split, on="id", maintain_order="left")
    chosen = {
        name: spread(
            labelled.filter(part=name).with_columns(label=pl.lit("any") if name != "train" else "label"), cells, 0
        )
        for name in ("train", "validation", "test")
    }
    pictures = {name: [decode(cohort.file(path)).pixels for path in table["path"]] for name, table in chosen.items()}
    seen = {name: see(bundle, found) for name, found in pictures.items()}
    found = methods(seen["train"], seen["validation"], chosen["validation"]["patient"])
    counts = {
        name: f"{table.height} cells, {table['patient'].drop_nulls().n_unique()} patients"
        for name, table in chosen.items()
    }
    print(f"{run.folder}: {bundle.card.model.backbone}, {bundle.card.trained_on['data']}; {counts}")
    print(f"{'share flagged, %':52}{'n':>5}" + "".join(f"{name:>10}" for name in found))
    _print("test cells of new patients", seen["test"], found)
    tests = (
        chosen["test"]
        .join(labelled.select("id", own="label"), on="id", maintain_order="left")
        .with_columns(label="own")
    )
    share = flagged_share(found["bundle"](seen["test"]) > 1, tests, cohort.classes)
    print(f"  patients weighing alike: {100 * (share.value or 0):.1f} % ({_bounds(share.low, share.high)})")
    held = pictures["test"][:: max(len(pictures["test"]) // held_out, 1)][:held_out]
    for kind, strange in strangers(bundle.card.trained_on["data"], held, root, part).items():
        _print(kind, see(bundle, strange), found)
    print(f"{time.monotonic() - started:.0f} s")


def _print(kind: str, seen: Seen, found: dict[str, Distances]) -> None:
    shares = [100 * float((distances(seen) > 1).mean()) for distances in found.values()]
    middle = float(np.median(found["bundle"](seen)))
    print(
        f"{kind:52}{len(seen.looks):5}" + "".join(f"{share:10.0f}" for share in shares) + f"   median {middle:.2f}",
        flush=True,
    )


def _bounds(low: float | None, high: float | None) -> str:
    return "no interval" if low is None or high is None else f"{100 * low:.1f} to {100 * high:.1f}"


def _of_length_one(features: Floats) -> Floats:
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def _nearest(known: Floats, features: Floats) -> Floats:
    apart = np.sqrt(np.maximum(2 - 2 * _of_length_one(features) @ known.T, 0))
    return np.sort(apart, axis=1)[:, :NEIGHBOURS].mean(axis=1)


def _quantile(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]) / weights.sum(), QUANTILE - 1e-12)])


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--part", choices=("reporting", "choosing"), default="reporting")
    parser.add_argument("--cells", type=int, default=1000, help="cells of each part, at most")
    parser.add_argument("--held-out", type=int, default=40, help="test cells whose stain is changed")
    asked = parser.parse_args()
    if asked.run is None or asked.data is None:
        print("Nothing to measure: name a run, and the folder of the data sets.")
        return
    measure(Run(asked.run), asked.data, asked.part, asked.cells, asked.held_out)


if __name__ == "__main__":
    main()
