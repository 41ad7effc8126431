"""Connections that are waited for with a limit: for the head of a request, and for an answer to be fetched."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 512
"""From so many open connections on, uvicorn answers every request 503."""
SPARE = 64
"""So many more connections are taken, to say that; the next ones are closed at once."""
HEAD_SECONDS = 30.0
"""So long a connection is waited for until the head of a request is there whole."""


class Connection(H11Protocol):
    """Uvicorn's connection, which by itself waits without end for a head, and for who does not fetch an answer.

    Args:
        seconds: For an answer to be fetched.
        more: Of uvicorn.
    """

    def __init__(self, *, seconds: float, **more: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(**more)
        self._seconds = seconds
        self._head: asyncio.TimerHandle | None = None
        self._fetching: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head; beyond ``SPARE`` close."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS + SPARE:
            transport.abort()
            return
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes in."""
        super().data_received(data)
        self._wait_for_head()

    def on_response_complete(self) -> None:
        """Begin to wait for the answer to be fetched, and for the next head."""
        super().on_response_complete()
        self._wait_for_head()
        if self._fetching is not None:
            self._fetching.cancel()
        self._fetching = self.loop.call_later(self._seconds, self._not_fetched)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        for timer in (self._head, self._fetching):
            if timer is not None:
                timer.cancel()

    def _wait_for_head(self) -> None:
        waits = self.conn.their_state is h11.IDLE
        if waits and self._head is None:
            self._head = self.loop.call_later(HEAD_SECONDS, self._no_head)
        elif not waits and self._head is not None:
            self._head.cancel()
            self._head = None

    def _no_head(self) -> None:
        self._head = None
        if self.transport.get_write_buffer_size():
            self._wait_for_head()  # an answer is still being fetched
        else:
            self.transport.abort()

    def _not_fetched(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()
