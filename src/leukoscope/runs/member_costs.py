"""``costs.csv``: how large each model is, and how long it takes over a cell."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl
import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.parts import WEIGHTS
from leukoscope.errors import LeukoscopeError
from leukoscope.models.stored_numbers import stored_numbers
from leukoscope.runs.run import Run
from leukoscope.training.scoring import view_logits
from leukoscope.training.views import views_of

DEVICE = "cpu"
BATCHES = (1, 32)
MOST, FEWEST = 7, 3
ENOUGH, SLOW = 1.0, 2.0
"""Seconds: after so many no pass is repeated; a first pass of more is the only one."""
MEGABYTE = 10**6

SUMMED = ("parameters", "stored", "megabytes", *(f"ms_batch_{size}" for size in BATCHES))
SCHEMA: dict[str, pl.DataType] = {
    "name": pl.String(),
    "kind": pl.String(),
    "parameters": pl.Int64(),
    "stored": pl.Int64(),
    "holds": pl.String(),
    "megabytes": pl.Float64(),
    "views": pl.Int64(),
    **{f"{name}_{size}": kind() for size in BATCHES for name, kind in (("ms_batch", pl.Float64), ("passes", pl.Int64))},
    "device": pl.String(),
    "threads": pl.Int64(),
    "torch": pl.String(),
    "note": pl.String(),
}


def costs_table(names: Sequence[str], runs: Sequence[Run], rules: Sequence[str]) -> pl.DataFrame:
    """Measure what each member costs; a rule costs what all its members cost together.

    A model's time is that of its passes through the network, test-time views included, over one framed picture and
    over 32, on the processor; the median of several. Reading and framing a picture is not counted.

    Args:
        names: The members' names.
        runs: Their runs.
        rules: The rules' names.

    Returns:
        ``name``, ``kind``, ``parameters``, ``stored`` and ``holds`` (as ``models.stored_numbers`` counts them; a rule
        has no ``holds``), ``megabytes`` (of the weights on disk, 10^6 bytes), ``views``,
        ``ms_batch_1`` and ``ms_batch_32`` (milliseconds a cell), ``passes_1`` and ``passes_32`` (how many the median is
        of), ``device``, ``threads``, ``torch``, ``note`` (why something is null).
    """
    own = [_of_member(name, run) for name, run in zip(names, runs, strict=True)]
    here = {"device": DEVICE, "threads": torch.get_num_threads(), "torch": torch.__version__}
    return pl.DataFrame([row | here for row in (*own, *(_of_rule(name, own) for name in rules))], schema=SCHEMA)


def _of_member(name: str, run: Run) -> dict[str, Any]:
    head = {"name": name, "kind": "member"}
    try:
        bundle = load_bundle(run.single_bundle, device=DEVICE)
    except LeukoscopeError as error:
        return head | {"note": error.what}
    found = head | asdict(stored_numbers(bundle.model))
    found |= {
        "megabytes": (bundle.folder / WEIGHTS).stat().st_size / MEGABYTE,
        "views": sum(1 for _ in views_of(bundle.card.test_time)),
    }
    if bundle.card.task != "cells":
        return found | {"note": "The time of a patient depends on how many cells there are."}
    for size in BATCHES:
        seconds, passes = _seconds(bundle, size)
        found |= {f"ms_batch_{size}": 1000 * seconds / size, f"passes_{size}": passes}
    return found


def _of_rule(name: str, members: Sequence[dict[str, Any]]) -> dict[str, Any]:
    sums = {column: _sum([row.get(column) for row in members]) for column in SUMMED}
    return {"name": name, "kind": "rule", **sums}


def _sum(values: Sequence[float | None]) -> float | None:
    """Return the sum; None where one is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _seconds(bundle: Bundle, size: int) -> tuple[float, int]:
    """Return the median time of a pass over so many pictures, and of how many passes it is."""
    pixels = _cells(size, bundle.card.input_size)
    card, device = bundle.card, torch.device(DEVICE)

    def look() -> None:
        view_logits(bundle.model, pixels, device=device, test_time=card.test_time)

    first = _timed(look)  # also what warms up
    if first > SLOW:
        return first, 1
    times = list[float]()
    while len(times) < FEWEST or (len(times) < MOST and sum(times) < ENOUGH):
        times.append(_timed(look))
    return statistics.median(times), len(times)


def _timed(what: Callable[[], None]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def _cells(number: int, size: tuple[int, int]) -> np.ndarray:
    """Return pictures of a plain cell on a light ground, (n, h, w, 3) uint8: some networks measure the cell itself."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    middle = [(side - 1) / 2 for side in size]
    away = np.hypot(rows - middle[0], columns - middle[1]) / (min(size) / 2)
    picture = np.full((*size, 3), 235, np.uint8)
    picture[away < 0.8] = (200, 150, 200)  # noqa: PLR2004 - a cytoplasm
    picture[away < 0.5] = (110, 60, 150)  # noqa: PLR2004 - a nucleus
    return np.repeat(picture[None], number, axis=0)
