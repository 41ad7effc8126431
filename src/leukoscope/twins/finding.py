"""The search for twins in a cohort: proposals from fingerprints, each confirmed by its pixels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError
from leukoscope.pictures.decode import decode_content, quiet, read_content
from leukoscope.progress import progress
from leukoscope.twins.confirmation import Likeness, compare
from leukoscope.twins.figures import Figure, figure
from leukoscope.twins.fingerprint import NAME, as_array
from leukoscope.twins.proposals import propose
from leukoscope.twins.spanning import Connected
from leukoscope.twins.twins import KIND, PAIR_SCHEMA, Twins

AT_ONCE = 128
"""Pairs that are compared before it is asked again who is connected already; a constant, whatever the threads."""
KEPT_FIGURES = 2048
"""Figures that stay in memory, 74 KB each."""

Found = tuple[int, int, Likeness]


def find_twins(
    cohort: Cohort, pictures: pl.DataFrame, fingerprints: pl.DataFrame, *, workers: int | None = None
) -> Twins:
    """Find the pictures that show one and the same cell, though their pixels differ.

    A cell may have been cropped otherwise, turned by any angle, mirrored, rescaled a little, compressed, stained or
    normalised otherwise, or photographed twice. Pictures with equal pixels are ``cohort.links.identical_pairs``'
    matter: one of each set is compared, and such pairs are not reported. Excluded cells are compared too: they may tie
    two patients. The result depends neither on the order of rows nor on the number of threads.

    Args:
        cohort: The cohort; the files of proposed twins are read again.
        pictures: The intake's table: ``id`` and ``pixels_sha256``.
        fingerprints: The intake's ``measured["fingerprint"]``: ``id`` and ``fingerprint``, null where there is none.
        workers: Threads; one a core where None.

    Raises:
        DataError: a column is missing, or a file cannot be read any more.
    """
    workers = workers or os.cpu_count() or 1
    cells = _different(cohort, pictures, fingerprints)
    known = cells.filter(pl.col(NAME).is_not_null())
    proposals = propose(as_array(known[NAME]), workers=workers)
    confirmed = _confirmed([cohort.file(path) for path in known["path"]], proposals.rows, workers)
    ids = known["id"].to_list()
    same, overlapping = (
        pl.DataFrame(
            [_row(ids[one], ids[two], likeness) for one, two, likeness in found], schema=PAIR_SCHEMA, orient="row"
        ).sort("id_a", "id_b")
        for found in (confirmed.same, confirmed.overlapping)
    )
    return Twins(same, overlapping, known.height, cells.height - known.height, confirmed.looked_at)


def _different(cohort: Cohort, pictures: pl.DataFrame, fingerprints: pl.DataFrame) -> pl.DataFrame:
    """Return ``id``, ``path`` and fingerprint, sorted by id: unreadable pictures, and one of each set of equal ones."""
    for table, column in ((pictures, "pixels_sha256"), (fingerprints, NAME)):
        if not {"id", column} <= set(table.columns):
            raise DataError(
                f"To look for twins the columns 'id' and {column!r} are needed; found: {', '.join(table.columns)}.",
                do="Read the pictures with take_in(cohort, measures=(FINGERPRINT,)).",
            )
    cells = cohort.cells.select("id", "path").join(pictures.select("id", "pixels_sha256"), on="id", how="left")
    cells = cells.join(fingerprints.select("id", NAME), on="id", how="left").sort("id")
    repeated = pl.col("pixels_sha256").is_not_null() & ~pl.col("pixels_sha256").is_first_distinct()
    return cells.filter(~repeated)


@dataclass
class _Confirmed:
    same: list[Found] = field(default_factory=list)
    overlapping: list[Found] = field(default_factory=list)
    looked_at: int = 0


def _confirmed(paths: list[Path], proposed: np.ndarray, workers: int) -> _Confirmed:
    """Return the confirmed pairs of rows, no more than connect the pictures of one cell or of one field."""
    shown = lru_cache(maxsize=KEPT_FIGURES)(_figure)

    def likeness(pair: np.ndarray) -> Likeness | None:
        one, two = (shown(paths[row]) for row in pair)
        return None if one is None or two is None else compare(one, two)

    confirmed, same_cell, one_field = _Confirmed(), Connected(len(paths)), Connected(len(paths))
    with (
        quiet(),
        progress("Comparing likely twins", len(proposed)) as advance,
        ThreadPoolExecutor(workers, thread_name_prefix="twins") as pool,
    ):
        for batch in _batches(proposed):
            open_pairs = [pair for pair in batch if not same_cell.joined(*pair)]
            confirmed.looked_at += len(open_pairs)
            for pair, seen in zip(open_pairs, pool.map(likeness, open_pairs), strict=True):
                if seen is not None and seen.agree:
                    groups, found = (
                        (same_cell, confirmed.same) if seen.same_cell else (one_field, confirmed.overlapping)
                    )
                    if groups.join(*pair):
                        found.append((int(pair[0]), int(pair[1]), seen))
            advance(len(batch))
    return confirmed


def _batches(proposed: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(proposed), AT_ONCE):
        yield proposed[start : start + AT_ONCE]


def _figure(path: Path) -> Figure | None:
    try:
        return figure(decode_content(read_content(path)).pixels)
    except DataError as error:
        raise DataError(error.what, where=str(path), do=error.do) from error


def _row(id_a: str, id_b: str, likeness: Likeness) -> tuple[Any, ...]:
    measured = (likeness.overlap, None) if likeness.on_black else (None, likeness.shift)
    return id_a, id_b, KIND, likeness.correlation, likeness.move.degrees, likeness.move.flipped, *measured
