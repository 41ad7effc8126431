"""A browser, and a stand-in for the service that answers as the real one does and fails when it is told to."""

from __future__ import annotations

import base64
import email
import io
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from leukoscope.drawn import draw_cell, draw_look
from leukoscope.randomness import generator

PAGE = Path(str(files("leukoscope"))) / "service" / "page"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml"}
RULES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
PNG = b"\x89PNG\r\n\x1a\n"
Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A request that came in: what it asked for, its pictures (name and bytes), its other fields."""

    path: str
    pictures: list[tuple[str, bytes]]
    texts: dict[str, str]
    token: str | None


@dataclass(frozen=True)
class Fault:
    """An answer that is given once in place of the usual one."""

    status: int
    error: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class Stub:
    """The stand-in: one bundle, canned answers, a list of what was asked for."""

    def __init__(self, bundle: Json) -> None:
        self.bundle, self.calls, self.token, self.seconds = bundle, list[Call](), None, 0.0
        self.token: str | None
        self.faults: dict[str, list[Fault]] = {}
        self.answer_fields = _fields
        self.progress: Json = {"step": None, "done": 0, "of": 0}
        self.server: ThreadingHTTPServer | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self, port: int = 0) -> None:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stub.answer(self)

            def do_POST(self) -> None:
                stub.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()
            self.server = None

    def asked(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if not path.startswith("/v1/"):
            return self._file(request, "index.html" if path == "/" else path.removeprefix("/page/"))
        call = _call(path, request, body)
        self.calls.append(call)
        if self.token is not None and call.token != f"Bearer {self.token}":
            refused = {"what": "The token is missing.", "where": "Authorization", "do": "Send the header."}
            return self._json(request, Fault(401, {"code": "no_token", **refused}))
        if self.faults.get(path):
            return self._json(request, self.faults[path].pop(0))
        if path.startswith("/v1/progress/"):
            return self._json(request, self.progress)
        time.sleep(self.seconds)
        known: dict[str, Callable[[Call], Json]] = {
            "/v1/bundle": lambda _: self.bundle,
            "/v1/example": lambda _: _example(self.bundle),
            "/v1/patients": self._patient,
            "/v1/cells": self._cells,
            "/v1/explain": self._explain,
            "/v1/fields": self.answer_fields,
        }
        made = known[path](call)
        return self._json(request, made)

    def _json(self, request: BaseHTTPRequestHandler, said: Json | Fault) -> None:
        fault = said if isinstance(said, Fault) else None
        content = {"error": fault.error} if fault else said
        self._send(request, fault.status if fault else 200, "application/json", json.dumps(content).encode(), fault)

    def _file(self, request: BaseHTTPRequestHandler, name: str) -> None:
        path = PAGE / name
        if path.parent != PAGE or not path.is_file():
            return self._send(request, 404, "text/plain", b"no such file")
        return self._send(request, 200, TYPES[path.suffix], path.read_bytes())

    def _send(
        self, request: BaseHTTPRequestHandler, status: int, kind: str, content: bytes, fault: Fault | None = None
    ) -> None:
        request.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), "Content-Security-Policy": RULES}
        headers |= {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
        for name, value in (headers | (fault.headers if fault else {})).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    def _patient(self, call: Call) -> Json:
        rows = self._rows(call)
        read = [row for row in rows if row["problem"] is None]
        if not read:
            return _unreadable(rows)
        for place, row in enumerate(read):
            # Of a bundle of cells it is the logit, which the page has no use for.
            row["evidence"] = 0.4 - 0.1 * place
        patient = {
            "name": "",
            "called": "all",
            "probabilities": {"hem": 0.27, "all": 0.73},
            "interval": {"low": 0.61, "high": 0.82, "level": 0.95, "of": "all", "what": "A rough range."},
            "threshold": 0.48,
            "band": "all",
            "referred": False,
            "remarks": ["age: 91 lies beyond the 24 to 88 of the training patients"],
            "cells": len(read),
            "unreadable": len(rows) - len(read),
            "strange_cells": sum(row["out_of_distribution"] for row in read),
            "problem": None,
        }
        return {"patient": patient, "cells": rows, "explained": "all", "notes": [], "research_use_only": "Yes."}

    def _cells(self, call: Call) -> Json:
        rows = self._rows(call)
        if all(row["problem"] for row in rows):
            return _unreadable(rows)
        return {"cells": rows, "threshold": 0.48, "notes": [], "research_use_only": "Yes."}

    def _rows(self, call: Call) -> list[Json]:
        """Return a row a picture: every third is called hem, the second is unlike and referred."""
        rows = list[Json]()
        for place, (name, content) in enumerate(call.pictures):
            row: Json = {"number": place + 1, "name": name, "called": None, "probabilities": None}
            if _readable(content):
                share = 0.2 if place % 3 == 2 else 0.9 - 0.01 * (place % 10)
                row |= {"called": "hem" if share < 0.48 else "all", "probabilities": {"hem": 1 - share, "all": share}}
                row |= {"distance": 1.43 if place == 1 else 0.5, "out_of_distribution": place == 1}
                row |= {"confidence": max(share, 1 - share), "referred": place == 1, "problem": None}
            else:
                row["problem"] = "It is no picture that can be read."
            rows.append(row)
        return rows

    def _explain(self, call: Call) -> Json:
        shown = call.texts.get("class") or "all"
        return {
            "shown": shown,
            "picture": uri(call.pictures[0][1]),
            "map": uri(drawn(99)),
            "classes": [
                {"name": "all", "title": "leukaemic", "probability": 0.91},
                {"name": "hem", "title": "normal", "probability": 0.09},
            ],
            "nearest": [
                {"label": "all", "distance": 0.31, "picture": uri(drawn(5))},
                {"label": "hem", "distance": 0.47, "picture": None},
            ],
            "flagged": False,
            "distance": 0.5,
            "method": call.texts.get("method", "grad_cam"),
            "what": "Warm places speak for the class.",
        }


def _unreadable(rows: list[Json]) -> Fault:
    what = f"None of the {len(rows)} pictures can be read."
    return Fault(422, {"code": "unreadable", "what": what, "where": rows[0]["name"], "do": "Send PNG or JPEG."})


def _readable(content: bytes) -> bool:
    try:
        Image.open(io.BytesIO(content)).verify()
    except (OSError, SyntaxError):
        return False
    return True


def _call(path: str, request: BaseHTTPRequestHandler, body: bytes) -> Call:
    pictures, texts = list[tuple[str, bytes]](), dict[str, str]()
    if body:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        for part in email.message_from_bytes(head + body).get_payload():
            content = part.get_payload(decode=True)
            name = part.get_param("filename", header="Content-Disposition")
            if name is None:
                texts[str(part.get_param("name", header="Content-Disposition"))] = content.decode()
            else:
                pictures.append((str(name).encode("latin-1", "surrogateescape").decode(errors="replace"), content))
    return Call(path, pictures, texts, request.headers.get("Authorization"))


def _example(bundle: Json) -> Json:
    pictures = [{"name": f"drawn_{place:02d}.png", "data": uri(drawn(place))} for place in range(12)]
    known = {fact["name"] for fact in bundle["facts"]}
    return {"pictures": pictures, "facts": {name: value for name, value in {"age": 61}.items() if name in known}}


def _fields(call: Call) -> Json:
    cells = list[Json]()
    for name, _ in call.pictures:
        for place in range(2):
            box = {"left": 8 + 40 * place, "top": 8, "right": 38 + 40 * place, "bottom": 44}
            found = f"{name.removesuffix('.png')}_{place + 1:02d}.png"
            cells.append({"name": found, "field": name, **box, "picture": uri(drawn(place))})
    return {"cells": cells, "notes": ["Training pictures must show cells as large as these fields do."]}


def uri(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def drawn(number: int, size: int = 32) -> bytes:
    """Return a drawn cell as PNG."""
    look, chance = draw_look(0, "P01", "smear"), generator(0, "page", str(number))
    pixels = draw_cell("lymphoblast", size=size, background="smear", look=look, generator=chance)
    return _png(pixels)


def _png(pixels: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()


def bundle_of(task: str) -> Json:
    facts: list[Json] = [
        {"name": "age", "title": "Age", "kind": "number", "low": 0, "high": 120, "unit": "years"},
        {"name": "sex", "title": "Sex", "kind": "choice", "choices": ["F", "M"]},
    ]
    return {
        "name": "drawn-patients" if task == "patients" else "drawn-cells",
        "task": task,
        "several_models": False,
        "classes": [
            {"name": "hem", "title": "normal", "positive": False},
            {"name": "all", "title": "leukaemic", "positive": True},
        ],
        "threshold": 0.48,
        "band": {"limits": {"all": 0.69, "hem": 0.6}},
        "input": {"height": 32, "width": 32},
        "facts": facts if task == "patients" else [],
        "limits": {"megabytes": 2, "pictures": 80, "megapixels": 4, "seconds": 30, "fields": 8},
        "calibrated": True,
        "refers": True,
        "flags": True,
        "reference_pictures": True,
        "methods": ["grad_cam", "occlusion"],
        "needs_token": False,
        "scores": {"roc_auc": {"value": 0.956, "low": 0.926, "high": 0.974, "reason": None}},
        "trained_on": {"data": "drawn", "cells": 960, "patients": 24, "pictures_sha256": "ebd6"},
        "leakage": None,
        "purpose": "Tells drawn leukaemic cells from normal ones.",
        "research_use_only": "For research use only.",
    }


@pytest.fixture
def diagnosing() -> Iterator[Stub]:
    """A stand-in with a bundle of patients."""
    stub = Stub(bundle_of("patients"))
    yield stub
    stub.stop()


@pytest.fixture
def judging() -> Iterator[Stub]:
    """A stand-in with a bundle of cells."""
    stub = Stub(bundle_of("cells"))
    yield stub
    stub.stop()


@pytest.fixture(scope="session")
def fault() -> type[Fault]:
    return Fault


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six drawn cells: two in a folder of their own, one that no browser shows, one that nobody can read."""
    folder = tmp_path_factory.mktemp("dropped") / "P12"
    (folder / "more").mkdir(parents=True)
    for number, name in enumerate(("a1.png", "a2.png", "a10.png", "more/b.png")):
        (folder / name).write_bytes(drawn(number))
    Image.open(io.BytesIO(drawn(4))).save(folder / "more" / "c.tif")
    (folder / "broken.png").write_bytes(PNG + b"nothing more")
    (folder / "notes.txt").write_text("no picture")
    (folder / ".DS_Store").write_text("strewn about")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for a module: while it is open an event loop runs, beside which no other test could have its own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra dev)")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open the page of a service; at the end nothing may have been asked of others, refused by the rules, or failed."""
    opened = list[tuple[Any, str, list[str], list[str]]]()

    def open_page(url: str, **settings: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1180, "height": 900}, **settings})
        context.set_default_timeout(300_000)  # a loaded machine is slow without being wrong
        page, asked, wrong = context.new_page(), list[str](), list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if _is_fault(said) else None)
        page.goto(url)
        opened.append((context, url, asked, wrong))
        return page

    yield open_page
    for context, url, asked, wrong in opened:
        context.close()
        strangers = [one for one in asked if not one.startswith((url, "blob:", "data:"))]
        assert not strangers, f"asked of others: {strangers}"
        assert not wrong, wrong


def _is_fault(said: Any) -> bool:
    """Return whether a line of the console is a fault; a status that we answered on purpose is none."""
    return said.type in ("error", "warning") and "Failed to load resource" not in said.text
