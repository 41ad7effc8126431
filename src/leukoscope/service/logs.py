"""The service's log: a line of JSON for each request, which says nothing of patients: no name, no fact, no pixel."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from typing import Any, TextIO

LOGGER = "leukoscope.service"


class JsonLines(logging.Formatter):
    """Writes records as lines of JSON; of an error its kind and its places in the code, not its words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {"time": f"{stamp}.{int(record.msecs):03d}Z", "level": record.levelname.lower()}
        line |= {"event": record.getMessage()} if record.name == LOGGER else {"event": "server", "from": record.name}
        line |= getattr(record, "said", {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= error_without_words(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, default=str)


def error_without_words(error: BaseException) -> dict[str, Any]:
    """Return an error's kind and where in the code it came up; its words may hold a name or a value.

    Args:
        error: The error.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = [f"{frame.filename.rpartition('leukoscope/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "places": places}


def start_logs(stream: TextIO | None = None) -> logging.Handler:
    """Let the service, and uvicorn's own errors, write lines of JSON; return the handler.

    Args:
        stream: Where to; standard error where None.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in ((LOGGER, logging.INFO), ("uvicorn", logging.WARNING), ("asyncio", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
    return handler


def say(event: str, level: int = logging.INFO, *, error: BaseException | None = None, **said: object) -> None:
    """Write a line.

    Args:
        event: What happened, a word.
        level: Of ``logging``.
        error: What went wrong, where something did.
        said: What is said of it: counts and times, never what a client sent.
    """
    logging.getLogger(LOGGER).log(level, event, extra={"said": said}, exc_info=error)
