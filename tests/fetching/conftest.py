"""A small HTTP server that behaves as servers do, well and badly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from leukoscope.fetching.connection import Patience


@dataclass
class Site:
    """What the server has, how it behaves, and what it was asked."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    etag: str | None = '"one"'
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)  # of each coming answer: after how many bytes it breaks off
    pauses: list[float] = field(default_factory=list)  # of each coming answer: seconds before the body
    answers: list[int] = field(default_factory=list)  # codes to answer before anything else
    chunked: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and Range of each request
    agents: set[str] = field(default_factory=set)
    redirects: dict[str, str] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        del format, args

    def do_GET(self) -> None:
        site, path = self.site, self.path.partition("?")[0]
        site.asked.append((self.path, self.headers.get("Range")))
        site.agents.add(self.headers["User-Agent"])
        self.close_connection = True
        if site.answers:
            return self.refuse(site.answers.pop(0))
        if path in site.redirects:
            return self.lead_to(site.redirects[path])
        return self.give(site.files[path]) if path in site.files else self.refuse(404)

    def refuse(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def lead_to(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def give(self, content: bytes) -> None:
        start = self.first_byte()
        if start >= len(content) > 0:
            return self.refuse(416)
        self.send_response(206 if start else 200)
        if self.site.etag:
            self.send_header("ETag", self.site.etag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_body(content[start:])
        return None

    def first_byte(self) -> int:
        wanted, condition = self.headers.get("Range"), self.headers.get("If-Range")
        changed = condition is not None and condition != self.site.etag
        return 0 if wanted is None or changed or not self.site.ranges else int(wanted[6:].rstrip("-"))

    def send_body(self, body: bytes) -> None:
        if self.site.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.site.pauses:
            self.wfile.flush()
            time.sleep(self.site.pauses.pop(0))
        self.wfile.write(body[: self.site.cuts.pop(0)] if self.site.cuts else body)


@pytest.fixture
def make_site() -> Iterator[Callable[[], Site]]:
    servers: list[ThreadingHTTPServer] = []

    def make() -> Site:
        handler = type("OwnHandler", (Handler,), {})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        handler.site = Site(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return handler.site

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    return make_site()


@pytest.fixture
def patience() -> Patience:
    """A patience that does not keep tests waiting."""
    return Patience(timeout=2.0, tries=3, wait=0.0)
