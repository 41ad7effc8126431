"""Peak memory and time of one training step on a bag of many cells: by chunks, and with the whole graph.

Run: python benchmarks/bench_bags.py [--sizes 500,1000,2000,4000,8000] [--whole 2000] [--backbone resnet18]
     [--cut layer3] [--max-forward 64] [--side 112] [--repeats 1]

Each measurement is a process of its own: its peak is the process's (``ru_maxrss``), less what it had after a step on a
bag of two cells. Pictures are drawn as uint8 and turned into numbers chunk by chunk, as from the store. Weights are
random, batch norm is frozen, the aggregator is bn_sigmoid. The processor's time, all threads together, stands beside
the time that passed, since the machine may be busy with something else. The gradients of both steps are compared, too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from leukoscope.models.bags import Bags
from leukoscope.models.building import build_patient_model
from leukoscope.models.patient_model import PatientModel
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings
from leukoscope.training.bag_batches import BagBatch
from leukoscope.training.bag_steps import BAG_STEPS
from leukoscope.training.device import as_input, deterministic
from leukoscope.training.memory import keep_freed_memory

CPU = torch.device("cpu")
MOST_TIME, DRAWN = 1.5, 64
MIB = 1024


def arguments() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="500,1000,2000,4000,8000", help="cells of the bag, with commas")
    parser.add_argument("--whole", type=int, default=2000, help="the largest bag whose whole graph is tried")
    parser.add_argument("--backbone", default="resnet18", help="timm name")
    parser.add_argument("--cut", default="layer3", help="the last stage that is kept; empty: all")
    parser.add_argument("--max-forward", type=int, default=64, help="cells a chunk")
    parser.add_argument("--side", type=int, default=112, help="of a picture, px")
    parser.add_argument("--repeats", type=int, default=1, help="steps that are timed; the quickest counts")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def make_model(options: argparse.Namespace) -> PatientModel:
    """Return the network with random weights, in training mode, its batch norms frozen."""
    settings = ModelSettings(backbone=options.backbone, cut=options.cut or None, weights="none")
    model, _ = build_patient_model(settings, BagSettings(aggregator="bn_sigmoid"), FactsSettings(), 1, seed=0)
    model.batch_norm = "frozen"
    return model.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload, no-any-return]


def make_batch(cells: int, side: int) -> BagBatch:
    """Return one patient with so many cells, made of a few drawn pictures that are shifted."""
    drawn = np.random.default_rng(0).integers(0, 256, (DRAWN, side, side, 3), dtype=np.uint8)

    def pixels(places: np.ndarray) -> Tensor:
        return as_input(np.stack([np.roll(drawn[place % DRAWN], place // DRAWN, axis=0) for place in places]), CPU)

    return BagBatch(pixels, Bags(torch.tensor([cells])), None, torch.tensor([1]), CPU)


def peak() -> float:
    """Return the process's peak memory so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


def measure(options: argparse.Namespace, step: str, cells: int) -> dict[str, float]:
    """Return peak (MiB above what the network and PyTorch take), seconds, and a digest of the gradient."""
    keep_freed_memory()
    model, settings = make_model(options), BagSettings(max_forward=options.max_forward)
    BAG_STEPS[step](model, make_batch(2, options.side), _loss, settings)  # PyTorch's own preparations
    batch, before = make_batch(cells, options.side), peak()
    seconds, processor = [], []
    for _ in range(options.repeats):
        model.zero_grad()
        started, busy = time.perf_counter(), time.process_time()
        with deterministic(CPU):
            loss = BAG_STEPS[step](model, batch, _loss, settings)
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - busy)
    gradient = torch.cat([value.grad.flatten() for value in model.parameters() if value.grad is not None])
    probe = torch.randn(len(gradient), generator=torch.Generator().manual_seed(0))
    digest = {"norm": gradient.norm().item(), "probe": (gradient @ probe).item()}
    times = {"seconds": min(seconds), "processor": min(processor)}
    return {"peak": peak() - before, "loss": loss, **times, **digest}


def _loss(logits: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits[:, 0], torch.ones(len(logits)))


def in_own_process(step: str, cells: int) -> dict[str, float] | None:
    """Return a measurement made by a process of its own; None where it did not live to tell."""
    command = [sys.executable, __file__, *sys.argv[1:], "--one", step, str(cells)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode < 0:  # killed: no memory was left
        return None
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def ratio(chunked: dict[str, float], whole: dict[str, float], name: str) -> float:
    """Return how many times as long the chunked step takes."""
    return chunked[name] / whole[name]


def row(cells: int, chunked: dict[str, float], whole: dict[str, float] | None) -> str:
    """Return a line of the table."""
    shown = [f"{cells:>6,}"]
    for found in (chunked, whole):
        shown += [f"{'-':>8}"] * 3 if found is None else [f"{found['peak']:>8,.0f}"]
        shown += [] if found is None else [f"{found[name]:>8.1f}" for name in ("seconds", "processor")]
    if whole is not None:
        apart = max(abs(chunked[name] - whole[name]) / abs(whole["norm"]) for name in ("norm", "probe"))
        shown += [f"{ratio(chunked, whole, name):>8.2f}" for name in ("seconds", "processor")] + [f"{apart:>10.1e}"]
    return " ".join(shown)


def table(options: argparse.Namespace) -> None:
    """Measure bag by bag and print."""
    cut = f" cut after {options.cut}" if options.cut else ""
    print(f"{options.backbone}{cut}, {options.side} px, chunks of {options.max_forward}, PyTorch {torch.__version__},")
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}. MiB above the network's own; seconds a step, float32."
    )
    print(f"{'':>6} {'chunked':>26} {'whole graph':>26} {'chunked / whole':>17} {'gradients':>10}")
    heads = ["MiB", "s", "cpu s"] * 2 + ["s", "cpu s"]
    print(f"{'cells':>6} " + " ".join(f"{head:>8}" for head in heads) + f" {'apart':>10}")
    found = {}
    for cells in map(int, options.sizes.split(",")):
        chunked = in_own_process("chunked", cells)
        assert chunked is not None, "a chunk does not fit into memory"
        whole = in_own_process("whole", cells) if cells <= options.whole else None
        found[cells] = (chunked, whole)
        print(row(cells, chunked, whole), flush=True)
    verdict(found)


def verdict(found: dict[int, tuple[dict[str, float], dict[str, float] | None]]) -> None:
    """Print what was asked beside what was measured."""
    both = [(chunked, whole) for chunked, whole in found.values() if whole is not None]
    peaks = {cells: chunked["peak"] for cells, (chunked, _) in found.items()}
    few, many = min(peaks), max(peaks)
    print(f"\n{'':<46} {'asked':>9} {'measured':>9}")
    for what, name in (("time", "seconds"), ("processor time", "processor")):
        most = max((ratio(*pair, name) for pair in both), default=float("nan"))
        print(f"{f'{what}, chunked / whole graph, the most':<46} {MOST_TIME:>9.2f} {most:>9.2f}")
    print(f"{f'peak, chunked, {many:,} cells / {few:,} cells':<46} {'about 1':>9} {peaks[many] / peaks[few]:>9.2f}")


def main() -> None:
    """Measure all, or the one thing that the parent asks for."""
    options = arguments()
    torch.set_num_threads(os.cpu_count() or 1)
    if options.one:
        print(json.dumps(measure(options, options.one[0], int(options.one[1]))))
    else:
        table(options)


if __name__ == "__main__":
    main()
