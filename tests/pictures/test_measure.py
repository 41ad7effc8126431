from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.pictures.facts import Facts
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.intake import Intake, take_in
from leukoscope.pictures.measure import Measure, load_measured, save_measured

MakeCohort = Callable[..., Cohort]
FRAMING = parse_framing([{"resize": 8}])
COLUMNS = {"reddest": pl.Int64(), "corner": pl.Binary()}


class Counting:
    """A measure that counts how often it is taken."""

    def __init__(self, version: int = 1) -> None:
        self.taken = 0
        self.measure = Measure("spots", version, COLUMNS, self.take)

    def take(self, pixels: np.ndarray, facts: Facts) -> dict[str, object]:
        self.taken += 1
        assert facts.width == pixels.shape[1]
        return {"reddest": int(pixels[:, :, 0].max()), "corner": pixels[0, 0].tobytes()}


def taken(cohort: Cohort, counting: Counting, store: Path | None = None) -> Intake:
    framing = None if store is None else FRAMING
    return take_in(cohort, framing=framing, store=store, measures=[counting.measure])


def test_each_picture_is_measured_once_and_unreadable_ones_are_null(cohort_of: MakeCohort) -> None:
    counting = Counting()
    cohort = cohort_of(3, names=["000.bmp", "001.bmp", "missing.bmp", "002.bmp"])
    table = taken(cohort, counting).measured["spots"]
    assert dict(table.schema) == {"id": pl.String(), **COLUMNS}
    assert table["id"].to_list() == cohort.cells["id"].to_list()
    assert table["corner"].is_null().to_list() == [False, False, True, False]
    assert counting.taken == 3


def test_what_was_measured_is_kept_beside_the_store(cohort_of: MakeCohort, tmp_path: Path) -> None:
    counting, cohort = Counting(), cohort_of(5)
    first = taken(cohort, counting, tmp_path / "store")
    again = taken(cohort, counting, tmp_path / "store")
    assert counting.taken == 5
    assert first.measured["spots"].equals(again.measured["spots"])
    assert first.measured["spots"].equals(taken(cohort, Counting()).measured["spots"])


def test_a_new_version_or_a_new_measure_is_computed_although_the_store_is_whole(
    cohort_of: MakeCohort, tmp_path: Path
) -> None:
    cohort = cohort_of(4)
    take_in(cohort, framing=FRAMING, store=tmp_path / "store")
    old, new = Counting(), Counting(version=2)
    taken(cohort, old, tmp_path / "store")
    taken(cohort, new, tmp_path / "store")
    assert (old.taken, new.taken) == (4, 4)


def test_a_damaged_or_foreign_table_is_no_cache(tmp_path: Path) -> None:
    measure = Counting().measure
    row = {"reddest": 7, "corner": b"abc"}
    save_measured(tmp_path, measure, {"a" * 64: row})
    assert load_measured(tmp_path, measure) == {"a" * 64: row}
    other = Measure("spots", 1, {"reddest": pl.Int64()}, measure.take)
    assert load_measured(tmp_path, other) == {}
    for path in tmp_path.glob("measured.*"):
        path.write_bytes(b"PAR1 but not really")
    assert load_measured(tmp_path, measure) == {}
