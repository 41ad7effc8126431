"""Size, speed and agreement of a bundle in PyTorch, ONNX Runtime and OpenVINO, on real cells or patients.

Run: python benchmarks/bench_export.py --bundle BUNDLE --data FOLDER --reader pbc --out FOLDER
     [--number 200] [--threads 1] [--precisions fp32,bf16,int8]

The bundle is exported in each precision. Each is asked of the same pictures, so many cells spread over the data set,
or so many patients with all their cells: the largest difference of a probability from what PyTorch says (of the same
framed pixels, and where OpenCV frames them), how many are called otherwise, and the same of the distances from the
training cells. What the bundle's self-test refuses is measured all the same. Of patients bags of 1, 2 and 100 cells go
through the one exported graph, too.

Then each is timed in a process of its own, so that no thread pool is in another's way: pictures of one size in,
probabilities and distances out, framing counted; the median of five passes after one that is not counted. Processor
time is given beside the clock's, which other work on the machine makes longer. A table goes to the terminal and to
``export.csv``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from leukoscope import Cohort, read_cohort
from leukoscope.bundles import AnyBundle, open_bundle
from leukoscope.errors import BundleError
from leukoscope.exporting import Exported, export_bundle, exporting
from leukoscope.exporting.answers import Answer, answer_of, framed_as_in_graph
from leukoscope.exporting.exporting import MEBIBYTE, graph_of
from leukoscope.exporting.graph import Graph
from leukoscope.exporting.parity import parity_of
from leukoscope.exporting.runtimes import KINDS, Session
from leukoscope.exporting.trials import Trial, feed_of
from leukoscope.pictures.decode import decode

PASSES, TOGETHER, BAGS = 5, 32, (1, 2, 100)
TIMED = "timed.npz"


@dataclass(frozen=True, eq=False)
class Questions:
    """What is asked, and what PyTorch says of it: of the pixels that the graph sees, and of those OpenCV frames."""

    feeds: list[dict[str, Any]]
    of_same: list[Answer]
    of_opencv: list[Answer]


def trials(bundle: AnyBundle, cohort: Cohort, number: int) -> Iterator[Trial]:
    """Give so many cells, of one size together, or so many patients, spread over the cohort."""
    cells = cohort.usable
    if bundle.card.task == "patients":
        names = cells["patient"].unique().sort().to_list()
        facts = {row["patient"]: row for row in cohort.patients.to_dicts()}
        for name in names[:: max(1, len(names) // number)][:number]:
            paths = cells.filter(pl.col("patient") == name)["path"]
            yield Trial(np.stack([pixels(cohort, path) for path in paths]), known(bundle, facts[name]))
        return
    by_size: dict[Any, list[np.ndarray]] = {}
    for path in cells["path"].gather_every(max(1, cells.height // number)).head(number):
        picture = pixels(cohort, path)
        by_size.setdefault(picture.shape, []).append(picture)
    for same in by_size.values():
        yield from (Trial(np.stack(same[start : start + TOGETHER])) for start in range(0, len(same), TOGETHER))


def pixels(cohort: Cohort, path: str) -> np.ndarray:
    """Return a picture as a client has it."""
    return decode(cohort.root / path).pixels


def known(bundle: AnyBundle, row: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that a bundle takes of a patient."""
    return {name: row.get(name) for name in bundle.card.facts.inputs}


def asked_of_pytorch(bundle: AnyBundle, graph: Graph, asked: list[Trial]) -> Questions:
    """Return trials as questions to a graph."""
    own = [answer_of(bundle, trial) for trial in asked]
    same = [answer_of(bundle, trial, framed_as_in_graph) for trial in asked] if graph.framing_inside else own
    return Questions([feed_of(bundle, graph, trial) for trial in asked], same, own)


def agreement(bundle: AnyBundle, session: Session, asked: Questions) -> dict[str, Any]:
    """Return how far a graph, in whatever precision, is from PyTorch."""
    found = parity_of(asked.of_same, asked.of_opencv, [session.ask(feed) for feed in asked.feeds], bundle, "fp32")
    return {
        "apart": found.largest_difference,
        "with OpenCV": found.largest_difference_with_opencv,
        "other calls": found.other_calls,
        "distances apart": found.largest_distance_difference,
        "other flags": found.other_flags,
    }


def milliseconds(kind: str, options: argparse.Namespace, precision: str = "fp32") -> dict[str, float]:
    """Return the milliseconds of one cell, measured in a process of its own: by the clock, and of the processor."""
    words = [kind, options.bundle, options.out / precision, options.out / TIMED, precision, options.threads]
    run = subprocess.run(
        [sys.executable, __file__, "--pass", *map(str, words)], capture_output=True, text=True, check=True
    )
    clock, processor = run.stdout.split()[-2:]
    return {"ms a cell": round(float(clock), 2), "processor ms": round(float(processor), 2)}


def one_pass(words: list[str]) -> None:
    """Time passes over pictures of one size, and print the median."""
    kind, bundle, folder, feed, precision, threads = words
    torch.set_num_threads(int(threads))
    given = dict(np.load(feed))
    ready, facts = open_bundle(Path(bundle)), json.loads(str(given.pop("known")))
    trial = Trial(given["pictures"], facts)
    if kind == "pytorch":
        ask: Callable[[], Any] = lambda: answer_of(ready, trial)  # noqa: E731 - one of two
    else:
        session, graph = KINDS[kind].open(Path(folder), int(threads), precision), graph_of(ready)
        ask = lambda: session.ask(feed_of(ready, graph, trial))  # noqa: E731 - the other
    times = []
    for _ in range(1 + PASSES):
        clock, processor = time.perf_counter(), time.process_time()
        ask()
        times.append((time.perf_counter() - clock, time.process_time() - processor))
    print(*(1000 * statistics.median(column) / len(trial.pictures) for column in zip(*times[1:], strict=True)))


def main() -> None:
    """Export, ask, time, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("bundle", "data", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--reader")
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precisions", default="fp32,bf16,int8")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    bundle, cohort = open_bundle(options.bundle), read_cohort(options.data, options.reader)
    graph = graph_of(bundle)
    asked = list(trials(bundle, cohort, options.number))
    questions = asked_of_pytorch(bundle, graph, asked)
    bags = {f"bag of {cells}": asked_of_pytorch(bundle, graph, [bag_of(asked, cells)]) for cells in bag_sizes(bundle)}
    largest = max(asked, key=lambda trial: len(trial.pictures))
    timed = Trial(largest.pictures[:TOGETHER], largest.facts)
    options.out.mkdir(parents=True, exist_ok=True)
    np.savez(options.out / TIMED, pictures=timed.pictures, known=json.dumps(dict(timed.facts)))
    weights = sum(path.stat().st_size for path in options.bundle.rglob("weights.safetensors"))
    first = {"runs in": "PyTorch", "precision": "fp32", "MiB": round(weights / MEBIBYTE, 2)}
    rows: list[dict[str, Any]] = [{**first, **milliseconds("pytorch", options)}]
    for precision in options.precisions.split(","):
        folder = options.out / precision
        try:
            made, refused = export_bundle(bundle, folder, to=list(KINDS), precision=precision), False
        except BundleError as error:
            print(f"{precision}: {error}\nIt is measured all the same.", flush=True)
            made, refused = exported_unasked(bundle, folder, precision), True
        for written in made.record["graphs"]:
            kind = written["to"]
            session = KINDS[kind].open(folder, options.threads, precision)
            found = agreement(bundle, session, questions)
            found |= {name: agreement(bundle, session, bag)["apart"] for name, bag in bags.items()}
            size = sum(file["bytes"] for file in written["files"].values()) / MEBIBYTE
            row = {"runs in": written["runs_in"], "precision": precision, "MiB": round(size, 2), **found}
            row |= {"self-test apart": written["parity"]["largest_difference"], "refused": refused}
            rows.append(row | milliseconds(kind, options, precision))
            print(rows[-1], flush=True)
    table = pl.DataFrame(rows, infer_schema_length=None)
    table.write_csv(options.out / "export.csv")
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=160, tbl_hide_dataframe_shape=True):
        number = sum(len(one.probabilities) for one in questions.of_opencv)
        answers = f"{number} answers, {len(timed.pictures)} pictures a pass"
        print(f"{bundle.card.name}: {answers}, {options.threads} threads")
        print(table)


def exported_unasked(bundle: AnyBundle, folder: Path, precision: str) -> Exported:
    """Export what is refused otherwise, to see what it would have said of real cells."""
    asking = exporting.refuse_other_answers
    exporting.refuse_other_answers = lambda *_: None
    try:
        return export_bundle(bundle, folder, to=list(KINDS), precision=precision)
    finally:
        exporting.refuse_other_answers = asking


def bag_sizes(bundle: AnyBundle) -> tuple[int, ...]:
    """Return how many cells the bags have that go through one graph; of cells there are none."""
    return BAGS if bundle.card.task == "patients" else ()


def bag_of(asked: list[Trial], cells: int) -> Trial:
    """Return a bag of so many cells, drawn from all patients' pictures."""
    every = np.concatenate([trial.pictures for trial in asked])
    return Trial(every[np.arange(cells) * 7 % len(every)], asked[0].facts)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pass"]:
        one_pass(sys.argv[2:])
    else:
        main()
