"""``POST /v1/fields``: the white cells of whole fields, cut out as the bundle expects them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.ensemble_bundle import models_of
from leukoscope.errors import DataError, counted
from leukoscope.extraction.extracting import default_side
from leukoscope.extraction.searching import Found, Search, search_pixels
from leukoscope.extraction.squares import Cutting
from leukoscope.pictures.decode import decode_content
from leukoscope.pictures.framing import CenterCrop
from leukoscope.pictures.white_cells import find_white_cells, red_cell_diameter
from leukoscope.pictures.white_cells.finding import in_light
from leukoscope.service.form import too_many
from leukoscope.service.framed import NO_MEMORY
from leukoscope.service.limits import FIELDS
from leukoscope.service.patients import refuse_other_texts
from leukoscope.service.plain import png
from leukoscope.service.refusal import Refusal
from leukoscope.service.sent import Sent, pictures_of
from leukoscope.service.served import Served
from leukoscope.service.upload import Upload

ENDING = re.compile(r"\.[^./]+$")
SIZE_NOTE = (
    "The model does not say how large cells are to be: the pictures that it learned from must show them as large as "
    "these fields do."
)


@dataclass(frozen=True, eq=False)
class Searched:
    """A field that was searched.

    Args:
        name: What the client calls it.
        cells: Its cells, as ``/v1/fields`` says them, but for their names.
        problem: Why it could not be searched; None where it was.
    """

    name: str
    cells: tuple[dict[str, Any], ...] = ()
    problem: str | None = None

    @property
    def size(self) -> int:
        """How many bytes its cells' pictures have in the answer."""
        return sum(len(cell["picture"]) for cell in self.cells)


async def answer_fields(served: Served, upload: Upload) -> dict[str, Any]:
    """Return the white cells of fields.

    Args:
        served: The bundle.
        upload: The request's form.

    Raises:
        Refusal: the pictures are refused, or none can be searched.
    """
    refuse_other_texts(upload.texts, ())
    loop, limits = asyncio.get_running_loop(), served.settings.limits
    side = cropped_side(served)
    found = await loop.run_in_executor(served.readers.pool, pictures_of, upload.files, limits)
    if len(found.sent) > FIELDS:
        raise too_many(FIELDS)
    try:
        searching = partial(search, side=side, most_pixels=limits.pixels)
        fields = await served.readers.each(searching, found.sent, lambda field: served.take_places(upload, field.size))
    finally:
        found.close()
    wrong = [field for field in fields if field.problem is not None]
    served.metrics.pictures(len(fields) - len(wrong), len(wrong))
    if len(wrong) == len(fields):
        what = f"None of the {counted(len(wrong), 'field')} can be searched. {wrong[0].problem}"
        raise Refusal(422, "unreadable", what, where=wrong[0].name or None)
    notes = [*found.notes, *(f"{field.name}: {field.problem}" for field in wrong), SIZE_NOTE]
    named = zip(stems_of([field.name for field in fields]), fields, strict=True)
    cells = [
        {"name": f"{stem}_{place:02d}.png", **cell}
        for stem, field in named
        for place, cell in enumerate(field.cells, start=1)
    ]
    return {"cells": cells, "notes": notes, "research_use_only": RESEARCH_USE_ONLY}


def stems_of(names: Sequence[str]) -> list[str]:
    """Return what the names of each field's cells start with; no two fields' are the same.

    Args:
        names: The fields', as the client calls them.

    Example:
        >>> stems_of(["smear/F1.png", "F2.jpg", "F2.png", ""])
        ['smear/F1', 'F2.jpg', 'F2.png', 'field']
    """
    short = [ENDING.sub("", name) or "field" for name in names]
    stems, taken = list[str](), set[str]()
    for name, stem in zip(names, short, strict=True):
        whole = stem if short.count(stem) == 1 else name or stem
        numbers = (f"{whole}_{number}" for number in range(2, len(names) + 2))
        stems.append(next(one for one in (whole, *numbers) if one not in taken))
        taken.add(stems[-1])
    return stems


def cropped_side(served: Served) -> int | None:
    """Return the side in px that a bundle cuts out of the middle of a picture; None where it takes all of it."""
    first = [next(iter(model.framing.steps), None) for model in models_of(served.bundle)]
    return max((max(step.size) for step in first if isinstance(step, CenterCrop)), default=None)


def search(sent: Sent, side: int | None, most_pixels: int) -> Searched:
    """Search one field; what is wrong with it stands in ``problem``.

    Args:
        sent: The field.
        side: Side of the squares in px; four red cells where None.
        most_pixels: A picture whose header claims more is not decoded.
    """
    if sent.problem is not None:
        return Searched(sent.name, problem=sent.problem)
    try:
        pixels = decode_content(sent.content(), most_pixels).pixels
        red_cell = red_cell_diameter(in_light(pixels))
        found = search_pixels(pixels, Search(find_white_cells, red_cell, Cutting(side or default_side(red_cell))))
    except DataError as error:
        return Searched(sent.name, problem=error.what)
    except MemoryError:
        return Searched(sent.name, problem=NO_MEMORY)
    return Searched(sent.name, tuple(_cells(sent.name, found)))


def _cells(name: str, found: Found) -> list[dict[str, Any]]:
    rows = list[dict[str, Any]]()
    for cell, square in zip(found.cells, found.squares, strict=True):
        left, top, right, bottom = cell.box
        box = {"left": left, "top": top, "right": right, "bottom": bottom, "cut_off": bool(cell.cut_off)}
        picture = png(np.ascontiguousarray(square.pixels))
        rows.append({"field": name, **box, "picture": picture})
    return rows
