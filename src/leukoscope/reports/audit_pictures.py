"""The pictures of an audit's page: which stand side by side, with what is said beneath each."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import polars as pl

from leukoscope.errors import DataError
from leukoscope.files import read_table
from leukoscope.reports.audit_folder import SHOWN_COLUMNS, TURNED, AuditFolder
from leukoscope.reports.thumbnails import LEAST_TURN, smallest_turn
from leukoscope.reports.words import cut_decimal

KINDS = {1: "single", 2: "pair", 3: "triple"}
ALIKE = {"exact bytes": "identical files", "exact pixels": "identical pixels"}


@dataclass(frozen=True)
class Tile:
    """One picture on the page.

    Args:
        uri: The thumbnail as a ``data:`` address; empty where the picture cannot be shown.
        alt: What it shows, in words.
        id: The picture's.
        lines: What stands beneath its id: patient, class, what the finding says of it.
        problem: Why it cannot be shown; empty where it can.
    """

    uri: str
    alt: str
    id: str
    lines: tuple[str, ...]
    problem: str


@dataclass(frozen=True)
class Group:
    """Pictures that stand side by side.

    Args:
        kind: ``single``, ``pair``, ``triple`` or ``strip`` (more).
        caption: What holds for all of them.
        tiles: The pictures.
    """

    kind: str
    caption: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Gallery:
    """The pictures of one finding.

    Args:
        groups: Those on the page.
        elsewhere: How many groups stand under another finding of the page, by that finding's name.
        more: How many further groups the table of pictures names, without a thumbnail.
    """

    groups: tuple[Group, ...]
    elsewhere: dict[str, int]
    more: int


def read_shown(folder: AuditFolder) -> pl.DataFrame:
    """Return the table of thumbnails; an empty one where there is none.

    Raises:
        DataError: it is damaged, or lacks a column.
    """
    if not folder.shown.is_file():
        return pl.DataFrame(schema=SHOWN_COLUMNS)
    table = read_table(folder.shown, text=True)
    missing = [name for name in SHOWN_COLUMNS if name not in table.columns]
    if missing:
        what = f"This table lacks the column {missing[0]!r}; its columns: {', '.join(table.columns)}."
        raise DataError(what, where=str(folder.shown))
    flipped = (pl.col("flipped") == "true").alias("flipped")
    others = [pl.col(name).cast(kind) for name, kind in SHOWN_COLUMNS.items() if name != "flipped"]
    return table.select(*others, flipped)


def galleries(folder: AuditFolder, shown: pl.DataFrame, titles: dict[str, str]) -> dict[str, Gallery]:
    """Return the pictures of each finding, by its name in the folder.

    Args:
        folder: The audit's folder.
        shown: Its table of thumbnails.
        titles: Title of each class.

    Raises:
        DataError: a thumbnail is missing.
    """
    on_page = pl.col("file").is_not_null() | pl.col("problem").is_not_null()
    found = {}
    for (name,), rows in shown.group_by("finding", maintain_order=True):
        here = rows.filter(on_page.any().over("group"))
        groups = [group.sort("place").to_dicts() for _, group in here.group_by("group", maintain_order=True)]
        elsewhere = dict(
            rows.unique("group").drop_nulls("shown_under").group_by("shown_under").len().sort("shown_under").iter_rows()
        )
        more = rows["group"].n_unique() - len(groups) - sum(elsewhere.values())
        found[str(name)] = Gallery(tuple(_group(folder, group, titles) for group in groups), elsewhere, more)
    return found


def _group(folder: AuditFolder, rows: list[dict[str, Any]], titles: dict[str, str]) -> Group:
    kind = KINDS.get(len(rows), "strip")
    strip = kind == "strip"
    tiles = tuple(_tile(folder, row, titles, short=strip) for row in rows)
    return Group(kind, ", ".join(_whose(rows, titles)) if strip else _relation(rows), tiles)


def _tile(folder: AuditFolder, row: dict[str, Any], titles: dict[str, str], *, short: bool) -> Tile:
    view = "turned onto the other" if row["view"] == TURNED else ""
    lines = tuple(filter(None, (view, *_whose([row], titles), _of_picture(row))))
    alt = ", ".join((f"Picture {row['id']}", *lines))
    return Tile(_uri(folder, row["file"]), alt, row["id"], () if short else lines, row["problem"] or "")


def _whose(rows: list[dict[str, Any]], titles: dict[str, str]) -> tuple[str, ...]:
    """Return the patient and the class, each where it is the same in all rows."""
    patients, labels = ({row[name] for row in rows} for name in ("patient", "label"))
    patient, label = (next(iter(values)) if len(values) == 1 else None for values in (patients, labels))
    said = [f"patient {patient}" if patient else "", titles.get(label, label) if label else ""]
    return tuple(filter(None, said))


def _of_picture(row: dict[str, Any]) -> str:
    if row["beyond"] is not None:
        return f"{row['beyond']} px beyond the frame"
    size = f"{row['width']}\N{MULTIPLICATION SIGN}{row['height']} px" if row["width"] is not None else ""
    return ", ".join(filter(None, (size, row["mode"])))


def _relation(rows: list[dict[str, Any]]) -> str:
    """Return how the pictures of a pair are alike: the last row has it, as the second of two."""
    row = rows[-1]
    if row["correlation"] is None:
        return ALIKE.get(row["kind"], row["kind"]) or ""
    angle = smallest_turn(row["degrees"])
    turn = f"turned by {angle:.0f}°" if angle >= LEAST_TURN else ""
    return ", ".join(
        filter(None, (f"correlation {cut_decimal(row['correlation'])}", turn, "mirrored" if row["flipped"] else ""))
    )


def _uri(folder: AuditFolder, name: str | None) -> str:
    if name is None:
        return ""
    path = folder.path / name
    if not path.is_file():
        raise DataError("A thumbnail of the audit is missing.", where=str(path), do="Run the audit again.")
    return f"data:image/jpeg;base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
