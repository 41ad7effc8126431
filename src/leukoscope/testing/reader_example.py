"""A small data set in a reader's layout, and copies of it that the checks may change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.listing import PICTURE_ENDINGS
from leukoscope.cohort.readers.reader import Reader
from leukoscope.testing.contract import require


@dataclass(frozen=True)
class Example:
    """What a reader is tried on.

    Args:
        reader: The reader.
        path: The example itself: a folder, or a table (or other file) with the folder that it lies in. Never changed.
        scratch: A folder of its own, for copies.
        options: What the reader is given with each read.
    """

    reader: Reader
    path: Path
    scratch: Path
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The example's folder: the path itself, or the one that its file lies in."""
        return self.path if self.path.is_dir() else self.path.parent

    def within(self, folder: Path) -> Path:
        """Return what a copy of the folder is read from: the folder, or the file in it."""
        return folder if self.path.is_dir() else folder / self.path.name

    def copy(self, *above: str, name: str | None = None) -> Path:
        """Copy the example's folder and return the copy.

        Args:
            *above: Folders within the scratch folder that the copy is put into.
            name: What the copy is called; as the example where not given.
        """
        target = self.scratch.joinpath(*above, name or self.folder.resolve().name)
        shutil.copytree(self.folder, target)
        return target

    def read(self, path: Path | None = None, when: str = "") -> Cohort:
        """Read the example, or a copy of it.

        Args:
            path: What is read; the example itself where not given.
            when: What was done to it, for the sentence: ``"from a folder that was moved"``.

        Raises:
            AssertionError: the reader cannot read it, or returns no cohort.
        """
        read = self.path if path is None else path
        try:
            cohort = self.reader.read(read, **self.options)
        except Exception as error:
            said = str(error).splitlines()[0] if str(error) else "no message"
            where = f" {when}" if when else ""
            raise AssertionError(
                f"A reader must read its own layout{where}; it stopped with {type(error).__name__}: {said}"
            ) from error
        require(isinstance(cohort, Cohort), f"A reader returns a Cohort; this one returned {type(cohort).__name__}.")
        return cohort


def pictures_in(folder: Path) -> list[Path]:
    """Return the files beneath a folder with a picture's ending, sorted."""
    return [path for path in files_in(folder) if path.suffix.lower() in PICTURE_ENDINGS]


def files_in(folder: Path) -> list[Path]:
    """Return every file beneath a folder, sorted."""
    return sorted(Path(above) / name for above, _, names in os.walk(folder) for name in names)
