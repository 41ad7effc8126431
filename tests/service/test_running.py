"""A real server in a thread: slow clients, refused bodies over a real connection, and a graceful end."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.errors import BundleError
from leukoscope.service import connections
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


def opened(address: str, sent: bytes, *, small: bool = False) -> socket.socket:
    """Connect and send; with little room for what comes back where ``small``."""
    host, _, port = address.removeprefix("http://").partition(":")
    client = socket.socket()
    if small:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(30)
    client.connect((host, int(port)))
    client.sendall(sent)
    return client


def heard(client: socket.socket) -> bytes:
    """Return all that comes until the connection is closed."""
    parts = list[bytes]()
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def whole(path: str, files: Any) -> bytes:
    """Return a request as it goes over the line."""
    request = httpx.Request("POST", f"http://127.0.0.1{path}", files=files)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + request.read()


def test_nobody_is_waited_for_without_end(cells: Bundle, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    head = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    body = b"Content-Length: 99\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    with running(cells, until, seconds=0.5) as (server, address):
        for begun in (b"", head):  # silent, and with half a head
            with opened(address, begun) as client:
                assert heard(client) == b""
        with opened(address, head + b"\r\n") as client:
            time.sleep(0.1)
            client.sendall(head)  # after an answer, too
            assert heard(client).endswith(b'{"lives":true}')
        with opened(address, head.replace(b"GET /healthz", b"POST /v1/cells") + body) as client:
            answer = heard(client)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"The pictures did not arrive within 0.5 seconds." in answer
        assert b"connection: close" in answer.lower()
        until(lambda: not server.server_state.connections)


def test_who_does_not_fetch_an_answer_is_not_waited_for(
    cells: Bundle, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leukoscope.service.app.about", lambda _: {"much": "x" * (16 << 20)})
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    ask = b"GET /v1/bundle HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with running(cells, until, seconds=1) as (server, address):
        with opened(address, ask, small=True):
            until(lambda: bool(server.server_state.connections))
            until(lambda: not server.server_state.connections)
        with opened(address, ask, small=True) as client:
            time.sleep(0.5)  # longer than a head is waited for
            assert len(heard(client)) > 16 << 20


def test_more_connections_than_there_is_room_for_are_closed(
    cells: Bundle, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS", 1)
    monkeypatch.setattr(connections, "SPARE", 2)
    with running(cells, until) as (server, address), ExitStack() as stack:
        for place in range(3):
            stack.enter_context(opened(address, b""))
            until(lambda place=place: len(server.server_state.connections) == place + 1)  # type: ignore[misc]
        with opened(address, b"") as client:
            assert heard(client) == b""


def test_whoever_goes_away_takes_the_work_along(cells: Bundle, until: Until, pictures: Files) -> None:
    may, begun, seen = threading.Event(), threading.Event(), list[int]()
    with running(cells, until) as (server, address):
        thread = server.served.thread
        see = thread.see
        assert see is not None

        def slowly(framed: Any) -> Any:
            begun.set()
            may.wait(30)
            seen.append(len(framed))
            return see(framed)

        thread.see = slowly
        first = opened(address, whole("/v1/cells", pictures(1)))
        begun.wait(30)
        for number in (2, 3):
            opened(address, whole("/v1/cells", pictures(number))).close()
        last = opened(address, whole("/v1/cells", pictures(4)).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        until(lambda: len(thread) == 2 and server.served.running == 2)
        may.set()
        with last:
            assert heard(last).startswith(b"HTTP/1.1 200 ")
        first.close()
        until(lambda: server.served.room.taken == server.served.places.taken == 0)
        assert seen == [1, 4]


def test_nothing_beside_the_page_is_given_however_it_is_asked(cells: Bundle, until: Until) -> None:
    with running(cells, until) as (_, address):
        for path in (b"/page/../gate.py", b"/page/page/../../gate.py", b"/../../etc/passwd", b"//etc/passwd"):
            with opened(address, b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n") as one:
                assert heard(one).startswith(b"HTTP/1.1 404 ")


def test_it_ends_though_a_picture_hangs_in_a_decoder(cells: Bundle, until: Until, pictures: Files) -> None:
    may = threading.Event()
    with running(cells, until, seconds=0.5) as (server, address):
        for _ in range(server.served.readers.workers):
            server.served.readers.pool.submit(may.wait, 300)
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
            assert client.post("/v1/cells", files=pictures(1)).json()["error"]["code"] == "too_long"
        started = time.monotonic()
    assert time.monotonic() - started < 20  # without end before
    may.set()


def test_told_twice_it_waits_for_nobody(cells: Bundle, until: Until) -> None:
    slow = b"POST /v1/cells HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n"
    slow += b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    with running(cells, until) as (server, address), opened(address, slow):
        until(lambda: server.served.running == 1)
        server.handle_exit(15, None)
        server.handle_exit(15, None)
        assert (server.should_exit, server.force_exit) == (True, True)


def test_a_damaged_bundle_ends_it_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leukoscope.service.running.start_logs", lambda: None)

    def opening() -> Bundle:
        raise BundleError("A file of the bundle is missing.")

    with pytest.raises(BundleError, match="A file of the bundle is missing"):
        serve(opening, Settings(port=0))
