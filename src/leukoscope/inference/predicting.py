"""Pictures to probabilities, block by block."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.cohort.readers.names import without_formulas
from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError, counted
from leukoscope.inference.certainty import referral_notices, referred_in
from leukoscope.inference.fact_tables import Facts
from leukoscope.inference.flags import said_with_flags, strange_in, strange_notices
from leukoscope.inference.marks import PICTURE, Marks, mark_notices, marks_of
from leukoscope.inference.opening import opened, refuse_facts, refuse_other_task
from leukoscope.inference.patients import predict_patients
from leukoscope.inference.saying import framings_of
from leukoscope.inference.sources import Pictures, Source, pictures_of
from leukoscope.pictures.reading import Known, Reading, Request, read_all
from leukoscope.pictures.zip_archive import ReadMember, reading
from leukoscope.predictions.table import Predictions
from leukoscope.progress import progress

BLACK = "The picture is black all over: there is no cell in it."


def predict(
    bundle: AnyBundle | Path | str,
    pictures: Source,
    *,
    facts: Facts = None,
    batch: int = 64,
    device: str = "auto",
    workers: int | None = None,
) -> Predictions:
    """Say what each cell is, and how probable; or, with a bundle of patients, what each patient has.

    Args:
        bundle: A bundle, or its folder.
        pictures: What to predict, as of ``pictures_of``: a cohort, a folder, a zip archive, a table of pictures, a
            pattern, or pictures. For patients as of ``patients_of``.
        facts: The patients' facts, as of ``predict_patients``; of no use for cells.
        batch: Pictures at a time, 1 or more; the probabilities do not depend on it.
        device: Where a bundle from a folder works: ``auto``, ``cpu``, ``cuda``. A loaded one stays on its own.
        workers: Threads that read pictures; one a core where None.

    Returns:
        Of patients, as ``predict_patients``. Of cells, one row a readable picture, in the source's order, with
        ``called`` and, beside the usual columns, ``path``. A warning names the pictures that cannot be read;
        ``predict_to_file`` lists all of them.

    Raises:
        DataError: there is no picture, or none of them can be read.
        BundleError: the bundle is damaged.
    """
    ready = opened(bundle, device)
    if ready.card.task == "patients":
        return predict_patients(ready, pictures, facts=facts, batch=batch, workers=workers)
    refuse_facts(facts)
    found = pictures_of(pictures, ready.classes)
    table = pl.concat(list(predict_blocks(ready, found, batch=batch, workers=workers)))
    unreadable = table.filter(pl.col("problem").is_not_null())
    if unreadable.height == table.height:
        raise DataError(
            f"None of the {counted(table.height, 'picture')} can be read. {unreadable['problem'][0]}",
            where=unreadable["path"][0],
            more=unreadable.height - 1,
        )
    first = unreadable.select("path", "problem").row(0) if unreadable.height else None
    told = notices(marks_of(ready, found.sets), seen_in(table), unreadable.height, first)
    told += strange_notices(strange_in(table), table.height - unreadable.height)
    for message in (*told, *referral_notices(ready, referred_in(table))):
        warnings.warn(LeukoscopeWarning(message), stacklevel=2)
    return Predictions(table.filter(pl.col("problem").is_null()).drop("problem"), ready.classes)


def predict_blocks(
    bundle: AnyBundle, pictures: Pictures, *, batch: int = 64, workers: int | None = None
) -> Iterator[pl.DataFrame]:
    """Give the rows of all pictures, a block at a time; the memory is that of a few batches.

    Args:
        bundle: The bundle.
        pictures: From ``pictures_of``.
        batch: Pictures a block.
        workers: Threads that read pictures; one a core where None.

    Yields:
        ``id``, ``path`` (as of ``without_formulas``), ``patient``, ``label``, ``called``, ``p_<class>`` for each class,
        ``logit`` (of the positive class; two classes only), ``raw_logit`` (from before, where the bundle calibrates),
        ``confidence`` (the called class's probability) and ``referred`` (where the bundle refers cells to a person),
        ``views`` (how many were looked at; only where the bundle has a rule for fewer), ``distance`` and
        ``out_of_distribution`` (where the bundle has reference cells; see ``flag_columns``), ``problem``; where the
        bundle lists what it has seen, or is marked itself, also ``leakage``: why scores on this row would be none on an
        unseen picture, null where nothing is known against it. Where there is a problem, class and numbers are null.

    Raises:
        SettingsError: a batch below 1, or a bundle of patients.
    """
    refuse_other_task(bundle, "cells")
    if batch < 1:
        raise SettingsError(f"A batch needs at least 1 picture; got {batch}.")
    marks = marks_of(bundle, pictures.sets)
    with (
        progress("Predicting", pictures.table.height) as advance,
        contextlib.closing(_readings(bundle, pictures, workers)) as readings,
    ):
        for rows in pictures.table.iter_slices(batch):
            yield _block(bundle, rows, readings, marks)
            advance(rows.height)


def seen_in(rows: pl.DataFrame) -> int:
    """Return how many rows of predictions are of pictures that the model has seen in training."""
    if "leakage" not in rows.columns:
        return 0
    return int(rows["leakage"].str.contains(PICTURE, literal=True).sum())


def notices(marks: Marks, seen: int, unreadable: int, first: tuple[str, str] | None) -> list[str]:
    """Return what whoever uses the predictions must know, a sentence each.

    Args:
        marks: What marks predictions of the bundle.
        seen: How many pictures the model has seen in training.
        unreadable: How many pictures have no prediction.
        first: Path and problem of the first of them; None where there is none.
    """
    found = mark_notices(marks, seen)
    if first is not None:
        found.append(f"{counted(unreadable, 'picture')} could not be predicted. {first[0]}: {first[1]}")
    return found


def _readings(bundle: AnyBundle, pictures: Pictures, workers: int | None) -> Generator[tuple[Reading, ...]]:
    """Give of each picture that is tried a reading for each of the bundle's framings."""
    tried = pictures.table.filter(pl.col("problem").is_null()).select("id", "path")
    with contextlib.ExitStack() as stack:
        member = stack.enter_context(reading(pictures.archive))
        ways = [
            stack.enter_context(contextlib.closing(read_all(_requests(tried, pictures, member), known, workers)))
            for known in (Known({}, (), framing) for framing in framings_of(bundle).values())
        ]
        yield from zip(*ways, strict=True)


def _requests(tried: pl.DataFrame, pictures: Pictures, member: ReadMember | None) -> Iterator[Request]:
    for name, path in tried.iter_rows():
        content = None if member is None else partial(member, path)
        yield Request(name, pictures.root / path, framed=True, content=content)


def _block(
    bundle: AnyBundle, rows: pl.DataFrame, readings: Iterator[tuple[Reading, ...]], marks: Marks
) -> pl.DataFrame:
    problems, framed, seen = list[str | None](), list[tuple[np.ndarray, ...]](), list[bool]()
    for problem in rows["problem"]:
        ways = () if problem is not None else next(readings)
        problems.append(problem if not ways else _problem(ways))
        seen.append(bool(ways) and marks.seen(ways[0].facts.sha256))
        if problems[-1] is None:
            framed.append(tuple(one.framed for one in ways if one.framed is not None))
    said = said_with_flags(bundle, framed)
    readable = np.array([problem is None for problem in problems])
    # The rows that have a prediction take it in their order; the others get nulls.
    place = pl.Series(np.where(readable, np.cumsum(readable) - 1, -1))
    place = place.set(place < 0, None)
    return rows.select("id", "path", "patient", "label").with_columns(
        without_formulas(rows["path"]),
        *(said[name].gather(place).alias(name) for name in said.columns),
        pl.Series("problem", problems, dtype=pl.String),
        *marks.column(seen),
    )


def _problem(ways: Sequence[Reading]) -> str | None:
    """Return why a picture has no prediction; None where it has one. A network would answer to pure black as well."""
    if any(one.framed is not None and not one.framed.any() for one in ways):
        return BLACK
    return ways[0].facts.problem
