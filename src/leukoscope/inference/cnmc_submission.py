"""The C-NMC challenge's file: 0 or 1 for each picture of its test, in the order of their numbers."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.files import write_bytes
from leukoscope.inference.certainty import referral_notices, referred_in
from leukoscope.inference.flags import strange_in, strange_notices
from leukoscope.inference.marks import mark_notices, marks_of
from leukoscope.inference.numbered import in_number_order
from leukoscope.inference.opening import opened, refuse_other_task
from leukoscope.inference.predicting import predict_blocks, seen_in
from leukoscope.inference.sources import Pictures, Source, pictures_of
from leukoscope.inference.writing import Summary
from leukoscope.pictures.framing import CenterCrop, Framing, Resize

LEUKAEMIC = "all"
FINAL = "final"
SIZES = {"preliminary": 1867, FINAL: 2586}
"""How many pictures the challenge's two tests have."""
IN_ARCHIVE = "isbi_valid.predict"
"""The file's name in the archive that the challenge took (Prellberg & Kramer's ``submission.py`` writes it)."""

SMALLER = (
    "The bundle scales pictures without cutting out their middle first. Those of the final test are 600 x 600 px, all "
    "others of C-NMC 450 x 450 px, so its cells come out smaller than those of the training."
)


def write_cnmc_submission(
    bundle: AnyBundle | Path | str,
    pictures: Source,
    out: Path | str,
    *,
    expected: int | None = None,
    batch: int = 64,
    device: str = "auto",
    workers: int | None = None,
) -> Summary:
    """Predict ``1.bmp`` to ``n.bmp`` and write a column of 0 and 1, a row a picture, without a header.

    1 is ALL, as in the challenge's own labels of the preliminary test; of a bundle without a class ``all`` it is the
    positive class. The bundle's own threshold decides. The file is whole, or there is none.

    Args:
        bundle: A bundle of cells of two classes, or its folder.
        pictures: A folder that holds nothing but the numbered pictures; or the cohort of the reader ``cnmc``, of which
            the final test is taken.
        out: The file: ``.csv``, or ``.zip`` for the archive that the challenge took.
        expected: How many pictures there must be (2,586 in the final test); None for as many as there are.
        batch: As in ``predict``.
        device: As in ``predict``.
        workers: As in ``predict``.

    Returns:
        The summary; its notes say which class is 1, and how often.

    Raises:
        SettingsError: the bundle is one of patients or of more than two classes, or the file is neither csv nor zip.
        DataError: the pictures are not those with the numbers 1 to n, or one cannot be read.
    """
    started, out = time.monotonic(), Path(out)
    if out.suffix not in {".csv", ".zip"}:
        raise SettingsError("A C-NMC submission must end in .csv or .zip.", where=str(out))
    ready = opened(bundle, device)
    _refuse_unfit(ready)
    found = in_number_order(pictures_of(_final(pictures), ready.classes), expected)
    blocks = predict_blocks(ready, found, batch=batch, workers=workers)
    table = pl.concat(list(blocks))
    _refuse_missing(table, found)
    one, zero = _one_and_zero(ready.classes)
    said = (table["called"] == one).cast(pl.Int64)
    _write(out, said)
    note = f"1 is {one} ({counted(int(said.sum()), 'row')}), 0 is {zero} ({counted(int((1 - said).sum()), 'row')})."
    marked = mark_notices(marks_of(ready, found.sets), seen_in(table))
    marked += [*referral_notices(ready, referred_in(table)), *strange_notices(strange_in(table), table.height)]
    warned = (*marked, *_size_warning(len(said), expected), *_scale_warning(ready))
    return Summary(out, len(said), 0, time.monotonic() - started, warned, (*found.notes, note))


def _refuse_unfit(ready: AnyBundle) -> None:
    refuse_other_task(ready, "cells")
    if not ready.classes.binary:
        raise SettingsError(
            f"A submission says 0 or 1; the bundle has {len(ready.classes)} classes.", where=str(ready.folder)
        )


def _final(source: Source) -> Source:
    """Return a cohort's cells of the final test; anything else as it is."""
    if not isinstance(source, Cohort):
        return source
    final = source.cells.filter(pl.col("place") == FINAL)
    if not final.height:
        raise DataError(
            "The data set holds no picture of the final test.",
            where=str(source.root),
            do="Name the folder of numbered pictures itself, without --reader.",
        )
    return Cohort.from_cells(source.name, source.root, final, source.classes)


def _refuse_missing(table: pl.DataFrame, found: Pictures) -> None:
    wrong = table.filter(pl.col("problem").is_not_null())
    if wrong.height:
        raise DataError(
            f"{counted(wrong.height, 'picture')} would be missing from the submission: {listed(wrong['path'])}. "
            f"{wrong['problem'][0]}",
            where=str(found.root / wrong["path"][0]),
            more=wrong.height - 1,
            do="Copy them again; --format table lists every picture with the reason.",
        )


def _one_and_zero(classes: Classes) -> tuple[str, str]:
    one = LEUKAEMIC if LEUKAEMIC in classes.names else str(classes.positive)
    return one, next(name for name in classes.names if name != one)


def _write(out: Path, said: pl.Series) -> None:
    text = "".join(f"{value}\n" for value in said)
    if out.suffix == ".csv":
        write_bytes(out, text.encode())
        return
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        # A name alone gets the date of 1980: the same predictions are the same bytes.
        archive.writestr(zipfile.ZipInfo(IN_ARCHIVE), text, zipfile.ZIP_DEFLATED)
    write_bytes(out, content.getvalue())


def _size_warning(rows: int, expected: int | None) -> list[str]:
    if expected is not None or rows in SIZES.values():
        return []
    tests = " and ".join(f"{size:,} in the {name} test" for name, size in SIZES.items())
    return [f"The challenge has {tests}; this submission has {counted(rows, 'row')}."]


def _scale_warning(ready: AnyBundle) -> list[str]:
    """Warn where pictures are scaled whole: those of the final test are larger, and their cells come out smaller."""
    return [SMALLER] if any(_scales_whole(model.framing) for model in models_of(ready)) else []


def _scales_whole(framing: Framing) -> bool:
    return isinstance(next((step for step in framing.steps if isinstance(step, CenterCrop | Resize)), None), Resize)
