from __future__ import annotations

import runpy
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from leukoscope.pictures.cell_mask import cell_mask
from leukoscope.pictures.decode import decode

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "bench_cell_mask.py"
# Pictures, mean overlap of cells, of nuclei: of the odd numbers, as in docs/how-to/find-the-cell.md.
MEASURED = {"Dataset 1": (74, 0.921, 0.923), "Dataset 2": (15, 0.839, 0.916)}
# Of the same pictures: plain Otsu's mean overlap of cells, and the interval of the paired difference to it.
OTSU = {"Dataset 1": (0.795, 0.079, 0.176), "Dataset 2": (0.533, 0.220, 0.391)}


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


@pytest.mark.parametrize("name", MEASURED)
def test_the_overlap_with_masks_made_by_hand_is_as_the_page_says(real_data: Path, name: str) -> None:
    found = []
    for path in sorted((real_data / "segmentation_wbc" / name).glob("*.bmp")):
        if int(path.stem) % 2 == 0 or (name == "Dataset 1" and path.stem == "139"):
            continue
        true = np.asarray(cv2.imread(str(path.with_suffix(".png")), cv2.IMREAD_GRAYSCALE))
        mask = cell_mask(decode(path).pixels)
        found.append((overlap(mask.cell, true > 63), overlap(mask.nucleus, true > 191)))
    count, cell, nucleus = MEASURED[name]
    assert len(found) == count
    assert np.mean(found, axis=0) == pytest.approx([cell, nucleus], abs=0.01)


def test_cells_are_found_better_than_by_plain_otsu(real_data: Path) -> None:
    bench = runpy.run_path(str(BENCHMARK))
    halves = bench["pairs"](real_data / "segmentation_wbc", "odd")
    assert {name: len(some) for name, some in halves.items()} == {name: MEASURED[name][0] for name in MEASURED}
    for name, some in halves.items():
        mine, plain = (bench["measured"](some, bench[method])[:, 0] for method in ("ours", "otsu"))
        low, high = bench["bounds"](mine - plain, 0)
        assert low > 0
        assert (plain.mean(), low, high) == pytest.approx(OTSU[name], abs=0.01)


def test_every_tenth_cell_of_cnmc_is_all_that_is_not_black(real_data: Path) -> None:
    paths = sorted(path for path in (real_data / "cnmc").rglob("*") if path.suffix in {".webp", ".bmp"})[::10]
    assert len(paths) == 178
    shares = []
    for path in paths:
        pixels = decode(path).pixels
        mask = cell_mask(pixels)
        assert mask.found, path.name
        shares.append(mask.cell[pixels.any(axis=2)].mean())
    assert min(shares) > 0.99


@pytest.mark.parametrize("quality", [95, 75])
def test_a_jpeg_of_a_cell_of_cnmc_has_nearly_its_mask(real_data: Path, quality: int) -> None:
    paths = sorted(path for path in (real_data / "cnmc").rglob("*") if path.suffix in {".webp", ".bmp"})[::40]
    overlaps = []
    for path in paths:
        pixels = decode(path).pixels
        _, written = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        noisy = np.ascontiguousarray(np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR))[..., ::-1])
        overlaps.append(overlap(cell_mask(noisy).cell, cell_mask(pixels).cell))
    assert len(overlaps) == 45
    assert min(overlaps) > 0.93


def test_a_picture_of_300_px_takes_a_few_ms(real_data: Path) -> None:
    pictures = [decode(path).pixels for path in sorted((real_data / "segmentation_wbc" / "Dataset 2").glob("*.bmp"))]
    start = time.process_time()
    for pixels in pictures:
        cell_mask(pixels)
    assert (time.process_time() - start) / len(pictures) < 0.025
