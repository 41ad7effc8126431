"""Pictures to probabilities, block by block."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import polars as pl
from torch import Tensor

from leukoscope.bundles.bundle import Bundle
from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError, counted
from leukoscope.evaluation.calling import decide
from leukoscope.evaluation.view_rule import ViewRule
from leukoscope.inference.fact_tables import Facts
from leukoscope.inference.opening import leak_notices, opened, refuse_facts, refuse_other_task
from leukoscope.inference.patients import predict_patients
from leukoscope.inference.sources import Pictures, Source, pictures_of
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.reading import Known, Reading, Request, read_all
from leukoscope.predictions.table import Predictions, probability_column
from leukoscope.progress import progress
from leukoscope.training.early_views import EarlyViews
from leukoscope.training.scoring import view_logits


def predict(
    bundle: Bundle | Path | str,
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
        pictures: A cohort, the path of a folder (searched with all that lies in it) or a picture, or several paths.
            For patients: a cohort, or a folder with one folder a patient.
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
    for message in notices(ready, unreadable.height, first):
        warnings.warn(LeukoscopeWarning(message), stacklevel=2)
    return Predictions(table.filter(pl.col("problem").is_null()).drop("problem"), ready.classes)


def predict_blocks(
    bundle: Bundle, pictures: Pictures, *, batch: int = 64, workers: int | None = None
) -> Iterator[pl.DataFrame]:
    """Give the rows of all pictures, a block at a time; the memory is that of a few batches.

    Args:
        bundle: The bundle.
        pictures: From ``pictures_of``.
        batch: Pictures a block.
        workers: Threads that read pictures; one a core where None.

    Yields:
        ``id``, ``path``, ``patient``, ``label``, ``called``, ``p_<class>`` for each class, ``logit`` (of the positive
        class; two classes only), ``views`` (how many were looked at; only where the bundle has a rule for fewer),
        ``problem``; of a model that was trained with a leaking split also ``leakage``, the
        reason. Where there is a problem, class and numbers are null.

    Raises:
        SettingsError: a batch below 1, or a bundle of patients.
    """
    refuse_other_task(bundle, "cells")
    if batch < 1:
        raise SettingsError(f"A batch needs at least 1 picture; got {batch}.")
    with (
        progress("Predicting", pictures.table.height) as advance,
        contextlib.closing(_readings(bundle, pictures, workers)) as readings,
    ):
        for rows in pictures.table.iter_slices(batch):
            yield _block(bundle, rows, readings)
            advance(rows.height)


def notices(bundle: Bundle, unreadable: int, first: tuple[str, str] | None) -> list[str]:
    """Return what whoever uses the predictions must know, a sentence each.

    Args:
        bundle: The bundle.
        unreadable: How many pictures have no prediction.
        first: Path and problem of the first of them; None where there is none.
    """
    found = leak_notices(bundle)
    if first is not None:
        found.append(f"{counted(unreadable, 'picture')} could not be predicted. {first[0]}: {first[1]}")
    return found


def _readings(bundle: Bundle, pictures: Pictures, workers: int | None) -> Generator[Reading]:
    tried = pictures.table.filter(pl.col("problem").is_null()).select("id", "path")
    requests = (Request(name, pictures.root / path, framed=True) for name, path in tried.iter_rows())
    return read_all(requests, Known({}, (), bundle.framing), workers)


def _block(bundle: Bundle, rows: pl.DataFrame, readings: Iterator[Reading]) -> pl.DataFrame:
    problems, framed = list[str | None](), list[np.ndarray]()
    for problem in rows["problem"]:
        reading = None if problem is not None else next(readings)
        problems.append(problem if reading is None else _problem(reading))
        if reading is not None and reading.framed is not None and problems[-1] is None:
            framed.append(reading.framed)
    said = _said(bundle, framed)
    readable = np.array([problem is None for problem in problems])
    # The rows that have a prediction take it in their order; the others get nulls.
    place = pl.Series(np.where(readable, np.cumsum(readable) - 1, -1))
    place = place.set(place < 0, None)
    return rows.select("id", "path", "patient", "label").with_columns(
        *(said[name].gather(place).alias(name) for name in said.columns),
        pl.Series("problem", problems, dtype=pl.String),
        *_mark(bundle),
    )


def _problem(reading: Reading) -> str | None:
    """Return why a picture has no prediction; None where it has one. A network would answer to pure black as well."""
    if reading.framed is not None and not reading.framed.any():
        return "The picture is black all over: there is no cell in it."
    return reading.facts.problem


def _mark(bundle: Bundle) -> list[pl.Expr]:
    leakage = bundle.card.leakage
    return [] if leakage is None else [pl.lit(leakage, pl.String).alias("leakage")]


def _said(bundle: Bundle, framed: list[np.ndarray]) -> pl.DataFrame:
    """Return one row a picture: ``called``, the probabilities, for two classes the logit, by a rule the views."""
    classes, (height, width) = bundle.classes, bundle.card.input_size
    pixels = np.stack(framed) if framed else np.empty((0, height, width, 3), dtype=np.uint8)
    logits, looks = _looked(bundle, pixels)
    shares = probabilities(logits.double(), classes).numpy()
    columns: dict[str, pl.Series] = {}
    called = decide(shares, classes, bundle.threshold)
    columns["called"] = pl.Series([classes.names[place] for place in called], dtype=pl.String)
    # As in Predictions.save: of two classes the positive one's probability stands last.
    for place, name in sorted(enumerate(classes.names), key=lambda item: item[1] == classes.positive):
        columns[probability_column(name)] = pl.Series(shares[:, place])
    if classes.binary:
        columns["logit"] = pl.Series(logits.double().numpy()[:, 0])
    if looks is not None:
        columns["views"] = pl.Series(looks.numpy())
    return pl.DataFrame(columns)


def _looked(bundle: Bundle, pixels: np.ndarray) -> tuple[Tensor, Tensor | None]:
    """Return the mean logits of pictures, (n, outputs), and of how many views each, (n,); None where of all."""
    card = bundle.card
    if card.view_rule is None or card.threshold is None:
        return view_logits(bundle.model, pixels, device=bundle.device, test_time=card.test_time).cpu(), None
    early = EarlyViews(card.test_time, ViewRule.from_json(card.view_rule), card.threshold)
    logits, looks = early.logits(bundle.model, pixels, bundle.device)
    return logits.cpu(), looks.cpu()
