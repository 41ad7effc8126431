"""Which cells the sheets of pictures show, in which order, and what stands beneath each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from leukoscope.mistakes.counting import ONLY_RIGHT, ONLY_WRONG, SEVERAL, alone
from leukoscope.mistakes.judging import Floats, Ints, Judged

MOST = 24

SCHEMA: dict[str, Any] = {
    "sheet": pl.String(),
    "place": pl.Int64(),
    "id": pl.String(),
    "part": pl.String(),
    "is": pl.String(),
    "said": pl.String(),
    "how_sure": pl.String(),
    "of": pl.Int64(),
}
"""The columns of ``shown.csv``: ``of`` is how many cells the group has; 24 of it at most are shown.

``how_sure`` begins with ``truth``: the probability of the true class, as the named model has it, and as the others have
on average.
"""


def shown_table(judged: Judged, label_errors: pl.DataFrame, *, most: int = MOST) -> pl.DataFrame:
    """Return what each sheet shows.

    Sheets: ``missed_by_all`` (the least probable truth first), ``missed_by_one`` (exactly one model is wrong; the
    surest first), ``only_one_right`` (the one that is furthest from the others first), ``most_confident`` (the surest
    wrong calls, one a cell), ``label_errors`` (the smallest margin first). Of a single model the second and third do
    not exist, and ``missed_by_all`` is what it misses.

    Args:
        judged: m models.
        label_errors: As ``label_error_tables`` returns it; its cells may be of another part.
        most: Cells a sheet at most.

    Returns:
        See ``SCHEMA``; a group without cells has no row.
    """
    rows = [row for sheet in (_missed_by_all, _missed_by_one, _only_right, _surest) for row in sheet(judged, most)]
    rows += _again(label_errors, most)
    return pl.DataFrame(rows, schema=SCHEMA)


def _missed_by_all(judged: Judged, most: int) -> Iterator[dict[str, Any]]:
    mean, number = judged.of_truth.mean(axis=0), len(judged.names)
    cells = np.flatnonzero(judged.missed_by == number)
    for place, cell in enumerate(_ordered(cells, mean)[:most]):
        calls = dict.fromkeys(judged.classes.names[one] for one in judged.calls[:, cell])
        sure = f"truth {mean[cell]:.2f}{' on average' if number >= SEVERAL else ''}"
        yield _row("missed_by_all", place, len(cells), judged, cell, f"called: {', '.join(calls)}", sure)


def _missed_by_one(judged: Judged, most: int) -> Iterator[dict[str, Any]]:
    return _alone("missed_by_one", ONLY_WRONG, judged, most)


def _only_right(judged: Judged, most: int) -> Iterator[dict[str, Any]]:
    return _alone("only_one_right", ONLY_RIGHT, judged, most)


def _alone(sheet: str, kind: str, judged: Judged, most: int) -> Iterator[dict[str, Any]]:
    stands = alone(judged, kind)
    cells, model = np.flatnonzero(stands.any(axis=0)), stands.argmax(axis=0)
    own = judged.of_truth[model, np.arange(len(model))]
    others = (judged.of_truth.sum(axis=0) - own) / max(len(judged.names) - 1, 1)
    away = np.abs(own - others)
    for place, cell in enumerate(_ordered(cells, -away)[:most]):
        said = f"{'only right' if kind == ONLY_RIGHT else 'missed by'}: {judged.names[model[cell]]}"
        sure = f"truth {own[cell]:.2f}, else {others[cell]:.2f}"
        yield _row(sheet, place, len(cells), judged, cell, said, sure)


def _surest(judged: Judged, most: int) -> Iterator[dict[str, Any]]:
    sure = np.where(judged.wrong, judged.of_call, -1.0)
    cells, model = np.flatnonzero(judged.missed_by > 0), sure.argmax(axis=0)
    for place, cell in enumerate(_ordered(cells, -sure.max(axis=0))[:most]):
        called = judged.classes.names[judged.calls[model[cell], cell]]
        by = f" by {judged.names[model[cell]]}" if len(judged.names) >= SEVERAL else ""
        yield _row(
            "most_confident", place, len(cells), judged, cell, f"called: {called}", f"{sure[model[cell], cell]:.3f}{by}"
        )


def _again(label_errors: pl.DataFrame, most: int) -> list[dict[str, Any]]:
    return [
        {
            "sheet": "label_errors",
            "place": row["place"],
            "id": row["id"],
            "part": row["part"],
            "is": f"labelled: {row['label']}",
            "said": f"looks like: {row['looks_like']}",
            "how_sure": f"margin {row['margin']:.2f}, {row['part']}",
            "of": label_errors.height,
        }
        for row in label_errors.head(most).iter_rows(named=True)
    ]


def _ordered(cells: Ints, value: Floats) -> Ints:
    # The table is sorted by id, and a stable sort keeps that among equals.
    return np.asarray(cells[np.argsort(value[cells], kind="stable")])


def _row(sheet: str, place: int, of: int, judged: Judged, cell: int, said: str, sure: str) -> dict[str, Any]:  # noqa: PLR0917
    row = judged.table.row(int(cell), named=True)
    return {
        "sheet": sheet,
        "place": place + 1,
        "id": row["id"],
        "part": row["part"],
        "is": f"is: {judged.classes.title(row['label'])}",
        "said": said,
        "how_sure": sure,
        "of": of,
    }
