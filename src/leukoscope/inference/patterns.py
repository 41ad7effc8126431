"""Pictures that a pattern matches: ``cells/*.png``, ``cells/**/P1_*.bmp``."""

from __future__ import annotations

import os
from pathlib import Path

from leukoscope.cohort.readers.listing import PICTURE_ENDINGS
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
        pattern: As the shell writes them; ``**`` is any number of folders. Hidden files match only by name.

    Returns:
        The folder before the first wildcard; the pictures' paths relative to it, with ``/``, sorted; and what was left
        out, a sentence each.

    Raises:
        DataError: no picture matches.
    """
    first = next(place for place, part in enumerate(pattern.parts) if _wild(part))
    root = Path(*pattern.parts[:first])
    try:
        found = sorted(path.relative_to(root) for path in root.glob("/".join(pattern.parts[first:])) if path.is_file())
    except ValueError as error:
        raise DataError(f"This is no pattern of paths: {error}.", where=str(pattern)) from None
    # As in the shell, a hidden file is meant only where the pattern says its dot.
    shown = pattern.name.startswith(".")
    names = [path.as_posix() for path in found if shown or not path.name.startswith(".")]
    pictures = [name for name in names if Path(name).suffix.lower() in PICTURE_ENDINGS]
    if not pictures:
        rest = f", but {counted(len(names), 'other file')}" if names else ""
        raise DataError(
            f"No picture matches this pattern{rest}.",
            where=str(pattern),
            do="Check it, and put it in quotes, so that the shell leaves it alone.",
        )
    others = sorted(set(names) - set(pictures))
    note = f"Left out, not being pictures: {counted(len(others), 'file')} ({listed(others)})."
    return root, pictures, (note,) if others else ()


def _wild(part: str) -> bool:
    return any(sign in part for sign in WILD)
