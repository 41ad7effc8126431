"""The page on odd and damaged pictures says what the decoder says."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.pictures.decode import decode

PIXELS = np.random.default_rng(0).integers(0, 255, (24, 24, 3), dtype=np.uint8)


def encoded(image: Image.Image, kind: str, **settings: object) -> bytes:
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


RGB = Image.fromarray(PIXELS)
PNG, JPEG = encoded(RGB, "png"), encoded(RGB, "jpeg")
TURNED = Image.Exif()
TURNED[274] = 6
READ: dict[str, tuple[str, bytes]] = {
    "grey to RGB": ("a.png", encoded(RGB.convert("L"), "png")),
    "black and white to RGB": ("a.png", encoded(RGB.convert("1"), "png")),
    "palette to RGB": ("a.png", encoded(RGB.convert("P"), "png")),
    "alpha over white": ("a.png", encoded(Image.fromarray(np.dstack([PIXELS, PIXELS[:, :, 0]])), "png")),
    "alpha removed (opaque)": ("a.png", encoded(RGB.convert("RGBA"), "png")),
    "16-bit scaled to 8-bit": ("a.png", encoded(Image.fromarray(PIXELS[:, :, 0].astype(np.uint16) * 257), "png")),
    "CMYK to RGB": ("a.jpg", encoded(RGB.convert("CMYK"), "jpeg")),
    "turned by EXIF": ("a.jpg", encoded(RGB, "jpeg", exif=TURNED)),
    "first of several frames": ("a.tif", encoded(RGB, "tiff", save_all=True, append_images=[RGB, RGB])),
    "named .jpg but is PNG": ("a.jpg", PNG),
}
EXCLUDED: dict[str, bytes] = {
    "The file is empty (0 bytes).": b"",
    "The file starts with zeros: it was probably never written to the end.": bytes(4_000),
    "The picture is damaged or cut off: …": JPEG[: len(JPEG) // 2],
    "The picture is cut off: its end mark is missing.": PNG[:-8],
    "This is a web page (HTML), not a picture; the download probably went wrong.": b"<!DOCTYPE html><html></html>",
    "This is a Git LFS pointer, not the picture itself; run: git lfs pull.": b"version https://git-lfs.github.com/spec",
    "This is no picture of a known kind …": b"id,label\n1,all\n",
    "The picture claims to have more than 50 million pixels; it was not decoded.": encoded(
        Image.new("1", (8_000, 7_000)), "png"
    ),
}


@pytest.fixture(scope="module")
def page(pages: dict[Path, str], project: Path) -> str:
    """Return the page."""
    return pages[project / "docs" / "how-to" / "odd-and-damaged-pictures.md"]


@pytest.mark.parametrize("remark", READ)
def test_a_remark_on_the_page_is_made(remark: str, page: str, tmp_path: Path) -> None:
    name, data = READ[remark]
    (tmp_path / name).write_bytes(data)
    assert f"`{remark}`" in page
    assert any(said.startswith(remark) for said in decode(tmp_path / name).remarks)


@pytest.mark.parametrize("reason", EXCLUDED)
def test_a_reason_on_the_page_is_given(reason: str, page: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(EXCLUDED[reason])
    assert f"`{reason}`" in page
    with pytest.raises(DataError) as raised:
        decode(path)
    assert raised.value.what.startswith(reason.removesuffix("…"))


def test_the_page_gives_no_other_remarks_and_reasons(page: str) -> None:
    tables = page.partition("## Read, with a remark")[2].partition("One thing no decoder")[0]
    said = {text for line in tables.splitlines() if line.startswith("|") for text in re.findall(r"`([^`]+)`", line)}
    assert said == {*READ, *EXCLUDED, "The file is missing."}
