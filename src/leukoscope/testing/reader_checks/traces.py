"""Reading leaves no trace, opens no picture, and is not thrown by files that are too many or too few."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.testing.comparison import LASTING, difference
from leukoscope.testing.contract import require
from leukoscope.testing.reader_example import Example, files_in, pictures_in

STRAY = ("Thumbs.db", ".DS_Store", "notes on ü.txt", ".DS_169665.jpg", "stray picture.png", ".git/hidden.png")


def writes_nothing(example: Example) -> None:
    """The folder is after reading what it was before."""
    folder = example.copy("watched")
    before = _state(folder)
    example.read(example.within(folder))
    after = _state(folder)
    touched = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    require(not touched, f"A reader writes nothing into the data set; written, changed or removed: {touched}.")


def reads_what_is_read_only(example: Example) -> None:
    """Data sets often lie where nobody may write."""
    folder = example.copy("read-only")
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        _same(example, example.read(example.within(folder), "from a read-only folder"), "from a read-only folder")
    finally:
        for path in folders:
            path.chmod(0o755)


def opens_no_picture(example: Example) -> None:
    """Pictures are read later, once; what they hold does not matter to a reader."""
    folder = example.copy("emptied")
    for path in pictures_in(folder):
        path.write_bytes(b"")
    when = "where all pictures are empty files"
    _same(example, example.read(example.within(folder), when), f"{when}, since a reader opens no picture")


def survives_stray_files(example: Example) -> None:
    """Files of no place in the layout change no usable row; those with a picture's ending stay, with a reason."""
    folder = example.copy("littered")
    for name in STRAY:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"junk")
    littered = example.read(example.within(folder), "beside stray files")
    usable, known = littered.usable["path"], example.read().usable["path"]
    added = usable.filter(~usable.is_in(known.implode())).to_list()
    require(not added, f"What has no place in the layout must not be usable; these stray files are: {added}.")
    _same_usable(example, littered, "beside stray files")


def survives_a_missing_picture(example: Example) -> None:
    """A part of a data set is read as far as it is there."""
    folder = example.copy("incomplete")
    path = _spare(example.read())
    file = (folder / path).resolve()
    if not file.is_relative_to(folder.resolve()):  # named absolutely: the example itself must not lose it
        return
    if not file.is_file():  # the pictures lie in an archive
        return
    file.unlink()
    left = example.read(example.within(folder), "where a picture is missing")
    require(path not in left.usable["path"], f"A picture that is not there must not be usable; {path!r} is.")
    _same_usable(example, left, "where a picture is missing", without=path)


def _spare(cohort: Cohort) -> str:
    """Return the path of a cell whose class has another; whose patient has, where cells carry no label."""
    column = next((name for name in ("label", "patient") if cohort.usable[name].drop_nulls().len()), "source")
    cells = cohort.usable.filter(pl.col(column).is_not_null() & pl.col(column).is_duplicated())
    noun = {"label": "of one class", "patient": "of one patient"}.get(column, "")
    require(cells.height, f"The example must hold two usable cells {noun}".rstrip() + ".")
    return str(cells["path"][0])


def _same(example: Example, cohort: Cohort, when: str) -> None:
    changed = difference(example.read(), cohort)
    require(changed is None, f"A cohort must be the same {when}; {changed}.")


def _same_usable(example: Example, cohort: Cohort, when: str, *, without: str | None = None) -> None:
    """Compare what is usable, as far as it was not taken away."""
    before = example.read()
    cells = before.usable if without is None else before.usable.filter(pl.col("path") != without)
    one, other = before.select(cells["id"]), cohort.select(cohort.usable["id"])
    patients = one.patients.select("patient")
    one = _bare(one, patients)
    changed = difference(one, _bare(other, patients), LASTING)
    require(changed is None, f"The other cells must stay as they are {when}; {changed}.")


def _bare(cohort: Cohort, patients: pl.DataFrame) -> Cohort:
    """Return the cohort with the names of its patients only: what a reader knows of them may depend on the cells."""
    return Cohort(cohort.name, cohort.root, cohort.cells, patients, cohort.classes)


def _state(folder: Path) -> dict[str, tuple[str, int]]:
    """Return the content and the time of every file, and every folder."""
    files = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files_in(folder)}
    folders = {path: "folder" for path in folder.rglob("*") if path.is_dir()}
    return {
        path.relative_to(folder).as_posix(): (held, path.stat().st_mtime_ns)
        for path, held in {**files, **folders}.items()
    }
