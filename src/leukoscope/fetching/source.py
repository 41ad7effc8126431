"""What a source of data is: where it lies, what is published of it, or what a person must do to get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from leukoscope.fetching.connection import Patience


@dataclass(frozen=True)
class Digest:
    """A checksum that somebody published.

    Args:
        algorithm: What it was made with.
        value: Hexadecimal digits in lower case.
        published_by: Who states it, and where.
    """

    algorithm: Literal["md5", "sha256"]
    value: str
    published_by: str

    def __str__(self) -> str:
        return f"{self.algorithm.upper().replace('SHA256', 'SHA-256')} {self.value}, published by {self.published_by}"


@dataclass(frozen=True)
class RemoteFile:
    """One file on a server.

    Args:
        name: What it is called on disk.
        url: Its address, http or https.
        size: In bytes, as published; None where that is not known beforehand.
        digest: Its published checksum; None where none is known.
    """

    name: str
    url: str
    size: int | None = None
    digest: Digest | None = None


@dataclass(frozen=True)
class Archive:
    """What must be in a zip.

    Args:
        folder: The folder that it unpacks to.
        pictures: Folder of a class, beneath ``folder``, to the number of pictures in it, as published.
        published_by: Who states these numbers.
        most_files: More files than this are refused.
        most_bytes: More unpacked bytes than this are refused.
    """

    folder: str
    pictures: Mapping[str, int]
    published_by: str
    most_files: int
    most_bytes: int


@dataclass(frozen=True)
class Download:
    """Files that Leukoscope can get by itself.

    Args:
        files: Size of the pictures (``"28"``) to the file; one entry, named ``""``, where there is only one.
        about: How large, in words; of what is not published the most that it can be.
        ask: Asks the publisher for address, size and checksum of a file when it is wanted; None where they stand in
            ``files``.
        archive: What must be in the file, where it is a zip; None otherwise.
    """

    files: Mapping[str, RemoteFile]
    about: str
    ask: Callable[[RemoteFile, Patience], RemoteFile] | None = None
    archive: Archive | None = None


@dataclass(frozen=True)
class Source:
    """A public data set and the way to it.

    Args:
        name: What it is called here; the name of its reader too.
        title: What it is, for people.
        page: The publisher's page.
        licence: As the publisher states it.
        cite: What to cite.
        download: What can be got without a person; None where a person must act.
        steps: What a person must do, a step each; where ``download`` is there, the way without it.
        layout: The folders and files that the reader expects, a line each.
    """

    name: str
    title: str
    page: str
    licence: str
    cite: str
    steps: tuple[str, ...]
    layout: tuple[str, ...]
    download: Download | None = field(default=None)
