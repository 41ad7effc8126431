"""The errors and warnings that Leukoscope raises, and the words they are made of."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LeukoscopeError(Exception):
    """Something the user can mend; the command line prints it without a traceback and exits with 2.

    Args:
        what: One sentence that says what is wrong, ending in a full stop.
        where: The file, row, column or setting it was found in; None where the sentence says it.
        more: How many further places have the same fault (0 or more).
        do: What to do about it, a command where there is one.

    Example:
        >>> print(LeukoscopeError("The label is missing.", where="labels.csv, row 7", more=2, do="Fill it in."))
        The label is missing.
          where: labels.csv, row 7 (and 2 more)
          what to do: Fill it in.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str | None = None, more: int = 0, do: str | None = None) -> None:
        self.what, self.where, self.more, self.do = what, where, more, do
        lines = [what]
        if where is not None:
            lines.append(f"  where: {where}" + (f" (and {more} more)" if more else ""))
        if do is not None:
            lines.append(f"  what to do: {do}")
        super().__init__("\n".join(lines))


class DataError(LeukoscopeError):
    """A picture, a table or a folder is not what it must be."""


class SettingsError(LeukoscopeError):
    """A recipe, a flag or an argument has a wrong name or value."""


class LeakageError(LeukoscopeError):
    """A split puts a patient, a linked group or a picture on two sides."""


class WeightsError(LeukoscopeError):
    """Weights are missing, or do not fit the network they were named for."""


class BundleError(LeukoscopeError):
    """A bundle is damaged, or does not give the results that it was saved with."""


class LeukoscopeWarning(UserWarning):
    """Something that a reader of the results must know; it is kept in the run folder too."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the half-sentence that helps with a wrong name: the nearest right one, and all of them.

    Example:
        >>> nearest("cmnc", ["cnmc", "pbc"])
        "Did you mean 'cnmc'? Known: cnmc, pbc."
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return f"{hint}Known: {', '.join(names) or 'none'}."


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, as it stands in a sentence.

    Example:
        >>> counted(1, "patient"), counted(1200, "patient"), counted(2, "class", "classes")
        ('1 patient', '1,200 patients', '2 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
