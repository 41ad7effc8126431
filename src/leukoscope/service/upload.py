"""Receiving a request's body: in time, within its size, in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request

from leukoscope.service.form import File, Form
from leukoscope.service.limits import Limits
from leukoscope.service.progress import Progress
from leukoscope.service.refusal import Refusal
from leukoscope.service.room import Room


@dataclass
class Upload:
    """What was sent.

    Args:
        files: The files, in their order.
        texts: The other fields, by their names.
        bytes: How long the body was.
        framed: How many bytes of pictures, framed or cut out, lie in memory for it.
        progress: How far its answer is.
    """

    files: list[File] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    bytes: int = 0
    framed: int = 0
    progress: Progress = field(default_factory=Progress)


async def receive(request: Request, limits: Limits, room: Room, upload: Upload, most_files: int) -> None:
    """Receive a form into an upload, whose bytes stand for the room that was taken for it, also where this fails.

    Args:
        request: The request; nothing of its body was read yet.
        limits: What it may be at most.
        room: Where its bytes are counted.
        upload: An empty one.
        most_files: So many files may come.

    Raises:
        Refusal: it is no form, too large, too slow, or damaged.
    """
    form = Form(request.headers.get("content-type", ""), most_files)
    refuse_stated_length(request, limits)
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                if upload.bytes + len(chunk) > limits.bytes:
                    raise too_large(limits)
                room.take(len(chunk))
                upload.bytes += len(chunk)
                form.write(chunk)
    except TimeoutError:
        what = f"The pictures did not arrive within {limits.seconds:g} seconds."
        raise Refusal(408, "too_slow", what, do="Send fewer at a time, or over a faster line.") from None
    except ClientDisconnect:
        raise Refusal(408, "gone", "The client went away before everything was sent.") from None
    form.close()
    upload.files, upload.texts = form.files, form.texts


def refuse_stated_length(request: Request, limits: Limits) -> None:
    """Refuse a body that is said to be too long, before any of it is read.

    Raises:
        Refusal: it is.
    """
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and (len(stated) > 15 or int(stated) > limits.bytes):  # noqa: PLR2004 - digits
        raise too_large(limits)


def too_large(limits: Limits) -> Refusal:
    """Return the refusal of a body that is too long."""
    what = f"A request may hold {limits.megabytes:,} MiB at most."
    return Refusal(413, "too_large", what, do="Send fewer pictures at a time.")
