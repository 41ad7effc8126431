"""A cohort is the same wherever its folder lies, and in whatever order the system lists it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

from leukoscope.testing.comparison import LASTING, difference
from leukoscope.testing.contract import require
from leukoscope.testing.reader_example import Example

ODD = "zellen für [1] 100% #é"


def keeps_order(example: Example) -> None:
    """Systems list folders in different orders; the rows do not depend on it."""
    with _listing_in_order(backwards=False):
        forwards = example.read()
    with _listing_in_order(backwards=True):
        changed = difference(forwards, example.read())
    require(
        changed is None,
        f"Rows must not depend on the order in which the system lists a folder (sort by path); backwards, {changed}.",
    )


def can_be_moved(example: Example) -> None:
    """Ids and paths stay when the folder is moved."""
    _compare(example, example.within(example.copy("moved", "deeper")), "from a folder that was moved")


def can_be_linked(example: Example) -> None:
    """A link to the folder reads as the folder."""
    link = example.scratch / "link" / example.folder.resolve().name
    link.parent.mkdir(parents=True)
    link.symlink_to(example.folder.resolve(), target_is_directory=True)
    _compare(example, example.within(link), "through a symbolic link")


def can_be_named_relatively(example: Example) -> None:
    """A relative path reads as an absolute one."""
    relative = Path(os.path.relpath(example.folder.resolve()))
    _compare(example, example.within(relative), "by a relative path")


def takes_any_name(example: Example) -> None:
    """Folders may have spaces, brackets and letters of any language; the data set's own folder may be renamed."""
    above = example.within(example.copy(ODD))
    _compare(example, above, f"from within a folder named {ODD!r}")
    if example.path.is_dir():
        renamed = example.copy(name=ODD + " 2")
        changed = difference(example.read(), example.read(renamed, "from a renamed folder"), LASTING)
        require(changed is None, f"The data set's own folder may have any name; in one named {ODD!r}, {changed}.")


def _compare(example: Example, path: Path, when: str) -> None:
    changed = difference(example.read(), example.read(path, when))
    require(changed is None, f"A cohort must be the same {when}; {changed}.")


class _Entries:
    """What ``os.scandir`` returns, in an order of our own."""

    def __init__(self, entries: Any, *, backwards: bool) -> None:  # noqa: ANN401 - os.scandir's, which has no name
        with entries:
            found = sorted(entries, key=lambda entry: os.fsdecode(entry.name), reverse=backwards)
        self._entries: Iterator[os.DirEntry[str]] = iter(found)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> os.DirEntry[str]:
        return next(self._entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Do nothing: all entries were read."""


def _listing_in_order(*, backwards: bool) -> Any:  # noqa: ANN401 - mock's patcher
    """Make the system list folders by name, or backwards, while the context lasts."""
    scan: Callable[..., Any] = os.scandir
    names: Callable[..., list[str]] = os.listdir
    return mock.patch.multiple(
        os,
        scandir=lambda *path: _Entries(scan(*path), backwards=backwards),
        listdir=lambda *path: sorted(names(*path), reverse=backwards),
    )
