from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.pictures.decode import decode
from leukoscope.pictures.intake import take_in
from leukoscope.twins import FINGERPRINT, Twins, find_twins
from leukoscope.twins.confirmation import compare
from leukoscope.twins.figures import figure

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "bench_twins.py"
TRAINING = "cnmc/C-NMC_Leukemia/training_data"


def twins_of(real_data: Path, folder: str, pattern: str) -> Twins:
    found = sorted(path for path in (real_data / folder).rglob("*") if re.fullmatch(pattern, path.name))
    cells = pl.DataFrame({"id": [path.stem for path in found], "path": [str(path) for path in found]})
    cohort = Cohort.from_cells("some", Path("/"), cells, Classes(("no", "yes")))
    intake = take_in(cohort, measures=(FINGERPRINT,))
    return find_twins(cohort, intake.pictures, intake.measured["fingerprint"])


def test_one_cell_under_two_stain_normalisations_and_its_likes(real_data: Path) -> None:
    found = twins_of(real_data, TRAINING, r"UID_(17|18|20)_\d+_\d+_all\.webp")
    across = found.pairs.filter(pl.col("id_a").str.extract(r"UID_(\d+)_") != pl.col("id_b").str.extract(r"UID_(\d+)_"))
    assert across.select("id_a", "id_b").rows() == [
        ("UID_17_14_1_all", "UID_18_32_1_all"),
        ("UID_17_18_2_all", "UID_20_34_2_all"),
        ("UID_17_19_1_all", "UID_20_33_1_all"),
        ("UID_17_28_1_all", "UID_20_32_1_all"),
        ("UID_17_28_4_all", "UID_20_32_3_all"),
    ]
    # Photographs of one slide lie as they were taken: an angle that came out at random would be anything.
    turned = (found.pairs["degrees"] + 180) % 360 - 180
    assert turned.abs().max() < 1  # type: ignore[operator]
    assert not found.pairs["flipped"].any()


def test_the_seventeen_pairs_of_p190(real_data: Path) -> None:
    found = twins_of(real_data, "lyon/trainset/P190", r".*\.jpg")
    assert found.pairs.height == 17
    assert found.pairs["correlation"].min() > 0.95  # type: ignore[operator]
    # These show the same cells too, but were taken of a neighbour, or of two cells at once.
    assert found.overlapping.height == 3
    assert found.overlapping["shift"].min() > 0.14  # type: ignore[operator]


@pytest.mark.parametrize(("folder", "pattern"), [("pbc", r"[A-Z]+_\d+[0-2]\.jpg"), ("matek", r".*\.tiff")])
def test_no_two_cells_are_taken_for_one(real_data: Path, folder: str, pattern: str) -> None:
    found = twins_of(real_data, folder, pattern)
    assert found.compared > 40
    assert (found.pairs.height, found.overlapping.height) == (0, 0)


@pytest.mark.parametrize("folder", [f"{TRAINING}/fold_2", "lyon/trainset", "pbc"])
def test_copies_changed_in_every_way_are_recognised(real_data: Path, folder: str) -> None:
    changes = runpy.run_path(str(BENCHMARK))["CHANGES"]
    found = sorted(path for path in (real_data / folder).rglob("*") if path.suffix in {".webp", ".jpg"})
    readable = [path for path in found if not path.name.startswith(".")]
    rng = np.random.default_rng(1)
    pictures = [decode(readable[place]).pixels for place in rng.choice(len(readable), 16, replace=False)]
    missed = []
    for name, change in changes.items():
        for place, pixels in enumerate(pictures):
            one, two = figure(pixels), figure(change(pixels, rng, pictures[place - 1]))
            likeness = None if one is None or two is None else compare(one, two)
            if likeness is None or not likeness.same_cell:
                missed.append((name, place))
    assert len(missed) <= 0.01 * len(changes) * len(pictures), missed
