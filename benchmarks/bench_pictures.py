"""How fast pictures are decoded, normalised in stain, taken in, read from the store and augmented.

Run: python benchmarks/bench_pictures.py [number of pictures, default 1000]

The pictures are drawn: smooth colours with some grain, 360 x 360 JPEG, one in ten as PNG. The intake uses one thread a
core, everything else one thread; the processor's time, all threads together, stands beside the time that passed, since
the machine may be busy with something else.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import torch
from PIL import Image

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.pictures.batches import CellData, batches
from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.intake import take_in
from leukoscope.pictures.store import PixelStore

SIDE, FRAMED, BATCH = 360, 128, 64
FRAMING = parse_framing([{"center_crop": 300}, {"resize": FRAMED}])
GEOMETRY = [{"flip": 0.5}, {"rotate": 360}, {"translate": 0.2}]
COLOURS = [{"brightness": 0.2}, {"contrast": 0.2}, {"channels": 0.1}]


def draw(folder: Path, count: int) -> Cohort:
    """Write ``count`` pictures, all different."""
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 4, (SIDE, SIDE, 3))
    names = []
    for number in range(count):
        coarse = rng.integers(60, 250, (9, 9, 3), dtype=np.uint8)
        smooth = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        names.append(f"{number:05}.{'png' if number % 10 == 9 else 'jpg'}")
        pixels = np.clip(smooth + np.roll(grain, number, axis=0), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / names[-1], quality=92, compress_level=1)
    cells = pl.DataFrame({"id": names, "path": names, "label": ["no"] * count})
    return Cohort.from_cells("bench", folder, cells, Classes(("no", "yes")))


def timed(what: str, count: int, work: Callable[[], object]) -> None:
    """Print how long ``work`` takes for each of its ``count`` pictures."""
    started, processor = time.perf_counter(), time.process_time()
    work()
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    each, busy = 1e3 * seconds / count, 1e3 * processor / count
    print(f"{what:<28} {each:8.3f} ms a picture ({busy:.3f} ms processor) {count / seconds:10,.0f} a second")


def repeat(times: int, work: Callable[[], object]) -> Callable[[], None]:
    """Return work done several times."""

    def repeated() -> None:
        for _ in range(times):
            work()

    return repeated


def stain(pictures: list[np.ndarray]) -> None:
    """Time both operators on pictures of 360 px and on their middle 224 px."""
    cv2.setNumThreads(1)
    for side in (224, SIDE):
        cropped = [parse_framing([{"center_crop": side}]).apply(pixels) for pixels in pictures]
        for name in ("reinhard", "macenko"):
            framing = parse_framing([{name: {}}])
            timed(f"{name}, {side} px", len(cropped), lambda f=framing, c=cropped: [f.apply(pixels) for pixels in c])
    cv2.setNumThreads(-1)


def augmentation(data: CellData) -> None:
    """Time both backends on batches of ``BATCH`` pictures."""
    pixels = data.store.batch(data.rows[:BATCH])
    tensors = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    for name, steps in (("warp", GEOMETRY), ("colours", COLOURS), ("noise", [{"noise": 0.02}])):
        changes = parse_augmentation(steps)
        drawn = changes.draw(0, 0, data.ids[:BATCH])
        timed(f"draw {name}", 10 * BATCH, repeat(10, lambda c=changes: c.draw(0, 0, data.ids[:BATCH])))
        timed(f"{name}, arrays", 5 * BATCH, repeat(5, lambda c=changes, d=drawn: c.on_arrays(pixels, d)))
        timed(f"{name}, tensors on the CPU", 5 * BATCH, repeat(5, lambda c=changes, d=drawn: c.on_tensors(tensors, d)))


def main(count: int) -> None:
    """Print the table."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder, store_folder = Path(name, "pictures"), Path(name, "store")
        folder.mkdir()
        cohort = draw(folder, count)
        some = cohort.cells["path"].to_list()[:200]
        print(f"{os.cpu_count()} cores, {count} pictures of {SIDE} px, framed to {FRAMED} px")
        timed("decode (JPEG, a tenth PNG)", len(some), lambda: [decode(folder / path) for path in some])
        stain([decode(folder / path).pixels for path in some[:50]])
        timed("intake without a store", count, lambda: take_in(cohort))
        timed("intake into the store", count, lambda: take_in(cohort, framing=FRAMING, store=store_folder))
        timed("intake again (all known)", count, lambda: take_in(cohort, framing=FRAMING, store=store_folder))
        timed("opening the store", count, lambda: PixelStore(store_folder, FRAMING))
        store = PixelStore(store_folder, FRAMING)
        rows = store.rows(take_in(cohort).pictures["sha256"])
        data = CellData(store, rows, cohort.cells["id"].to_list(), np.zeros(count, dtype=np.int64))
        timed("batches, shuffled", 5 * count, repeat(5, lambda: list(map(len, read(data)))))
        augmentation(data)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory {peak:,.0f} MB (torch and the interpreter included)")


def read(data: CellData) -> list[np.ndarray]:
    """Read one shuffled epoch, keeping labels only."""
    return [batch.labels for batch in batches(data, BATCH, seed=0, shuffle=True)]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
