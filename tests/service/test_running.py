"""A real server in a thread: slow clients, refused bodies over a real connection, and a graceful end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.errors import BundleError
from leukoscope.service.limits import Limits
from leukoscope.service.running import Server, serve, server_of
from leukoscope.service.served import Served
from leukoscope.service.settings import Settings

Files = Callable[..., Any]
Until = Callable[..., None]


@contextmanager
def running(bundle: Bundle, until: Until, **limits: Any) -> Iterator[tuple[Server, str]]:
    """Run a server; give it and its address."""
    served = Served(lambda: bundle, Settings(port=0, limits=Limits(**limits)))
    server = server_of(served)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        served.loaded.result(60)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield server, f"http://127.0.0.1:{port}"
    finally:
        server.begin_to_stop()
        thread.join(30)
        assert not thread.is_alive()


def test_slow_clients_and_refused_bodies_hinder_nobody(cells: Bundle, until: Until, pictures: Files) -> None:
    head = b"POST /v1/cells HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999\r\n"
    head += b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    with running(cells, until, megabytes=1) as (server, address), ExitStack() as stack:
        host, _, port = address.removeprefix("http://").partition(":")
        for _ in range(30):
            slow = stack.enter_context(socket.create_connection((host, int(port))))
            slow.sendall(head)
        until(lambda: server.served.running == 30)
        client = stack.enter_context(httpx.Client(base_url=address, timeout=60, trust_env=False))
        assert client.post("/v1/cells", files=pictures(3)).status_code == 200
        large = client.post("/v1/cells", files={"pictures": ("a.png", bytes(3 << 20))})
        assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")
        assert client.post("/v1/cells", files=pictures(1)).status_code == 200


def test_told_to_stop_it_answers_what_runs_and_refuses_what_is_new(
    cells: Bundle, until: Until, pictures: Files
) -> None:
    may = threading.Event()
    with (
        running(cells, until) as (server, address),
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        see = server.served.thread.see
        assert see is not None
        server.served.thread.see = lambda framed: (may.wait(30), see(framed))[1]
        runs = pool.submit(client.post, "/v1/cells", files=pictures(2))
        until(lambda: len(server.served.thread) == 1)
        server.handle_exit(15, None)
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["state"]) == (503, "stopping")
        refused = client.post("/v1/cells", files=pictures(1))
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "stopping")
        assert client.get("/healthz").status_code == 200
        may.set()
        assert len(runs.result(60).json()["cells"]) == 2
        until(lambda: not server.started or not server.servers[0].is_serving())


def test_a_damaged_bundle_ends_it_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leukoscope.service.running.start_logs", lambda: None)

    def opening() -> Bundle:
        raise BundleError("A file of the bundle is missing.")

    with pytest.raises(BundleError, match="A file of the bundle is missing"):
        serve(opening, Settings(port=0))
