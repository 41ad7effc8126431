"""The page's files: read once, from the package; nothing else of the disk is ever given out."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

INDEX = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


@dataclass(frozen=True)
class PageFile:
    """A file of the page.

    Args:
        content: Its bytes.
        type: Its media type.
    """

    content: bytes
    type: str


def page_files() -> dict[str, PageFile]:
    """Return the page's files by their paths; those of other kinds are left out."""
    found = dict[str, PageFile]()
    _gather(files("leukoscope.service") / "page", "", found)
    return found


def _gather(folder: Traversable, path: str, found: dict[str, PageFile]) -> None:
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        name = f"{path}{entry.name}"
        ending = f".{entry.name.rpartition('.')[2]}"
        if entry.is_dir():
            _gather(entry, f"{name}/", found)
        elif ending in TYPES:
            found[name] = PageFile(entry.read_bytes(), TYPES[ending])
