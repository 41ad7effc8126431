"""The thumbnails of an audit: the pictures that findings show, read once more, cut and turned to be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError
from leukoscope.files import write_bytes
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import decode
from leukoscope.progress import progress
from leukoscope.reports.audit_folder import AS_IT_IS, SHOWN_COLUMNS, TURNED, AuditFolder
from leukoscope.reports.thumbnails import Window, as_jpeg, cell_window, cut, framed, outlined, shrunk, turned_back
from leukoscope.runs.audit_groups import FACTS, MARK, ShownGroup, with_thumbnails

BOX = ("box_left", "box_top", "box_right", "box_bottom")

Row = dict[str, Any]


@dataclass(frozen=True)
class _Making:
    """What thumbnails are made from, and where they go.

    Args:
        folder: The audit's folder.
        cohort: Whose pictures they are.
        boxes: Where the cell lies on black, by the picture's id.
        crop: Side of the centre square that is drawn in where a cell reaches beyond it.
        made: Bytes of a thumbnail to its file: one that is shown twice is written once.
    """

    folder: AuditFolder
    cohort: Cohort
    boxes: Mapping[str, tuple[int, int, int, int]]
    crop: int | None
    made: dict[bytes, str] = field(default_factory=dict)


def write_thumbnails(
    folder: AuditFolder,
    groups: Sequence[ShownGroup],
    cohort: Cohort,
    pictures: pl.DataFrame,
    *,
    crop: int | None = None,
) -> pl.DataFrame:
    """Write the thumbnails that findings show, at most 400.

    Args:
        folder: The audit's folder.
        groups: What findings show, one finding after the other.
        cohort: Whose pictures they are.
        pictures: The pictures table; what nobody looked at (a table of hashes) is not looked for here.
        crop: Side of the centre square that is drawn in where a cell reaches beyond it, in pixels.

    Returns:
        A row a picture that is shown, with ``reports.audit_folder.SHOWN_COLUMNS``; those that get no thumbnail too,
        and those that cannot be read, with the reason.
    """
    seen = _seen(pictures)
    chosen = with_thumbnails([group for group in groups if seen & set(group.ids)])
    making = _Making(folder, cohort, _boxes(pictures, chosen), crop)
    paths = _paths(cohort, chosen)
    files: dict[tuple[str, int], list[Row]] = {}
    with progress("Thumbnails", len(chosen)) as advance:
        for group in chosen:
            files[group.finding, group.number] = _drawn(group, paths, making)
            advance(1)
    rows = [row for group in groups for row in _rows(group, files.get((group.finding, group.number)))]
    about = cohort.cells.select("id", "patient", "label")
    own = {name: kind for name, kind in SHOWN_COLUMNS.items() if name not in {"patient", "label"}}
    table = pl.DataFrame(rows, schema=own, orient="row").join(about, on="id", how="left", maintain_order="left")
    return table.select(*SHOWN_COLUMNS)


def _rows(group: ShownGroup, files: list[Row] | None) -> list[Row]:
    views = [(name, AS_IT_IS) for name in group.ids]
    views += [(group.ids[1], TURNED)] if group.is_turned else []
    facts = {name: group.facts.get(name) for name in FACTS}
    head = {"finding": group.finding, "group": group.number, "shown_under": group.shown_under}
    return [
        {**head, "place": place, "id": name, "view": view, **facts, **(files[place] if files else {})}
        for place, (name, view) in enumerate(views)
    ]


def _drawn(group: ShownGroup, paths: Mapping[str, str], making: _Making) -> list[Row]:
    """Write the thumbnails of one group; return the file of each, or why there is none."""
    read = [_read(making.cohort, paths.get(name)) for name in group.ids]
    windows = _windows(group, making)
    rows = [
        {"problem": pixels}
        if isinstance(pixels, str)
        else {"file": _write(_view(pixels, window, group, making), making)}
        for pixels, window in zip(read, windows, strict=True)
    ]
    if group.is_turned:
        second = read[1]
        if isinstance(second, str):
            rows.append({"problem": second})
        else:
            small = shrunk(second) if windows[1] is None else cut(second, windows[1])
            back = turned_back(small, group.facts.get("degrees") or 0.0, flipped=bool(group.facts.get("flipped")))
            rows.append({"file": _write(back, making)})
    return rows


def _read(cohort: Cohort, path: str | None) -> Pixels | str:
    """Return a picture, or the reason why it cannot be read."""
    if path is None:
        return "It is not in the table of cells."
    try:
        return decode(cohort.file(path)).pixels
    except DataError as error:
        return error.what


def _view(pixels: Pixels, window: Window | None, group: ShownGroup, making: _Making) -> Pixels:
    if making.crop is not None and group.facts.get("beyond") is not None:
        return framed(pixels, making.crop)
    if all(group.facts.get(name) is not None for name in MARK):
        left, top, right, bottom = (group.facts[name] for name in MARK)
        return outlined(pixels, (left, top, right, bottom))
    return shrunk(pixels) if window is None else cut(pixels, window)


def _windows(group: ShownGroup, making: _Making) -> list[Window | None]:
    """Return what is cut out of each picture: the cell, where all of them lie on black and are to be compared."""
    boxes = [making.boxes.get(name) for name in group.ids]
    known = [box for box in boxes if box is not None]
    if len(known) < len(boxes) or len(boxes) < 2:  # noqa: PLR2004 - a single one is shown whole
        return [None] * len(boxes)
    side = max(max(right - left, bottom - top) for left, top, right, bottom in known)
    return [cell_window(box, side) for box in known]


def _write(pixels: Pixels, making: _Making) -> str:
    content = as_jpeg(pixels)
    if content not in making.made:
        path = making.folder.pictures / f"{len(making.made) + 1:03d}.jpg"
        write_bytes(path, content)
        making.made[content] = path.relative_to(making.folder.path).as_posix()
    return making.made[content]


def _seen(pictures: pl.DataFrame) -> set[str]:
    """Return the pictures that were looked at, whether they could be read or not."""
    said = [pl.col(name).is_not_null() for name in ("width", "problem") if name in pictures.columns]
    return set(pictures.filter(pl.any_horizontal(said))["id"]) if said else set()


def _wanted(groups: Sequence[ShownGroup]) -> pl.DataFrame:
    ids = [name for group in groups for name in group.ids]
    return pl.DataFrame({"id": ids}, schema={"id": pl.String}).unique(maintain_order=True)


def _paths(cohort: Cohort, groups: Sequence[ShownGroup]) -> dict[str, str]:
    cells = cohort.cells.join(_wanted(groups), on="id", how="semi")
    return dict(cells.select("id", "path").iter_rows())


def _boxes(pictures: pl.DataFrame, groups: Sequence[ShownGroup]) -> dict[str, tuple[int, int, int, int]]:
    if not set(BOX) <= set(pictures.columns):
        return {}
    rows = pictures.join(_wanted(groups), on="id", how="semi").filter(pl.col("box_left").is_not_null())
    return {name: (left, top, right, bottom) for name, left, top, right, bottom in rows.select("id", *BOX).iter_rows()}
