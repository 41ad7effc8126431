"""The pages that lie in folders of their own beside an ensemble's report, each with what it says in a sentence."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.errors import counted
from leukoscope.files import read_table
from leukoscope.reports.mistakes_folder import MistakesFolder
from leukoscope.reports.seeing_folder import SeeingFolder
from leukoscope.reports.words import of_hundred

MISTAKES, SEEING = "mistakes", "seeing"


def further_pages(folder: Path) -> list[dict[str, str]]:
    """Return ``title``, ``link`` (relative to the folder) and ``sentence`` of each page that is there.

    Args:
        folder: The folder of an ensemble's run.
    """
    pages = []
    mistakes, seeing = MistakesFolder(folder / MISTAKES), SeeingFolder(folder / SEEING)
    if mistakes.page.is_file():
        pages.append(_page("Where the models are wrong", mistakes.page, folder, _missed(mistakes)))
    if seeing.page.is_file():
        pages.append(_page("What the models look at", seeing.page, folder, _on_cell(seeing)))
    return pages


def _page(title: str, page: Path, folder: Path, sentence: str) -> dict[str, str]:
    return {"title": title, "link": page.relative_to(folder).as_posix(), "sentence": sentence}


def _missed(folder: MistakesFolder) -> str:
    table = read_table(folder.table("how_many")).filter(pl.col("label").is_null()).sort("missed_by")
    counts = dict(table.select("missed_by", "cells").iter_rows())
    most, of = max(counts), table["of"][0]
    return (
        f"Of {counted(of, 'cell')} all {most} models miss {counts[most]:,}, exactly one misses {counts.get(1, 0):,}, "
        f"and {counts.get(0, 0):,} are right in all."
    )


def _on_cell(folder: SeeingFolder) -> str:
    found = read_table(folder.methods)
    first = found["method"][0]
    rows = found.filter((pl.col("method") == first) & pl.col("share").is_not_null())
    if not rows.height:
        return "Maps of what each model looks at, cell by cell."
    said = ", ".join(f"{row['model']} {of_hundred(row['share'])} %" for row in rows.iter_rows(named=True))
    named = str(first).replace("_", " ")
    return f"Share of the evidence that lies on the cell, by {named}: {said}; the cell covers {_covered(rows)} %."


def _covered(rows: pl.DataFrame) -> str:
    return of_hundred(float(rows["chance"].mean() or 0.0))  # type: ignore[arg-type]
