"""The cells that are most unlike a bundle's training cells, as a table and a sheet of pictures."""

from __future__ import annotations

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.cohort.cohort import Cohort
from leukoscope.files import write_table
from leukoscope.inference.flags import DISTANCE, FLAG
from leukoscope.pictures.decode import decode
from leukoscope.reports.sheets import picture_sheet
from leukoscope.reports.validation_folder import ValidationFolder

SHOWN = 12


def write_most_unlike(bundle: AnyBundle, cohort: Cohort, flags: pl.DataFrame | None, folder: ValidationFolder) -> None:
    """Write ``unlike.csv`` and ``figures/unlike.png``; nothing where the bundle cannot tell.

    Args:
        bundle: The bundle, by whose (first) framing they are shown.
        cohort: The cohort, for where the pictures are.
        flags: ``Answers.flags``.
        folder: Where to.
    """
    if flags is None or not flags.height:
        return
    worst = flags.sort(DISTANCE, "path", descending=[True, False]).head(SHOWN)
    write_table(folder.unlike, worst.select("id", "patient", "label", DISTANCE, FLAG))
    framing, classes = models_of(bundle)[0].framing, bundle.classes
    pictures = [framing.apply(decode(cohort.file(path)).pixels) for path in worst["path"]]
    captions = [
        f"distance {distance:.2f} (limit 1)\nis: {classes.title(label)}\n{name}"
        for name, label, distance in worst.select("id", "label", DISTANCE).iter_rows()
    ]
    picture_sheet(pictures, captions, folder.figures / "unlike.png")
