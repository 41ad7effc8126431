"""Small text files beside pictures: lists of names, annotations, centroids."""

from __future__ import annotations

from pathlib import Path

from leukoscope.errors import DataError


def read_lines(file: Path) -> list[str]:
    """Return the lines of a text file (UTF-8), each without white space around it; empty ones stay as empty text.

    Raises:
        DataError: the file cannot be read or is no text.
    """
    try:
        return [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise DataError("This file is no text in UTF-8.", where=str(file)) from None
    except OSError as error:
        raise DataError(f"This file cannot be read: {error.strerror}.", where=str(file)) from None
