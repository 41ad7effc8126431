"""Uploads that mean harm: each is refused with its reason, nothing is written, and the next request is answered."""

from __future__ import annotations

import asyncio
import builtins
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import GifImagePlugin, Image, TiffImagePlugin
from starlette.requests import Request
from starlette.testclient import TestClient

from leukoscope.service.limits import Limits
from leukoscope.service.refusal import Refusal
from leukoscope.service.room import Room
from leukoscope.service.upload import Upload, receive

Files = Callable[..., Any]


def bomb(side: int, raw: bytes = b"") -> bytes:
    """Return a PNG that claims to be so large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(raw or bytes(99))) + chunk(b"IEND", b"")


def packed(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=how)
    return content.getvalue()


def sent(client: TestClient, *files: tuple[str, bytes], path: str = "/v1/cells") -> tuple[int, dict[str, Any]]:
    answer = client.post(path, files=[("pictures", file) for file in files])
    return answer.status_code, answer.json().get("error", answer.json())


IMPOSTORS = {
    b"<svg xmlns='http://www.w3.org/2000/svg'></svg>": "This is a drawing (SVG), not a picture made of pixels.",
    b"<?xml version='1.0'?><svg></svg>": "This is a drawing (SVG), not a picture made of pixels.",
    b"<!DOCTYPE html><script>1</script>": "This is a web page (HTML), not a picture; the download probably went wrong.",
    b"%PDF-1.7": "This is a PDF document, not a picture.",
    b"": "The file is empty (0 bytes).",
    b"cell": "This is no picture of a known kind (JPEG, PNG, BMP, TIFF, WEBP, GIF, PPM, JPEG2000).",
    bomb(60_000): "The picture claims to have more than 0.5 million pixels; it was not decoded.",
    bomb(800): "The picture claims to have more than 0.5 million pixels; it was not decoded.",
}


@pytest.mark.parametrize("content", IMPOSTORS, ids=range(len(IMPOSTORS)))
def test_what_is_no_picture_is_refused_with_its_reason(content: bytes, asked: TestClient) -> None:
    status, error = sent(asked, ("cell.jpg", content))
    assert (status, error["code"], error["where"]) == (422, "unreadable", "cell.jpg")
    assert error["what"] == f"The picture cannot be read. {IMPOSTORS[content]}"


def endless(pages: int = 16_000) -> bytes:
    """Return a TIFF of one white pixel in so many pages, of which the last leads back to the first."""
    entries = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1)]
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHIHH", tag, 3, 1, to, 0) for tag, to in entries)
    first, size = 16, len(body) + 4
    following = [first + size * place for place in (*range(1, pages), 0)]
    return (
        b"II*\x00"
        + struct.pack("<I", first)
        + bytes([255] * 8)
        + b"".join(body + struct.pack("<I", to) for to in following)
    )


def test_a_picture_without_end_holds_nobody_up(asked: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [Image.new("L", (40, 40), shade) for shade in range(9, 99)]
    frames[0].save(moving := io.BytesIO(), "gif", save_all=True, append_images=frames[1:])

    def counting(_: object) -> int:
        raise AssertionError("to count them takes minutes, or for ever")

    for kind in (GifImagePlugin.GifImageFile, TiffImagePlugin.TiffImageFile):
        monkeypatch.setattr(kind, "n_frames", property(counting))
    status, answer = sent(asked, ("a.tif", endless()), ("a.gif", moving.getvalue()))
    assert status == 200
    assert [cell["problem"] for cell in answer["cells"]] == [None, None]


def test_a_picture_that_fills_the_memory_once_it_is_squared_is_refused(asked: TestClient) -> None:
    narrow = cv2.imencode(".png", np.full((40, 1001, 3), 9, np.uint8))[1].tobytes()
    assert sent(asked, ("a.png", cv2.imencode(".png", np.full((40, 1000, 3), 9, np.uint8))[1].tobytes()))[0] == 200
    what = "The picture cannot be read. The picture is too long and narrow to be framed: 1,001 x 40 pixels."
    assert sent(asked, ("a.png", narrow))[1]["what"] == what


def test_where_others_can_be_read_it_is_only_a_row(asked: TestClient, one_picture: Callable[..., bytes]) -> None:
    status, answer = sent(asked, ("a.png", one_picture()), ("b.jpg", bomb(60_000)))
    assert status == 200
    assert [cell["problem"] for cell in answer["cells"]] == [None, IMPOSTORS[bomb(60_000)]]


def test_archives_are_read_where_they_are(asked: TestClient, one_picture: Callable[..., bytes]) -> None:
    content = packed({"P1/2.png": one_picture(2), "P1/1.png": one_picture(1), "notes.txt": b"x"})
    status, answer = sent(asked, ("cells.zip", content))
    assert status == 200
    assert [(cell["name"], cell["problem"]) for cell in answer["cells"]] == [("P1/1.png", None), ("P1/2.png", None)]
    assert answer["notes"][0] == "Left out, not being pictures: 1 file (notes.txt)."


def test_archives_that_mean_harm_are_refused(
    asked: TestClient, one_picture: Callable[..., bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    climbing = packed({"../../climbed.png": one_picture(), "a.png": one_picture()})
    said = "A name in the archive climbs out of it (..): no program that packs pictures does that."
    status, error = sent(asked, ("cells.zip", climbing))
    assert (status, error["code"], error["what"]) == (422, "zip_refused", said)
    assert sent(asked, ("cells.zip", packed({"a/..\\..\\b.png": one_picture()})))[1]["what"] == said
    tiny = packed({f"{place}.png": b"x" for place in range(10_000)}, zipfile.ZIP_STORED)
    assert sent(asked, ("cells.zip", tiny))[1]["what"] == "This archive holds more than 120 files."
    some = packed({f"{place}.png": b"x" for place in range(31)})
    assert sent(asked, ("cells.zip", some))[0] == 413
    unpacking = packed({"bomb.bmp": bytes(9 << 20)})
    assert sent(asked, ("cells.zip", unpacking))[1]["what"] == "The archive unpacks to more than 8 MiB."
    ratio = packed({"bomb.bmp": bytes((2 << 20) - 9)})
    assert "times smaller than it is, as no picture of a cell is." in sent(asked, ("cells.zip", ratio))[1]["what"]
    nested = packed({"inner.zip": packed({"a.png": one_picture()})})
    assert sent(asked, ("cells.zip", nested))[1]["what"] == "The archive holds no picture."
    broken = packed({"a.png": one_picture()})[:-30]
    assert sent(asked, ("cells.zip", broken))[1]["code"] == "zip_refused"
    assert list(tmp_path.iterdir()) == []
    assert sent(asked, ("a.png", one_picture()))[0] == 200


def test_ten_thousand_tiny_files_are_refused(asked: TestClient) -> None:
    answer = asked.post("/v1/cells", files=[("pictures", (f"{place}.png", b"x")) for place in range(10_000)])
    assert answer.status_code == 413
    assert answer.json()["error"]["what"] == "A request may hold 30 pictures at most."


def test_too_many_bytes_are_refused_stated_or_not(asked: TestClient) -> None:
    large = bytes(3 << 20)
    status, error = sent(asked, ("a.png", large))
    assert (status, error["code"], error["what"]) == (413, "too_large", "A request may hold 2 MiB at most.")

    def unstated() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="pictures"; filename="a"\r\n\r\n'
        for _ in range(48):
            yield large[: 64 << 10]

    answer = asked.post("/v1/cells", content=unstated(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert asked.app_state["served"].room.taken == 0


def test_facts_that_are_none_are_refused(asked_of_patients: TestClient, pictures: Files) -> None:
    for text in ('{"age": NaN}', '{"age": "61"}', '{"age": 1e400}', '{"__class__": 1}', '{"\\ud800": 1}'):
        answer = asked_of_patients.post("/v1/patients", files=pictures(1), data={"facts": text})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "wrong_facts")


def slow_request() -> Request:
    """Return a request whose body never ends."""

    async def hear() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"--x\r\n" if not heard else b"", "more_body": not heard.append(1)}

    heard: list[int] = []
    head = [(b"content-type", b"multipart/form-data; boundary=x")]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": head}, hear)


def test_whoever_is_too_slow_is_not_waited_for() -> None:
    upload, room = Upload(), Room(100)
    with pytest.raises(Refusal) as caught:
        asyncio.run(receive(slow_request(), Limits(seconds=0.1), room, upload, 5))
    assert (caught.value.status, caught.value.what) == (408, "The pictures did not arrive within 0.1 seconds.")
    assert room.taken == upload.bytes == 5


def test_uploads_that_do_not_fit_into_memory_together_come_again() -> None:
    room = Room(4)
    with pytest.raises(Refusal) as caught:
        asyncio.run(receive(slow_request(), Limits(seconds=5), room, Upload(), 5))
    assert (caught.value.status, caught.value.after, room.taken) == (429, 2, 0)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What is opened to be written while the test runs."""
    found: list[object] = []

    def noting(real: Callable[..., Any]) -> Callable[..., Any]:
        def opens(file: Any, mode: Any = "r", *rest: Any, **more: Any) -> Any:
            if (isinstance(mode, int) and mode & (os.O_WRONLY | os.O_RDWR)) or (
                isinstance(mode, str) and set(mode) & set("wax+")
            ):
                found.append(file)
            return real(file, mode, *rest, **more)

        return opens

    for home, name in ((builtins, "open"), (io, "open"), (os, "open")):
        monkeypatch.setattr(home, name, noting(getattr(home, name)))
    with Path(os.devnull).open("wb"):
        assert found == [Path(os.devnull)]  # it does notice
    found.clear()
    yield found
    monkeypatch.undo()


def test_nothing_touches_the_disk(asked: TestClient, one_picture: Callable[..., bytes], written: list[object]) -> None:
    large = one_picture(1, 650)  # above 1 MB, where libraries take files on the disk for forms
    assert len(large) > 1 << 20
    archive = packed({"P/1.png": one_picture(2, 600), "P/2.png": one_picture(3)})
    for path, field in (
        ("cells", "pictures"),
        ("patients", "pictures"),
        ("explain", "picture"),
        ("fields", "pictures"),
    ):
        for file in (("a.png", large), ("a.zip", archive))[: 1 if path == "explain" else 2]:
            answer = asked.post(f"/v1/{path}", files=[(field, file)])
            assert answer.status_code == 200, answer.text
    assert written == []
