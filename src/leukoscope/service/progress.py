"""``GET /v1/progress/{key}``: how far a request is that is being answered, for the one who waits for it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from leukoscope.service.refusal import Refusal

Given = TypeVar("Given")
Made = TypeVar("Made")
HEADER = "Progress-Key"
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
READING, LOOKING = "reading", "looking"
"""The steps of an answer that take long: pictures are decoded and framed; the network looks at cells."""


class Progress:
    """How far one request is: its step, and how many of the step's pictures are done. Any thread may count."""

    def __init__(self) -> None:
        self._step: str | None = None
        self._done = self._of = 0
        self._lock = threading.Lock()

    def begin(self, step: str, of: int) -> None:
        """Begin a step of so many pictures."""
        with self._lock:
            self._step, self._done, self._of = step, 0, of

    def more(self, pictures: int = 1) -> None:
        """Count pictures of the step that are done."""
        with self._lock:
            self._done += pictures

    def at(self, pictures: int) -> None:
        """Say how many pictures of the step are done."""
        with self._lock:
            self._done = pictures

    def counting(self, make: Callable[[Given], Made]) -> Callable[[Given], Made]:
        """Return what does the same to one picture, and counts it."""

        def counted(given: Given) -> Made:
            made = make(given)
            self.more()
            return made

        return counted

    def said(self) -> dict[str, Any]:
        """Return it as it is told: ``step`` (None before the first), ``done``, ``of``."""
        with self._lock:
            return {"step": self._step, "done": self._done, "of": self._of}


class Requests:
    """The requests that are being answered, by the keys that their clients made up."""

    def __init__(self) -> None:
        self._by_key: dict[str, Progress] = {}

    @contextmanager
    def request(self, key: str | None) -> Generator[Progress]:
        """Let a request be found by its key while it is answered.

        Args:
            key: What the client made up for it, so that none but it can ask; None where it won't ask.

        Raises:
            Refusal: the key is none, or another request has it.
        """
        progress = Progress()
        if key is None:
            yield progress
            return
        if KEY.fullmatch(key) is None or key in self._by_key:
            what = f"The header {HEADER} must be 16 to 64 letters, digits, - or _, made up anew for each request."
            raise Refusal(422, "progress_key", what)
        self._by_key[key] = progress
        try:
            yield progress
        finally:
            del self._by_key[key]

    def said(self, key: str) -> dict[str, Any]:
        """Return how far the request is; as before its first step where none is answered under the key."""
        return self._by_key.get(key, Progress()).said()
