"""Running the service: uvicorn around the application, a bundle that is loaded meanwhile, and a graceful end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

import uvicorn

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.service.app import app_of
from leukoscope.service.connections import CONNECTIONS, Connection
from leukoscope.service.logs import say, start_logs
from leukoscope.service.served import STOPPED_WITHIN, Served, State
from leukoscope.service.settings import Settings


class Server(uvicorn.Server):
    """Uvicorn that, told to stop, answers what runs, refuses what is new, and then goes.

    Args:
        config: Of uvicorn.
        served: The bundle that is served.
    """

    def __init__(self, config: uvicorn.Config, served: Served) -> None:
        super().__init__(config)
        self.served, self.stop_by = served, float("inf")

    def handle_exit(self, sig: int, frame: object) -> None:
        """Begin to stop; told a second time, stop at once."""
        if self.served.state is State.STOPPING:
            self.force_exit = True
            super().handle_exit(sig, frame)  # type: ignore[arg-type]
            return
        self.begin_to_stop()

    def begin_to_stop(self) -> None:
        """Take no new requests; what runs has as long as a request may take."""
        self.stop_by = time.monotonic() + self.served.settings.limits.seconds
        self.served.state = State.STOPPING

    async def on_tick(self, counter: int) -> bool:
        """Return whether it is time to go."""
        over = await super().on_tick(counter)
        failed = self.served.state is State.FAILED
        done = self.served.state is State.STOPPING and (not self.served.running or time.monotonic() > self.stop_by)
        return over or failed or done


def serve(
    opening: Callable[[], AnyBundle], settings: Settings, *, started: Callable[[Server], None] = lambda _: None
) -> None:
    """Serve a bundle until the process is told to stop (SIGINT, SIGTERM).

    Args:
        opening: What reads the bundle; the service answers 503 until it has.
        settings: How it is served.
        started: Told of the server before it begins.

    Raises:
        BundleError: the bundle is damaged, or does not pass its self-test.
    """
    start_logs()
    served = Served(opening, settings)
    server = server_of(served)
    started(server)
    say(
        "start",
        host=settings.host,
        port=settings.port,
        token=settings.token is not None,
        keeps=settings.keep is not None,
    )
    try:
        server.run()
    finally:
        served.close(0.0 if server.force_exit else STOPPED_WITHIN)
        say("end")
    if served.error is not None:
        say("failed", logging.ERROR, error=served.error)
        raise served.error


def server_of(served: Served) -> Server:
    """Return the server of a bundle.

    Args:
        served: The bundle.
    """
    settings = served.settings
    config = uvicorn.Config(
        app_of(served),
        host=settings.host,
        port=settings.port,
        http=partial(Connection, seconds=settings.limits.seconds),  # type: ignore[arg-type]
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=5,
    )
    return Server(config, served)
