"""Pictures that a pattern matches: ``cells/*.png``, ``cells/**/P1_*.bmp``."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path

from leukoscope.cohort.readers.listing import IGNORED_FOLDERS, PICTURE_ENDINGS, texts
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

WILD = "*?["


def is_pattern(path: Path) -> bool:
    """Return whether a path is a pattern: it has a ``*``, ``?`` or ``[``, and nothing lies there by that very name.

    Example:
        >>> is_pattern(Path("cells/*.png")), is_pattern(Path("cells/1.png"))
        (True, False)
    """
    return _wild(str(path)) and not os.path.lexists(path)


def matched(pattern: Path) -> tuple[Path, list[str], tuple[str, ...]]:
    """Return the pictures that a pattern matches.

    Args:
        pattern: As the shell writes them; ``**`` is any number of folders. Hidden files and folders, and ``__MACOSX``,
            are meant only where a part of the pattern begins as they do.

    Returns:
        The folder before the first wildcard; the pictures' paths relative to it, with ``/``, sorted; and what was left
        out, a sentence each.

    Raises:
        DataError: no picture matches.
    """
    first = next(place for place, part in enumerate(pattern.parts) if _wild(part))
    root, wanted = Path(*pattern.parts[:first]), pattern.parts[first:]
    try:
        matching = sorted(path.relative_to(root) for path in root.glob("/".join(wanted)) if path.is_file())
    except ValueError as error:
        raise DataError(f"This is no pattern of paths: {error}.", where=str(pattern)) from None
    found = [path.as_posix() for path in matching if all(_meant(part, wanted) for part in path.parts)]
    names, notes = texts(found)
    pictures = [name for name in names if Path(name).suffix.lower() in PICTURE_ENDINGS]
    if not pictures:
        rest = f", but {counted(len(found), 'other file')}" if found else ""
        raise DataError(
            f"No picture matches this pattern{rest}.",
            where=str(pattern),
            do="Check it, and put it in quotes, so that the shell leaves it alone.",
        )
    others = sorted(set(names) - set(pictures))
    note = f"Left out, not being pictures: {counted(len(others), 'file')} ({listed(others)})."
    return root, pictures, (*notes, note) if others else notes


def _meant(part: str, wanted: tuple[str, ...]) -> bool:
    """Return whether a pattern means a part of a path; as in the shell, no wildcard stands for a hidden one's dot."""
    if not part.startswith(".") and part not in IGNORED_FOLDERS:
        return True
    return any(sign.startswith(part[0]) and fnmatchcase(part, sign) for sign in wanted)


def _wild(part: str) -> bool:
    return any(sign in part for sign in WILD)
