"""Keeping what was sent and answered, where the one who runs the service asks for it; else nothing is ever written."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from leukoscope.files import make_folder, write_bytes, write_json
from leukoscope.pictures.recognition import SUFFIXES, begun_format
from leukoscope.service.logs import say
from leukoscope.service.sent import ZIP_STARTS
from leukoscope.service.upload import Upload

ENDINGS = {form: ending for ending, forms in reversed(SUFFIXES.items()) for form in forms}


def keep(folder: Path, request_id: str, route: str, upload: Upload, answer: dict[str, Any]) -> None:
    """Write a request and its answer into a folder of their own: ``pictures/``, ``request.json``, ``answer.json``.

    The pictures are named by their numbers; what the client called them stands in ``request.json``. Where that fails,
    the log says so, and the answer goes out all the same.

    Args:
        folder: Where all requests are kept.
        request_id: The request's number.
        route: What was asked.
        upload: What was sent.
        answer: What was answered.
    """
    own = folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{request_id}"
    try:
        make_folder(folder)
        own.mkdir(mode=0o700)  # the files within are for all to read
        names = list[dict[str, str]]()
        for number, file in enumerate(upload.files, start=1):
            path = f"pictures/{number:04d}{_ending(file.data)}"
            write_bytes(own / path, file.data)
            names.append({"path": path, "field": file.field, "name": file.name})
        write_json(own / "request.json", {"route": route, "files": names, "texts": upload.texts})
        write_json(own / "answer.json", answer)
    except Exception as error:
        say("not_kept", logging.ERROR, error=error, request=request_id)


def _ending(data: bytes) -> str:
    """Return the ending that a file's own bytes ask for, whatever the client called it."""
    if data.startswith(ZIP_STARTS):
        return ".zip"
    return ENDINGS.get(begun_format(data) or "", ".bin")
