"""How fast twins are found, how many of them, and how far different cells stay from being taken for one.

Run: python benchmarks/bench_twins.py [number of fingerprints, default 100000] [folder of real pictures ...]

First drawn fingerprints: noise with the spread over rings and waves that real cells have, and planted twins, turned,
half of them mirrored, with noise added. Then, for each folder, all of its pictures: found twins from the files on,
and how alike the most alike pair was that was not confirmed; and copies of 100 of them, changed in each way of
``CHANGES`` and searched for among all the pictures.
"""

from __future__ import annotations

import io
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from PIL import Image

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.pictures.decode import decode
from leukoscope.pictures.facts import Facts
from leukoscope.pictures.intake import Intake, take_in
from leukoscope.twins import FINGERPRINT, find_twins, propose
from leukoscope.twins.confirmation import compare
from leukoscope.twins.figures import figure
from leukoscope.twins.fingerprint import as_array, take
from leukoscope.twins.portraits import BYTES, RINGS, WAVES, pack, unpack

SIZES = (1_000, 10_000, 100_000)
PLANTED = 0.01
NOISE = 0.5
SAMPLED = 200
SUFFIXES = {".webp", ".bmp", ".jpg", ".tiff", ".tif", ".png"}
Change = Callable[[np.ndarray, np.random.Generator, np.ndarray], np.ndarray]


# Changed copies


def warp(
    pixels: np.ndarray,
    degrees: float = 0,
    *,
    flipped: bool = False,
    shift: tuple[float, float] = (0, 0),
    scale: float = 1,
) -> np.ndarray:
    """Return a picture mirrored, then turned about its middle, rescaled and shifted within its frame."""
    height, width = pixels.shape[:2]
    move = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, scale)
    move[:, 2] += shift
    source = np.ascontiguousarray(pixels[:, ::-1] if flipped else pixels)
    beyond = cv2.BORDER_REFLECT_101 if pixels[0, 0].any() else cv2.BORDER_CONSTANT
    return np.asarray(cv2.warpAffine(source, move, (width, height), flags=cv2.INTER_CUBIC, borderMode=beyond))


def shift_of(rng: np.random.Generator) -> tuple[float, float]:
    """Return up to 8 pixels each way."""
    return float(rng.integers(-8, 9)), float(rng.integers(-8, 9))


def crop(pixels: np.ndarray, rng: np.random.Generator, _other: np.ndarray) -> np.ndarray:
    """Cut up to 8 pixels from two sides."""
    right, down = (int(value) for value in shift_of(rng))
    height, width = pixels.shape[:2]
    return pixels[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]


def resize(pixels: np.ndarray, rng: np.random.Generator, _other: np.ndarray) -> np.ndarray:
    """Make the picture 2 % larger or smaller."""
    factor = float(rng.choice([0.98, 1.02]))
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC))


def jpeg(pixels: np.ndarray) -> np.ndarray:
    """Compress at quality 60."""
    written = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(written, "JPEG", quality=60)
    return np.array(Image.open(written))


def shown(pixels: np.ndarray) -> np.ndarray:
    """Return which pixels count: those that are not black where the corner is."""
    return pixels.any(axis=2) if not pixels[0, 0].any() else np.ones(pixels.shape[:2], bool)


def reinhard(pixels: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Give a picture the mean and deviation of another in Lab (Reinhard et al. 2001)."""
    lab, target = (cv2.cvtColor(one, cv2.COLOR_RGB2LAB).astype(np.float32) for one in (pixels, other))
    inside = shown(pixels)
    own, wanted = lab[inside], target[shown(other)]
    lab[inside] = (own - own.mean(axis=0)) / (own.std(axis=0) + 1e-6) * wanted.std(axis=0) + wanted.mean(axis=0)
    painted = cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    return np.asarray(np.where(inside[..., None], painted, 0), dtype=np.uint8)


def gains(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Multiply each channel by 0.8 to 1.2, after a gamma of 0.75 to 1.33."""
    painted = 255 * (pixels / 255) ** rng.uniform(0.75, 1.33) * rng.uniform(0.8, 1.2, 3)
    return np.asarray(np.clip(painted, 0, 255).astype(np.uint8))


def everything(pixels: np.ndarray, rng: np.random.Generator, other: np.ndarray) -> np.ndarray:
    """Turn, mirror half of them, shift, rescale, recolour one way or the other, and compress."""
    moved = warp(
        pixels,
        rng.uniform(0, 360),
        flipped=bool(rng.integers(2)),
        shift=shift_of(rng),
        scale=float(rng.choice([0.98, 1.02])),
    )
    return jpeg(reinhard(moved, other) if rng.integers(2) else gains(moved, rng))


CHANGES: dict[str, Change] = {
    "turned by any angle": lambda pixels, rng, _: warp(pixels, rng.uniform(0, 360)),
    "mirrored": lambda pixels, *_: warp(pixels, flipped=True),
    "turned and mirrored": lambda pixels, rng, _: warp(pixels, rng.uniform(0, 360), flipped=True),
    "shifted by up to 8 px": lambda pixels, rng, _: warp(pixels, shift=shift_of(rng)),
    "cropped by up to 8 px": crop,
    "rescaled by 2 %": resize,
    "JPEG 60": lambda pixels, *_: jpeg(pixels),
    "Reinhard": lambda pixels, _, other: reinhard(pixels, other),
    "gains and gamma": lambda pixels, rng, _: gains(pixels, rng),
    "turned, then JPEG 60": lambda pixels, rng, _: jpeg(warp(pixels, rng.uniform(0, 360))),
    "everything at once": everything,
}


# Drawn fingerprints


def draw(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return (count, RINGS, WAVES) complex portraits with about the spread of real cells."""
    noise = rng.normal(size=(count, RINGS, WAVES, 2)).astype(np.float32)
    noise[:, 1:] += 0.5 * noise[:, :-1]  # neighbouring rings are alike: correlation 0.4
    strength = np.sqrt(np.arange(RINGS)[:, None] / RINGS * np.exp(-np.arange(WAVES) / 9))
    return np.asarray((noise[..., 0] + 1j * noise[..., 1]) * strength, dtype=np.complex64)


def with_planted(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return (count, BYTES) packed fingerprints and the planted pairs of rows among them."""
    rng = np.random.default_rng(seed)
    planted = int(count * PLANTED)
    blocks = [
        b"".join(map(pack, draw(min(5_000, count - planted - start), rng)))
        for start in range(0, count - planted, 5_000)
    ]
    cells = np.frombuffer(b"".join(blocks), np.int8).reshape(-1, BYTES)
    chosen = rng.choice(len(cells), planted, replace=False)
    waves = unpack(cells[chosen])
    waves = waves * np.exp(-1j * np.arange(1, WAVES + 1) * rng.uniform(0, 2 * np.pi, (planted, 1, 1)))
    waves[::2] = waves[::2].conj()
    extra = draw(planted, rng)
    extra /= np.linalg.norm(extra, axis=(1, 2), keepdims=True)
    copies = np.frombuffer(b"".join(map(pack, waves + NOISE * extra)), np.int8).reshape(-1, BYTES)
    return np.concatenate([cells, copies]), np.stack([chosen, len(cells) + np.arange(planted)], axis=1)


def growth(largest: int) -> None:
    """Print the search's time for 1, 10 and 100 thousand drawn fingerprints."""
    print(f"drawn fingerprints, {os.cpu_count()} cores; planted twins are turned, half mirrored, similarity about 0.9")
    for count in (size for size in SIZES if size <= largest):
        fingerprints, planted = with_planted(count)
        started, processor = time.perf_counter(), time.process_time()
        found = propose(fingerprints)
        seconds, processor = time.perf_counter() - started, time.process_time() - processor
        pairs = set(map(tuple, found.rows.tolist()))
        hit = sum(tuple(pair) in pairs for pair in planted.tolist())
        print(
            f"{count:>8,} fingerprints: {seconds:7.2f} s ({processor:.1f} s processor), {hit:,} of {len(planted):,} "
            f"planted found, {len(pairs) - hit:,} others proposed, peak memory {peak():,.0f} MB"
        )


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# Real pictures


def cohort_of(folder: Path) -> Cohort:
    """Return all pictures below a folder; of those with masks (``.png`` beside ``.bmp``) no masks."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and not path.name.startswith("."))
    paths = [path for path in paths if path.suffix != ".png" or not path.with_suffix(".bmp").exists()]
    names = [path.relative_to(folder).as_posix() for path in paths]
    return Cohort.from_cells(folder.name, folder, pl.DataFrame({"id": names, "path": names}), Classes(("no", "yes")))


def whole_set(cohort: Cohort) -> Intake:
    """Print the twins of a set, and how alike the most alike pair was that is none."""
    started = time.perf_counter()
    intake = take_in(cohort, measures=(FINGERPRINT,))
    read = time.perf_counter()
    fingerprints = intake.measured["fingerprint"]
    twins = find_twins(cohort, intake.pictures, fingerprints)
    ended = time.perf_counter()
    print(f"\n{cohort.name}: {twins!r}")
    print(f"  {read - started:.1f} s reading, {ended - read:.1f} s searching, {ended - started:.1f} s in all")
    for what, pairs in (("twins", twins.pairs), ("overlapping fields", twins.overlapping)):
        if pairs.height:
            print(f"  {what}: correlation {pairs['correlation'].min():.3f} to {pairs['correlation'].max():.3f}")
    print(f"  most alike of those that are neither: correlation {most_alike_others(cohort, intake):.3f}")
    return intake


def most_alike_others(cohort: Cohort, intake: Intake) -> float:
    """Return the highest correlation among the proposals that were not confirmed; 0 where there are none."""
    known = different(intake)
    proposals = propose(as_array(known["fingerprint"]))
    paths = [cohort.file(path) for path in known["id"]]

    def correlation(pair: np.ndarray) -> float:
        one, two = (figure(decode(paths[row]).pixels) for row in pair)
        found = None if one is None or two is None else compare(one, two)
        return 0.0 if found is None or found.agree else found.correlation

    return max(map(correlation, proposals.rows), default=0.0)


def different(intake: Intake) -> pl.DataFrame:
    """Return ``id`` and ``fingerprint`` of pictures that differ and have one."""
    table = intake.pictures.select("id", "pixels_sha256").join(intake.measured["fingerprint"], on="id").sort("id")
    return table.filter(pl.col("pixels_sha256").is_first_distinct() & pl.col("fingerprint").is_not_null())


@dataclass(frozen=True)
class Copy:
    """A changed copy.

    Args:
        row: Of its original.
        change: What was done.
        pixels: (h, w, 3) uint8.
    """

    row: int
    change: str
    pixels: np.ndarray


def recall(cohort: Cohort, intake: Intake, *, sampled: int = SAMPLED) -> dict[str, tuple[int, int]]:
    """Return, for each change, how many copies were proposed among all pictures and confirmed, and of how many."""
    known = different(intake)
    rng = np.random.default_rng(0)
    rows = np.sort(rng.choice(known.height, min(sampled, known.height), replace=False))
    originals = [decode(cohort.file(known["id"][int(row)])).pixels for row in rows]
    originals_figures = [figure(pixels) for pixels in originals]
    found = {}
    for name, change in CHANGES.items():
        others = rng.permutation(len(rows))
        copies = [change(pixels, rng, originals[other]) for pixels, other in zip(originals, others, strict=True)]
        with ThreadPoolExecutor() as pool:
            taken = list(pool.map(lambda pixels: take(pixels, Facts())["fingerprint"], copies))
        whole = [place for place, one in enumerate(taken) if one is not None]
        packed = as_array(pl.concat([known["fingerprint"], pl.Series([taken[place] for place in whole])]))
        proposed = set(map(tuple, propose(packed).rows.tolist()))
        hits = [place for number, place in enumerate(whole) if (int(rows[place]), known.height + number) in proposed]
        confirmed = 0
        for place in hits:
            one, two = originals_figures[place], figure(copies[place])
            likeness = None if one is None or two is None else compare(one, two)
            confirmed += likeness is not None and likeness.same_cell
        found[name] = (confirmed, len(copies))
    return found


def main(largest: int, folders: list[Path]) -> None:
    """Print everything."""
    growth(largest)
    for folder in folders:
        cohort = cohort_of(folder)
        intake = whole_set(cohort)
        for name, (confirmed, count) in recall(cohort, intake).items():
            print(f"  {name:<24} {confirmed:>4} of {count:>4} copies confirmed")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1], [Path(name) for name in sys.argv[2:]])
