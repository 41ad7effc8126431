"""The service under load: none lost, none wrong, memory flat; and whether a cell's answer depends on its neighbours.

A real server (``leukoscope serve``, its own process) is asked by 32 clients at once, 2,000 requests in all: cells,
patients, maps, and in between requests past the limits, which it must refuse with the right status and go on. Every
answer is compared with the one that the same request had before the load, to the last digit; every refusal by its code.
Stated: requests a second; median, 95th and 99th percentile of the seconds to an answer, by kind; resident memory of the
server before, after a quarter and half of the requests, and at the end.

Then a second server, with a token and a line of 4, is asked 200 times more while 20 connections are held by clients who
never finish: some must be told to come again (429), none may be lost or wrong, and who has no token gets 401.

The exit code is 1 where an answer is lost or wrong, where memory at the end is more than a quarter above that after a
quarter of the requests, or where a refusal that must come does not.

    python benchmarks/bench_service.py                      a tiny bundle of drawn cells
    python benchmarks/bench_service.py --bundle BUNDLE --pictures FOLDER [--requests 2000] [--clients 32]
    python benchmarks/bench_service.py --batches BUNDLE     does the network say the same in batches of other sizes?
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import json
import math
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import polars as pl

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.opening import open_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.drawn import draw_cohort
from leukoscope.drawn.look import draw_look
from leukoscope.drawn.whole_field import draw_field
from leukoscope.inference.saying import framings_of
from leukoscope.models.building import build_model
from leukoscope.pictures.decode import decode_bytes, quiet
from leukoscope.pictures.framing import parse_framing
from leukoscope.randomness import generator
from leukoscope.recipes.schema import ModelSettings
from leukoscope.service.fixed_batches import FixedBatches

MOST_PICTURES, MOST_MEGABYTES = 60, 8
WAITS = 400
MOST_GROWTH = 1.25
CROWD, SHORT_LINE, SLOW = 200, 4, 20
TOKEN = "a-token-of-the-load-test"


@dataclass(frozen=True)
class Asked:
    """A request, and what must come of it.

    Args:
        kind: What it is called in the table.
        path: Where it goes.
        files: The form's files.
        data: Its other fields.
        status: What it must be answered with.
        code: The word for it in a refusal; None of an answer.
        answer: What it was answered before the load; None of a refusal.
    """

    kind: str
    path: str
    files: tuple[tuple[str, tuple[str, bytes]], ...]
    data: tuple[tuple[str, str], ...] = ()
    status: int = 200
    code: str | None = None
    answer: Any = None


@dataclass
class Tally:
    """What came of the load."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    again: int = 0


def main() -> None:
    """Run it."""
    options = parsed()
    if options.batches:
        same_in_batches(options.batches)
        return
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pictures = pictures_of(options.pictures, folder)
        bundle = options.bundle or tiny_bundle(folder)
        with server(bundle, options.queue) as (process, address):
            known = asked_of(address, pictures, options.clients)
            before = memory(process.pid)
            tally, halves, seconds = load(address, known, options, process.pid)
            memories = [before, *halves, memory(process.pid)]
            report(options, known, tally, seconds, memories)
            with asking(address) as client:
                print("after the load:", client.get("/readyz").json())
        wrong = [*tally.wrong, *grown(memories), *crowded(bundle, known, options, folder)]
        for text, number in Counter(wrong).most_common(10):
            print(f"WRONG, {number} x {text}")
        sys.exit(1 if wrong else 0)


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--pictures", type=Path, help="a folder of pictures of cells; drawn ones where not given")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--queue", type=int, default=64)
    parser.add_argument("--batches", type=Path, metavar="BUNDLE")
    return parser.parse_args()


def pictures_of(folder: Path | None, scratch: Path) -> list[bytes]:
    """Return the bytes of 40 pictures: of a folder, or drawn."""
    if folder is None:
        folder = draw_cohort(scratch / "drawn", patients=4, cells=10, size=64)
    endings = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}
    found = (path for path in folder.rglob("[!.]*") if path.suffix.lower() in endings)  # settings of macOS are none
    files = sorted(found)
    return [path.read_bytes() for path in files[:: max(len(files) // 40, 1)][:40]]


def tiny_bundle(scratch: Path) -> Path:
    """Train nothing: save a fresh small network as a bundle of cells."""
    settings = ModelSettings.model_validate({"backbone": "resnet18"})
    network, _ = build_model(settings, 1, seed=0, size=(64, 64))
    card = BundleCard("fresh", Classes(("hem", "all")), parse_framing([{"resize": 64}]), settings, threshold=0.5)
    save_bundle(scratch / "bundle", network, card)
    return scratch / "bundle"


@contextlib.contextmanager
def server(bundle: Path, queue: int, token: Path | None = None) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start ``leukoscope serve``; give its process and its address once it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "leukoscope", "serve", str(bundle), "--port", str(port), "--queue", str(queue)]
    words += ["--max-pictures", str(MOST_PICTURES), "--max-upload", str(MOST_MEGABYTES), "--device", "cpu"]
    words += [] if token is None else ["--token-file", str(token)]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(WAITS):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                    break
            if process.poll() is not None:
                sys.exit("The server has ended.")
            time.sleep(0.5)
        yield process, address
    finally:
        process.terminate()
        print("the server's exit code after SIGTERM:", process.wait(60))


def asking(address: str, token: str | None = TOKEN) -> httpx.Client:
    """Return a client; one of a server without a token does no harm with one."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=address, timeout=300, trust_env=False, headers=headers)


def grown(memories: list[float]) -> list[str]:
    """Return what is wrong with memory before, after a quarter, after half of the requests, and at the end."""
    _, quarter, *_, end = memories
    if math.isnan(end) or end <= MOST_GROWTH * quarter:
        return []
    return [f"memory grew from {quarter:.0f} to {end:.0f} MiB between a quarter of the requests and the end"]


def crowded(bundle: Path, known: list[Asked], options: argparse.Namespace, folder: Path) -> list[str]:
    """Ask a server with a token whose line is short, beside clients who never finish; return what is wrong."""
    token = folder / "token.txt"
    token.write_text(TOKEN, encoding="ascii")
    few = argparse.Namespace(**{**vars(options), "requests": CROWD})
    with server(bundle, SHORT_LINE, token) as (process, address), contextlib.ExitStack() as stack:
        host, _, port = address.removeprefix("http://").partition(":")
        for place in range(SLOW):
            slow = stack.enter_context(socket.create_connection((host, int(port))))
            slow.sendall(
                b"POST /v1/cells HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le" + b"ngth: 99\r\n\r\n" * (place % 2)
            )
        tally, _, seconds = load(address, known, few, process.pid)
        with asking(address, token=None) as stranger:
            status = stranger.post("/v1/cells", files=list(known[0].files)).status_code
    print(f"a line of {SHORT_LINE} and {SLOW} clients who never finish: {CROWD} requests, {seconds:.1f} s, ", end="")
    print(f"answered 429 and asked again: {tally.again}, wrong {len(tally.wrong)}; without the token: {status}")
    wrong = tally.wrong + (
        ["nobody was told to come again"] if options.clients > SHORT_LINE and not tally.again else []
    )
    return wrong + ([f"without the token: {status}, not 401"] if status != 401 else [])


def asked_of(address: str, pictures: list[bytes], clients: int) -> list[Asked]:
    """Return requests with the answers that they have one at a time, and some that must be refused."""
    task = httpx.get(f"{address}/v1/bundle", trust_env=False).json()["task"]
    asked = []
    for place in range(max(clients, 12)):
        chosen = [pictures[(place * 3 + step) % len(pictures)] for step in range(1 + place % 5)]
        files = tuple(("pictures", (f"{number}.png", content)) for number, content in enumerate(chosen))
        if task == "cells" and place % 4:
            asked.append(Asked("cells", "/v1/cells", files))
        elif place % 4 == 1:
            asked.append(Asked("explain", "/v1/explain", (("picture", files[0][1]),)))
        else:
            asked.append(Asked("patients", "/v1/patients", files))
    asked.append(Asked("explain", "/v1/explain", (("picture", ("a.png", pictures[0])),)))
    asked.append(Asked("zip", "/v1/patients", (("pictures", ("p.zip", packed(pictures[:6]))),)))
    asked.append(Asked("fields", "/v1/fields", (("pictures", ("field.png", field_of_a_smear())),)))
    with asking(address) as client:
        known = []
        for one in asked:
            found = client.post(one.path, files=list(one.files))
            assert found.status_code == 200, found.text
            known.append(Asked(one.kind, one.path, one.files, answer=found.json()))
    return [*known, *hostile(pictures[0])]


def field_of_a_smear() -> bytes:
    """Return a drawn field with two white cells."""
    look, chance = draw_look(0, "P01", "smear"), generator(1, "field")
    drawn = draw_field(["segmented_neutrophil"] * 2, size=240, look=look, generator=chance, field=60.0)
    return cv2.imencode(".png", drawn.pixels[:, :, ::-1])[1].tobytes()


def hostile(good: bytes) -> list[Asked]:
    """Return requests past the limits, each with the refusal that it must have.

    Args:
        good: A picture with which nothing is wrong, so that a request is refused for one reason alone.
    """
    many = tuple(("pictures", (f"{place}.png", b"x")) for place in range(MOST_PICTURES + 1))
    large = (("pictures", ("large.png", bytes((MOST_MEGABYTES + 1) << 20))),)
    climbing = (("pictures", ("cells.zip", packed([good], "../../climbs.png"))),)
    fine = (("pictures", ("cell.png", good)),)
    nan, huge = (("facts", '{"age": NaN}'),), (("pictures", ("bomb.png", bomb(60_000))),)
    drawing = (("pictures", ("cell.jpg", b"<svg></svg>")),)
    return [
        Asked("too many pictures", "/v1/cells", many, status=413, code="too_many_pictures"),
        Asked("too many bytes", "/v1/patients", large, status=413, code="too_large"),
        Asked("60,000 x 60,000 px", "/v1/patients", huge, status=422, code="unreadable"),
        Asked("climbing archive", "/v1/patients", climbing, status=422, code="zip_refused"),
        Asked("drawing", "/v1/patients", drawing, status=422, code="unreadable"),
        Asked("NaN", "/v1/patients", fine, data=nan, status=422, code="wrong_facts"),
    ]


def packed(contents: list[bytes], name: str = "{}.png") -> bytes:
    """Return a zip archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for number, content in enumerate(contents):
            opened.writestr(name.format(number), content)
    return archive.getvalue()


def bomb(side: int) -> bytes:
    """Return a PNG that claims to be so large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


def load(address: str, known: list[Asked], options: argparse.Namespace, pid: int) -> tuple[Tally, list[float], float]:
    """Ask; return what came of it, memory after a quarter and after half of the requests, and the seconds it took."""
    fair = [one for one in known if one.status == 200]
    rude = [one for one in known if one.status != 200]
    draw = random.Random(0)
    line = [draw.choice(rude) if place % 10 == 9 else draw.choice(fair) for place in range(options.requests)]
    tally, lock, numbers, memories = Tally(), threading.Lock(), itertools.count(1), list[float]()

    def client(part: list[Asked]) -> None:
        with asking(address) as session:
            for one in part:
                ask(session, one, tally, lock)
                done = next(numbers)
                if done in (options.requests // 4, options.requests // 2):
                    memories.append(memory(pid))

    started = time.monotonic()
    with ThreadPoolExecutor(options.clients) as pool:
        parts = [pool.submit(client, line[place :: options.clients]) for place in range(options.clients)]
        for part in parts:
            part.result()
    return tally, memories, time.monotonic() - started


def ask(session: httpx.Client, one: Asked, tally: Tally, lock: threading.Lock) -> None:
    """Ask once, and again where the answer is to come again; hold the answer against the known one."""
    began = time.monotonic()
    while True:
        try:
            found = session.post(one.path, files=list(one.files), data=dict(one.data))
        except httpx.HTTPError as error:
            with lock:
                tally.wrong.append(f"{one.kind}: lost, {type(error).__name__}")
            return
        if found.status_code != 429:
            break
        with lock:
            tally.again += 1
        time.sleep(float(found.headers["Retry-After"]) / 4)
    with lock:
        tally.seconds[one.kind].append(time.monotonic() - began)
        tally.statuses[one.kind, found.status_code] += 1
        if found.status_code != one.status:
            tally.wrong.append(f"{one.kind}: {found.status_code}, not {one.status}")
        elif one.code is not None and found.json()["error"]["code"] != one.code:
            tally.wrong.append(f"{one.kind}: refused as {found.json()['error']['code']}, not as {one.code}")
        elif one.answer is not None and found.json() != one.answer:
            tally.wrong.append(f"{one.kind}: another answer than before the load")


def memory(pid: int) -> float:
    """Return the resident memory of a process, MiB; NaN where the system does not say."""
    with contextlib.suppress(OSError):
        for text in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if text.startswith("VmRSS:"):
                return int(text.split()[1]) / 1024
    return float("nan")


def report(
    options: argparse.Namespace, known: list[Asked], tally: Tally, seconds: float, memories: list[float]
) -> None:
    """Print what was measured."""
    answered = sum(tally.statuses.values())
    print(f"{options.clients} clients, {options.requests:,} requests of {len(known)} kinds, {seconds:.1f} s, ", end="")
    print(f"{answered / seconds:.1f} requests a second; answered 429 and asked again: {tally.again}")
    print(f"answered {answered:,}, lost {options.requests - answered:,}, wrong {len(tally.wrong):,}")
    print("| request | number | status | median s | 95 % s | 99 % s |\n|---|---|---|---|---|---|")
    for kind, times in sorted(tally.seconds.items()):
        statuses = ", ".join(str(status) for name, status in sorted(tally.statuses) if name == kind)
        middle, high, highest = np.percentile(times, [50, 95, 99])
        print(f"| {kind} | {len(times)} | {statuses} | {middle:.3f} | {high:.3f} | {highest:.3f} |")
    fair = [one for kind in ("cells", "patients", "explain", "zip", "fields") for one in tally.seconds.get(kind, [])]
    print(f"all that is answered 200: 99 % within {np.percentile(fair, 99):.3f} s")
    named = ("before", "after a quarter", "after half", "at the end")
    told = [f"{name} {value:.0f}" for name, value in zip(named, memories, strict=False)]
    print("resident memory of the server, MiB:", ", ".join(told))


def same_in_batches(folder: Path) -> None:
    """Hold what a bundle says of cells in batches of each size beside what it says in batches of the service's size."""
    bundle = open_bundle(folder)
    with tempfile.TemporaryDirectory() as scratch, quiet():
        decoded = [decode_bytes(content).pixels for content in pictures_of(None, Path(scratch))]
    framed = [tuple(framing.apply(pixels) for framing in framings_of(bundle).values()) for pixels in decoded]
    see = FixedBatches(bundle)
    alone = np.concatenate([shares(see([one])) for one in framed])
    told: dict[str, Any] = {"size": see.size, "cells": len(framed)}
    for way in (1, 3, 8, len(framed)):
        rows = np.concatenate([shares(see(framed[at : at + way])) for at in range(0, len(framed), way)])
        told[f"fixed batches, {way} asked together"] = float(np.abs(rows - alone).max())
    for size in (1, 2, 3, 8, 16, 40):
        plain = FixedBatches(bundle, size)
        rows = np.concatenate([shares(plain(framed[at : at + size])) for at in range(0, len(framed), size)])
        told[f"batches of {size}"] = float(np.abs(rows - alone).max())
        started = time.monotonic()
        plain(framed[:size])
        told[f"milliseconds a cell, batches of {size}"] = round(1000 * (time.monotonic() - started) / size, 2)
    print(json.dumps(told, indent=1))


def shares(rows: pl.DataFrame) -> np.ndarray:
    """Return the probabilities of rows, and their distances where they have them."""
    return rows.select([name for name in rows.columns if name.startswith("p_") or name == "distance"]).to_numpy()


if __name__ == "__main__":
    main()
