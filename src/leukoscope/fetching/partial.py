"""A file that is half there: its bytes in ``NAME.part``, and in ``NAME.part.json`` what they are the beginning of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import DataError
from leukoscope.files import read_json, write_json

RANGE = re.compile(r"bytes (?P<start>\d+)-\d+/(?P<size>\d+)$")
PARTIAL_CONTENT = 206
WEAK = "W/"


@dataclass(frozen=True)
class Origin:
    """What the server said of the whole file.

    Args:
        url: Its address.
        size: In bytes; None where the server did not say.
        etag: The server's mark of this version of the file; None where it gives none.
        modified: When the file was last changed, as the server wrote it; None where it does not say.
    """

    url: str
    size: int | None
    etag: str | None
    modified: str | None

    def is_same_as(self, other: Origin) -> bool:
        """Whether both are the same version: the same marks where there are any, else the same address; same size."""
        if self.size is None or self.size != other.size:
            return False
        if self.etag and other.etag:
            return self.etag == other.etag
        return self.modified == other.modified and self.url == other.url

    @property
    def validator(self) -> str | None:
        """What goes into ``If-Range`` (RFC 9110, 13.1.5: a strong mark, or a date); None where there is neither."""
        return self.etag if self.etag and not self.etag.startswith(WEAK) else self.modified


@dataclass(frozen=True)
class Part:
    """The beginning of a file.

    Args:
        target: The file that it will be.
    """

    target: Path

    @property
    def path(self) -> Path:
        """Where the bytes are."""
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def note(self) -> Path:
        """Where their origin is written down."""
        return self.target.with_name(f"{self.target.name}.part.json")

    @property
    def size(self) -> int:
        """How many bytes there are; 0 where there is no part."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def origin(self) -> Origin | None:
        """What the bytes are the beginning of; None where that is not known, so that they are of no use."""
        if not self.size or not self.note.is_file():
            return None
        try:
            return Origin(**read_json(self.note))
        except (DataError, TypeError):
            return None  # a note that can't be read is as good as none: the file is got anew

    def start(self, origin: Origin) -> None:
        """Begin anew: no bytes, and the origin written down."""
        self.discard()
        write_json(self.note, vars(origin))

    def discard(self) -> None:
        """Remove bytes and note."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


def resuming_headers(origin: Origin | None, offset: int) -> dict[str, str]:
    """Return what asks a server for the rest of a file, if it is still the same one."""
    if origin is None or origin.size is None:
        return {}
    condition = {"If-Range": origin.validator} if origin.validator else {}
    return {"Range": f"bytes={offset}-", **condition}


def origin_of(url: str, status: int, headers: Mapping[str, Any]) -> tuple[Origin, int]:
    """Return what an answer says of the whole file, and the byte from which it gives it."""
    found = RANGE.match(headers.get("Content-Range") or "") if status == PARTIAL_CONTENT else None
    length = headers.get("Content-Length") or ""
    size = int(found["size"]) if found else int(length) if length.isdigit() else None
    return Origin(url, size, headers.get("ETag"), headers.get("Last-Modified")), int(found["start"]) if found else 0
