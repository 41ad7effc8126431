"""``POST /v1/cells``: what each picture is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.cohort.classes import Classes
from leukoscope.errors import counted
from leukoscope.inference.certainty import CONFIDENCE, REFERRED, referral_notices, referred_in
from leukoscope.inference.flags import DISTANCE, FLAG, strange_in, strange_notices
from leukoscope.inference.marks import Marks, mark_notices
from leukoscope.service.framed import Framed
from leukoscope.service.plain import number, sentence, shares_of
from leukoscope.service.refusal import Refusal
from leukoscope.service.served import Served
from leukoscope.service.upload import Upload


async def answer_cells(served: Served, upload: Upload) -> dict[str, Any]:
    """Return what a bundle of cells says of pictures, in the order in which they were sent.

    Args:
        served: The bundle.
        upload: The request's form.

    Raises:
        Refusal: the bundle is one of patients, or the pictures are refused.
    """
    bundle = served.bundle
    if bundle.card.task != "cells":
        raise Refusal(
            422,
            "other_task",
            "This bundle diagnoses patients, not single cells.",
            do="Send all pictures of one patient to /v1/patients.",
        )
    framed, notes = await served.framed(upload)
    said = await served.seen([one.ways for one in framed if one.problem is None], upload.progress)
    cells = cell_rows(framed, said, bundle.classes, served.marks)
    notes += notes_on_cells(cells, said, served)
    return {
        "cells": cells,
        "threshold": bundle.threshold,
        "notes": notes,
        "research_use_only": RESEARCH_USE_ONLY,
    }


def cell_rows(framed: Sequence[Framed], said: pl.DataFrame, classes: Classes, marks: Marks) -> list[dict[str, Any]]:
    """Return a row for each picture.

    Args:
        framed: The pictures.
        said: What the bundle says of those that were read, in their order.
        classes: The bundle's.
        marks: What marks its predictions.
    """
    rows, told = list[dict[str, Any]](), iter(said.iter_rows(named=True))
    for place, one in enumerate(framed, start=1):
        row: dict[str, Any] = {"number": place, "name": one.name, "called": None, "probabilities": None}
        if one.problem is None:
            row |= _said(next(told), classes)
            row |= {"seen_in_training": marks.seen(one.sha256)} if marks.pictures else {}
        rows.append({**row, "problem": one.problem})
    return rows


def _said(row: dict[str, Any], classes: Classes) -> dict[str, Any]:
    found = {"called": row["called"], "probabilities": shares_of(row, classes)}
    found |= {name: number(row[name]) for name in (CONFIDENCE, DISTANCE) if name in row}
    return found | {name: bool(row[name]) for name in (REFERRED, FLAG) if name in row}


def notes_on_cells(cells: Sequence[dict[str, Any]], said: pl.DataFrame, served: Served) -> list[str]:
    """Return what whoever reads the answer must know, a sentence each.

    Args:
        cells: From ``cell_rows``.
        said: As there.
        served: The bundle.
    """
    seen = sum(bool(cell.get("seen_in_training")) for cell in cells)
    unreadable = sum(cell["problem"] is not None for cell in cells)
    notes = mark_notices(served.marks, seen)
    notes += [f"{counted(unreadable, 'picture')} could not be read."] if unreadable else []
    notes += strange_notices(strange_in(said), said.height)
    return [sentence(note) for note in (*notes, *referral_notices(served.bundle, referred_in(said)))]
