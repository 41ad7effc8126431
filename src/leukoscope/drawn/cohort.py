"""A drawn cohort: a folder of pictures with the tables that the reader ``drawn`` reads."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import polars as pl

from leukoscope.drawn.drawing import check_picture, draw_cell
from leukoscope.drawn.kinds import KINDS
from leukoscope.drawn.look import Background, draw_look
from leukoscope.drawn.plan import Plan, make_plan
from leukoscope.drawn.schemes import drawn_classes
from leukoscope.errors import SettingsError
from leukoscope.files import locked, read_json, write_json, write_table
from leukoscope.progress import progress
from leukoscope.randomness import generator as generator_for

SETTINGS, CELLS, PATIENTS, CLASSES = "drawn.json", "cells.csv", "patients.csv", "classes.json"
PICTURES = "pictures"
# Raised whenever the same settings would give other pictures, so that an old folder is not taken for a new one.
FORMAT = 2


def draw_cohort(
    folder: Path,
    *,
    classes: int = 2,
    patients: int = 40,
    cells: int = 40,
    counts: Mapping[str, int] | None = None,
    size: int = 64,
    background: Background = "black",
    malignant_share: float = 0.6,
    seed: int = 0,
    workers: int = 2,
) -> Path:
    """Draw the cells of drawn patients into a folder that ``read_cohort`` reads.

    The same settings give the same bytes, whatever the number of workers; a folder left half-way is completed, a
    finished one is left as it is. ``classes.json`` is written last: where it stands the cohort is whole.

    Args:
        folder: Where to write; it is made if need be.
        classes: 2 (C-NMC's: normal, leukaemic), 8 (PBC's) or 15 (Matek's).
        patients: Number of patients; of two classes half of them (rounded up) are positive.
        cells: Cells a patient, where ``counts`` does not say.
        counts: Cells of each class in the whole cohort; classes that are not named have none.
        size: Side of a picture in pixels, 16 to 512.
        background: ``black`` (cut out as in C-NMC) or ``smear`` (red cells around).
        malignant_share: Share of leukaemic cells in a positive patient, above 0, at most 1 (two classes only). It
            varies between patients; each cell's truth stands in the column ``malignant``.
        seed: Seed of everything that is drawn.
        workers: Threads that draw.

    Returns:
        The folder.

    Raises:
        SettingsError: a setting out of range, or the folder holds a cohort drawn with other settings.
    """
    check_picture(size, background)
    plan = make_plan(
        classes=classes, patients=patients, cells=cells, counts=counts, malignant_share=malignant_share, seed=seed
    )
    settings: dict[str, object] = {
        "format": FORMAT,
        "classes": classes,
        "patients": patients,
        "cells": cells,
        "counts": None if counts is None else dict(counts),
        "size": size,
        "background": background,
        "malignant_share": malignant_share,
        "seed": seed,
    }
    with locked(folder):
        _claim(folder, settings)
        if not (folder / CLASSES).exists():
            draw = functools.partial(_draw_one, folder / PICTURES, size=size, background=background, seed=seed)
            _draw_missing(folder / PICTURES, plan, draw, workers)
            _write_tables(folder, plan, classes)
    return folder


def _claim(folder: Path, settings: dict[str, object]) -> None:
    path = folder / SETTINGS
    if not path.exists():
        if (folder / CLASSES).exists() or (folder / CELLS).exists():
            raise SettingsError("This folder holds another data set.", where=str(folder), do="Name another folder.")
        write_json(path, settings)
    found = read_json(path)
    differing = sorted(key for key in settings if found.get(key) != settings[key])
    if differing:
        shown = ", ".join(f"{key} {found.get(key)}, now {settings[key]}" for key in differing)
        raise SettingsError(
            f"This folder holds cells drawn with other settings: {shown}.",
            where=str(folder),
            do="Delete it, or name another folder.",
        )


def _draw_missing(folder: Path, plan: Plan, draw: Callable[[dict[str, str]], None], workers: int) -> None:
    missing = [row for row in plan.cells.iter_rows(named=True) if not (folder / _place(row)).exists()]
    for patient in {row["patient"] for row in missing}:
        (folder / patient).mkdir(parents=True, exist_ok=True)
    with progress("Drawing cells", len(missing)) as advance, ThreadPoolExecutor(max(workers, 1)) as threads:
        try:
            for _ in threads.map(draw, missing):
                advance(1)
        finally:
            # On an error or Ctrl-C what has not begun is dropped; else leaving would wait for all of it.
            threads.shutdown(cancel_futures=True)


def _draw_one(folder: Path, row: dict[str, str], *, size: int, background: Background, seed: int) -> None:
    look = draw_look(seed, row["patient"], background)
    generator = generator_for(seed, "cell", row["id"])
    picture = draw_cell(KINDS[row["kind"]], size=size, background=background, look=look, generator=generator)
    _, coded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    path = folder / _place(row)
    # Renamed, so that a picture is whole or absent, but not flushed one by one: that takes longer than drawing.
    temporary = path.with_suffix(".part")
    temporary.write_bytes(coded.tobytes())
    temporary.replace(path)


def _place(row: dict[str, str]) -> str:
    return f"{row['patient']}/{row['id']}.png"


def _write_tables(folder: Path, plan: Plan, classes: int) -> None:
    place = pl.format(PICTURES + "/{}/{}.png", "patient", "id").alias("path")
    columns = ("id", "path", "label", "patient", pl.lit(None, pl.String).alias("place"), "malignant", "kind")
    write_table(folder / CELLS, plan.cells.with_columns(place).select(*columns))
    write_table(folder / PATIENTS, plan.patients)
    write_json(folder / CLASSES, drawn_classes(classes).as_json())
