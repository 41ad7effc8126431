"""Boxes around cells in Pascal VOC's xml; a file that declares entities is refused, since it can fill the memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import polars as pl

from leukoscope.errors import DataError, counted

SIDES = {"left": "xmin", "top": "ymin", "right": "xmax", "bottom": "ymax"}
SCHEMA = {"id": pl.String, "label": pl.String, **dict.fromkeys(SIDES, pl.Float64)}


class DocumentTypeError(Exception):
    """An xml file declares a document type."""


@dataclass(frozen=True)
class Boxes:
    """The boxes of one picture.

    Args:
        table: One row a box: ``id``, ``label`` (as written; null where it has none), ``left``, ``top``, ``right``,
            ``bottom`` (float64, pixels, as written: Pascal VOC counts from 1 and includes the last).
        notes: What was noticed.
    """

    table: pl.DataFrame
    notes: tuple[str, ...]


def read_boxes(file: Path, name: str) -> Boxes:
    """Read the boxes of one picture.

    Args:
        file: The xml file.
        name: The picture's id.

    Raises:
        DataError: the file cannot be read, is no xml, declares a document type, or is no annotation.
    """
    try:
        root = parse(file.read_bytes())
    except OSError as error:
        raise DataError(f"{file.name} cannot be read ({error.strerror}).", where=str(file)) from None
    except DocumentTypeError:
        what = f"{file.name} declares a document type, which no annotation needs; it was not read further."
        raise DataError(what, where=str(file)) from None
    except expat.ExpatError as error:
        raise DataError(f"{file.name} is damaged ({error}).", where=str(file)) from None
    if root.tag != "annotation":
        raise DataError(f"{file.name} is no annotation in Pascal VOC's form.", where=str(file))
    objects = list(root.iter("object"))
    rows = [(name, _text(found, "name"), *sides) for found in objects if (sides := _sides(found)) is not None]
    lost = len(objects) - len(rows)
    notes = [f"{file.name}: without four numbers, left out: {counted(lost, 'box', 'boxes')}."] if lost else []
    other = _text(root, "filename")
    if other is not None and Path(other).stem != file.stem:
        notes.append(f"{file.name} says that it belongs to {other}.")
    return Boxes(pl.DataFrame(rows, schema=SCHEMA, orient="row"), tuple(notes))


def parse(data: bytes) -> Element:
    """Parse xml whose document type, and with it any entity, is refused.

    Args:
        data: The file's bytes.

    Raises:
        DocumentTypeError: it declares a document type.
        xml.parsers.expat.ExpatError: it is no xml.
    """
    builder, parser = TreeBuilder(), expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(data, True)
    return builder.close()


def _refuse(*_declared: object) -> NoReturn:
    raise DocumentTypeError


def _sides(found: Element) -> list[float] | None:
    texts = [_text(found, f"bndbox/{theirs}") for theirs in SIDES.values()]
    try:
        sides = [float(text) for text in texts if text is not None]
    except ValueError:
        return None
    return sides if len(sides) == len(SIDES) and all(map(math.isfinite, sides)) else None


def _text(found: Element, name: str) -> str | None:
    text = (found.findtext(name) or "").strip()
    return text or None
