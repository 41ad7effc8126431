"""The pictures of a request: files of the form, or what lies in the one zip archive that it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from leukoscope.errors import DataError
from leukoscope.pictures.decode import Content
from leukoscope.pictures.zip_archive import ENDING, ZipLimits, list_zip
from leukoscope.service.form import File, too_many
from leukoscope.service.limits import MEGABYTE, Limits
from leukoscope.service.refusal import Refusal

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
MEMBERS_A_PICTURE, UNPACKED = 4, 4
"""An archive may hold so many files for each picture that a request may hold, and so many times a request's bytes."""


@dataclass(frozen=True, eq=False)
class Sent:
    """A picture as it was sent, not yet decoded.

    Args:
        name: What the client calls it.
        content: What gives its bytes; it may raise a DataError.
        problem: Why it is not even tried; None where it is.
    """

    name: str
    content: Callable[[], Content]
    problem: str | None = None


@dataclass(frozen=True, eq=False)
class Pictures:
    """The pictures of a request.

    Args:
        sent: In the order in which they were sent.
        notes: What was passed over, a sentence each.
        close: What is to be called when all were read.
    """

    sent: tuple[Sent, ...]
    notes: tuple[str, ...] = ()
    close: Callable[[], None] = lambda: None


def pictures_of(files: Sequence[File], limits: Limits, field: str = "pictures") -> Pictures:
    """Return the pictures of a request.

    Args:
        files: The form's files.
        limits: What a request may be.
        field: The form's field that holds them.

    Raises:
        Refusal: there are none, there is another field, or the archive is not what it must be.
    """
    for file in files:
        if file.field != field:
            raise Refusal(
                422,
                "unknown_field",
                "The form holds a file in a field that is not asked for.",
                do=f"Name the field {field!r}.",
            )
    if not files:
        raise Refusal(
            422, "no_pictures", "The form holds no picture.", where=field, do=f"Send pictures in the field {field!r}."
        )
    if len(files) == 1 and _is_zip(files[0]):
        return _of_zip(files[0].data, limits)
    return Pictures(tuple(Sent(file.name, partial(Content, file.data)) for file in files))


def _is_zip(file: File) -> bool:
    return file.data.startswith(ZIP_STARTS) or file.name.lower().endswith(ENDING)


def _of_zip(data: bytes, limits: Limits) -> Pictures:
    try:
        archive = list_zip(
            Path("archive.zip"),
            ZipLimits(members=MEMBERS_A_PICTURE * limits.pictures, megabytes=limits.megabytes, plain=True),
            data,
        )
    except DataError as error:
        raise Refusal(422, "zip_refused", error.what, where="the archive", do="Send the pictures one by one.") from None
    rows = archive.pictures.select("path", "excluded").rows()
    if len(rows) > limits.pictures:
        raise too_many(limits.pictures)
    if not rows:
        raise Refusal(422, "no_pictures", "The archive holds no picture.", where="the archive")
    _refuse_climbing(archive.listing.files["path"].to_list())
    if archive.unpacked > UNPACKED * limits.bytes:
        most = UNPACKED * limits.bytes // MEGABYTE
        raise Refusal(422, "zip_refused", f"The archive unpacks to more than {most:,} MiB.", where="the archive")
    stack = ExitStack()
    read = stack.enter_context(archive.opened())
    sent = tuple(Sent(path, partial(read, path), problem) for path, problem in rows)
    return Pictures(sent, tuple(archive.listing.left_out()), stack.close)


def _refuse_climbing(paths: Sequence[str]) -> None:
    if any(".." in path.split("/") for path in paths):
        raise Refusal(
            422,
            "zip_refused",
            "A name in the archive climbs out of it (..): no program that packs pictures does that.",
            where="the archive",
            do="Pack the pictures anew.",
        )
