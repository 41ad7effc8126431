from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.pictures import decode as decoding
from leukoscope.pictures.decode import MAX_PIXELS, Decoded, decode, decode_bytes, quiet

LOSSLESS: list[tuple[str, dict[str, object]]] = [
    ("PNG", {}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "tiff_deflate"}),
    ("WEBP", {"lossless": True}),
    ("PPM", {}),
    ("JPEG2000", {}),
]
LOSSY: list[tuple[str, dict[str, object]]] = [("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {})]


def picture() -> np.ndarray:
    coarse = np.random.default_rng(3).integers(0, 256, (6, 7, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (72, 50), interpolation=cv2.INTER_LINEAR))


def encoded(form: str, pixels: np.ndarray | None = None, mode: str | None = None, **options: object) -> bytes:
    image = Image.fromarray(picture() if pixels is None else pixels)
    written = io.BytesIO()
    (image.convert(mode) if mode else image).save(written, form, **options)
    return written.getvalue()


def tiff(pixels: np.ndarray, **options: object) -> bytes:
    written = io.BytesIO()
    tifffile.imwrite(written, pixels, **options)
    return written.getvalue()


def read(data: bytes) -> Decoded:
    with quiet():
        return decode_bytes(data)


def problem(data: bytes) -> str:
    with pytest.raises(DataError) as caught:
        read(data)
    return caught.value.what


@pytest.mark.parametrize(("form", "options"), LOSSLESS)
def test_lossless_formats_give_their_pixels(form: str, options: dict[str, object]) -> None:
    decoded = read(encoded(form, **options))
    assert np.array_equal(decoded.pixels, picture())
    assert (decoded.width, decoded.height, decoded.mode, decoded.format) == (72, 50, "RGB", form)
    assert decoded.remarks == ()
    assert decoded.pixels.flags.c_contiguous


@pytest.mark.parametrize(("form", "options"), LOSSLESS + LOSSY)
def test_every_cut_is_noticed(form: str, options: dict[str, object]) -> None:
    data = encoded(form, **options)
    cuts = {1, 2, 3, 5, 8, 12, 16, 21, 22, 40, 100, len(data) // 3, len(data) // 2, len(data) - 3, len(data) - 30}
    for cut in sorted(cuts):
        assert problem(data[: len(data) - cut]).endswith("."), f"cut by {cut} bytes"


def test_cut_jpeg_in_words() -> None:
    data = encoded("JPEG")
    assert problem(data[:-200]).startswith("The picture is damaged or cut off: image file is truncated")
    webp = encoded("WEBP")
    assert problem(webp[:5]) == "The picture is damaged or cut off: only its first bytes are WEBP."
    assert problem(encoded("PNG")[:-5]) == "The picture is cut off: its end mark is missing."


def test_jpeg_whose_end_was_never_written_is_noticed() -> None:
    data = encoded("JPEG")
    assert problem(data[: len(data) // 2] + bytes(len(data) // 2)).startswith("The picture is damaged or cut off")


def test_no_picture_in_words() -> None:
    page = "This is a web page (HTML), not a picture; the download probably went wrong."
    assert problem(b"") == "The file is empty (0 bytes)."
    assert problem(b"<!DOCTYPE html><html><body>404</body></html>") == page
    assert problem(b"\xef\xbb\xbf \n<HTML lang='en'>") == page
    assert (
        problem(b'<?xml version="1.0"?><!-- x --><svg xmlns="a">')
        == "This is a drawing (SVG), not a picture made of pixels."
    )
    assert problem(b"<svg/>") == "This is a drawing (SVG), not a picture made of pixels."
    assert problem(b"version https://git-lfs.github.com/spec/v1\n").startswith("This is a Git LFS pointer")
    assert problem(bytes(500)) == "The file starts with zeros: it was probably never written to the end."
    assert problem(b"hello") == ("This is no picture of a known kind (JPEG, PNG, BMP, TIFF, WEBP, GIF, PPM, JPEG2000).")


def test_sixteen_bits_are_scaled_by_257() -> None:
    deep = picture().astype(np.uint16) * 257
    for data in (
        cv2.imencode(".png", deep[:, :, ::-1])[1].tobytes(),
        cv2.imencode(".tiff", deep[:, :, ::-1])[1].tobytes(),  # LZW
        tiff(deep, photometric="rgb"),
        tiff(deep, photometric="rgb", byteorder=">"),
        tiff(deep, photometric="rgb", compression="zlib", predictor=True),
        tiff(np.moveaxis(deep, 2, 0).copy(), photometric="rgb", planarconfig="separate"),
    ):
        decoded = read(data)
        assert np.array_equal(decoded.pixels, picture())
        assert decoded.remarks == ("16-bit scaled to 8-bit",)


def test_sixteen_bits_are_rounded_to_nearest() -> None:
    values = np.array([[0, 128, 129, 257, 32_767, 65_406, 65_407, 65_535]], dtype=np.uint16)
    assert read(tiff(values)).pixels[0, :, 0].tolist() == [0, 0, 1, 1, 127, 254, 255, 255]


def test_sixteen_bit_grey_is_replicated() -> None:
    grey = picture()[:, :, 0].astype(np.uint16) * 257
    for data in (
        cv2.imencode(".png", grey)[1].tobytes(),
        tiff(grey),
        tiff(grey, byteorder=">"),
        tiff(65_535 - grey, photometric="miniswhite"),
    ):
        decoded = read(data)
        assert np.array_equal(decoded.pixels, np.repeat(picture()[:, :, :1], 3, axis=2))
        assert decoded.remarks == ("grey to RGB", "16-bit scaled to 8-bit")


def test_twelve_bits_in_sixteen_are_remarked_upon() -> None:
    [_, remark] = read(tiff(np.full((4, 4), 4_095, dtype=np.uint16))).remarks
    assert remark == "16-bit scaled to 8-bit (brightest value 4095: perhaps 12-bit, then it is too dark)"


def test_grey_palette_and_black_and_white() -> None:
    grey = read(encoded("PNG", picture()[:, :, 0]))
    assert np.array_equal(grey.pixels, np.repeat(picture()[:, :, :1], 3, axis=2))
    assert (grey.mode, grey.remarks) == ("L", ("grey to RGB",))
    few = (picture() // 128 * 128).astype(np.uint8)
    palette = read(encoded("PNG", few, mode="P"))
    assert np.array_equal(palette.pixels, np.asarray(Image.fromarray(few).convert("P").convert("RGB")))
    assert (palette.mode, palette.remarks) == ("P", ("palette to RGB",))
    assert read(encoded("PNG", mode="1")).remarks == ("black and white to RGB",)


def test_alpha_lies_over_white_and_is_removed_where_opaque() -> None:
    alpha = np.full((*picture().shape[:2], 1), 255, dtype=np.uint8)
    opaque = read(encoded("TIFF", np.dstack([picture(), alpha])))
    assert np.array_equal(opaque.pixels, picture())
    assert (opaque.mode, opaque.remarks) == ("RGBA", ("alpha removed (opaque)",))
    alpha[:10], alpha[10:20] = 0, 51
    seen = read(encoded("PNG", np.dstack([picture(), alpha])))
    assert seen.remarks == ("alpha over white",)
    assert (seen.pixels[:10] == 255).all()
    assert np.array_equal(seen.pixels[10:20], np.rint(picture()[10:20] * 0.2 + 255 * 0.8).astype(np.uint8))
    assert np.array_equal(seen.pixels[20:], picture()[20:])


def test_transparent_colour_and_grey_with_alpha() -> None:
    keyed = read(encoded("PNG", np.full((3, 3, 3), 9, dtype=np.uint8), transparency=(9, 9, 9)))
    assert keyed.remarks == ("alpha over white",)
    assert (keyed.pixels == 255).all()
    pair = read(encoded("PNG", mode="LA"))
    assert (pair.mode, pair.remarks) == ("LA", ("alpha removed (opaque)",))


def test_cmyk_is_converted() -> None:
    decoded = read(encoded("JPEG", mode="CMYK", quality=98))
    assert (decoded.mode, decoded.remarks) == ("CMYK", ("CMYK to RGB",))
    assert np.abs(decoded.pixels.astype(int) - picture()).max() < 12


TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@pytest.mark.parametrize("orientation", TURNS)
def test_exif_turns_plain_and_deep_pictures(orientation: int) -> None:
    turn = TURNS[orientation]
    image = Image.fromarray(picture())
    upright = np.asarray(image if turn is None else image.transpose(turn))
    exif = Image.Exif()
    exif[274] = orientation
    tag = [(274, "H", 1, orientation, True)]
    deep = picture().astype(np.uint16) * 257
    for data in (
        encoded("PNG", exif=exif),
        encoded("WEBP", lossless=True, exif=exif),
        tiff(picture(), photometric="rgb", extratags=tag),
        tiff(deep, photometric="rgb", extratags=tag),
    ):
        decoded = read(data)
        assert np.array_equal(decoded.pixels, upright)
        assert (decoded.height, decoded.width) == upright.shape[:2]
        assert ("turned by EXIF" in decoded.remarks) == (orientation != 1)


def test_exif_turned_jpeg() -> None:
    exif = Image.Exif()
    exif[274] = 6
    turned, plain = read(encoded("JPEG", exif=exif)), read(encoded("JPEG"))
    assert np.array_equal(turned.pixels, np.rot90(plain.pixels, 3))
    assert turned.remarks == ("turned by EXIF",)


def test_broken_exif_says_nothing_against_the_pixels() -> None:
    decoded = read(encoded("PNG", exif=b"Exif\0\0garbage!"))
    assert np.array_equal(decoded.pixels, picture())
    assert decoded.remarks == ("EXIF unreadable",)


def test_of_several_frames_the_first_is_taken() -> None:
    negative = Image.fromarray(255 - picture())
    several = read(encoded("TIFF", save_all=True, append_images=[negative, negative]))
    assert np.array_equal(several.pixels, picture())
    assert several.remarks == ("first of several frames",)
    moving = read(encoded("GIF", mode="P", save_all=True, append_images=[negative]))
    still = read(encoded("GIF", mode="P"))
    assert moving.remarks == ("first of several frames", "palette to RGB")
    assert np.array_equal(moving.pixels, still.pixels)


def pages(number: int, *, circle: bool = False, bits: int = 8) -> bytes:
    """Return a TIFF of one pixel in so many pages; the last one leads back to itself where they go in a circle."""
    kind = {8: 1, 64: 3}[bits]
    entries = [(256, 1), (257, 1), (258, bits), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, bits // 8)]
    entries += [(339, kind)]
    body = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in entries
    )
    size, first = len(body) + 4, 16
    following = [first + size * place for place in range(1, number)] + [first + size * (number - 1) if circle else 0]
    return b"II*\x00" + struct.pack("<I", first) + bytes(8) + b"".join(body + struct.pack("<I", at) for at in following)


@pytest.mark.parametrize(("number", "circle", "bits"), [(20_000, False, 8), (150, True, 8), (150, True, 64)])
def test_pages_without_end_hold_nobody_up(number: int, circle: bool, bits: int) -> None:
    data, started = pages(number, circle=circle, bits=bits), time.monotonic()
    decoded = read(data)
    assert time.monotonic() - started < 2  # to count them takes a minute, or for ever
    assert decoded.pixels.shape == (1, 1, 3)
    assert "first of several frames" in decoded.remarks


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_are_scaled_by_their_range(dtype: str) -> None:
    grey = picture()[:, :, 0]
    scaled = read(tiff((grey / 255.0).astype(dtype)))
    assert np.abs(scaled.pixels[:, :, 0].astype(int) - grey).max() <= (1 if dtype == "float16" else 0)
    assert scaled.remarks == ("grey to RGB", "float 0 to 1 scaled to 8-bit")
    colour = read(tiff(picture().astype(dtype), photometric="rgb"))
    assert np.array_equal(colour.pixels, picture())
    assert (colour.mode, colour.remarks) == (dtype, ("float 0 to 255 rounded to 8-bit",))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_is_refused(bad: float) -> None:
    pixels = np.zeros((8, 8), dtype=np.float32)
    pixels[2, 3] = bad
    assert problem(tiff(pixels)) == "The picture has values that are no numbers (NaN or infinity)."


def test_undefined_ranges_are_refused() -> None:
    wide = np.array([[0.0, 300.0]], dtype=np.float32)
    assert problem(tiff(wide)) == "The picture has values from 0 to 300; floats must lie in 0 to 1 or 0 to 255."
    below = problem(tiff(wide - 1))
    assert below == "The picture has values from -1 to 299; floats must lie in 0 to 1 or 0 to 255."
    way = "There is no defined way from {} to 8-bit RGB; save the picture as 8- or 16-bit grey or RGB."
    assert problem(tiff(np.ones((4, 4), dtype=np.int32))) == way.format("I")
    assert problem(encoded("TIFF", mode="LAB")) == way.format("LAB")


def bomb(side: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [int(MAX_PIXELS**0.5) + 1, 10_000, 60_000])
def test_decompression_bombs_are_refused_unread(side: int) -> None:
    assert problem(bomb(side)) == "The picture claims to have more than 50 million pixels; it was not decoded."


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_PIXELS", 3_000)
    claims = "The picture claims to have more than 0 million pixels."
    assert problem(tiff(np.ones((50, 72), dtype=np.float64))) == claims
    monkeypatch.setattr(decoding, "MAX_BYTES", 1 << 20)
    large = tmp_path / "large.bmp"
    large.write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(DataError, match=r"^The file is larger than 1 MiB\.\n  where: "):
        decode(large)


def test_fewer_pixels_may_be_asked_for() -> None:
    small = encoded("PNG")
    pixels = decode_bytes(small).pixels
    number = pixels.shape[0] * pixels.shape[1]
    assert np.array_equal(decode_bytes(small, number).pixels, pixels)
    with quiet(), pytest.raises(DataError, match=r"claims to have more than .* million pixels; it was not"):
        decode_bytes(small, number - 1)


def test_misnamed_pictures_are_read_with_a_remark(tmp_path: Path) -> None:
    misnamed = tmp_path / "cell.JPG"
    misnamed.write_bytes(encoded("PNG"))
    decoded = decode(misnamed)
    assert np.array_equal(decoded.pixels, picture())
    assert decoded.remarks == ("named .jpg but is PNG",)
    unnamed = tmp_path / "cell"
    unnamed.write_bytes(encoded("PNG"))
    assert decode(unnamed).remarks == ()


def test_errors_name_the_file(tmp_path: Path) -> None:
    page = tmp_path / "cell.jpg"
    page.write_text("<html>not found</html>")
    with pytest.raises(DataError) as caught:
        decode(page)
    assert str(caught.value) == (
        f"This is a web page (HTML), not a picture; the download probably went wrong.\n  where: {page}"
    )
    with pytest.raises(DataError, match=r"^The file is missing\.\n  where: "):
        decode(tmp_path / "absent.png")
    with pytest.raises(DataError, match=r"^This is no file\.\n  where: "):
        decode(tmp_path)


def test_decoders_stay_silent_on_damaged_files(tmp_path: Path) -> None:
    broken = {
        "a.tif": tiff(np.ones((9, 9), dtype=np.float64))[:-80],
        "b.png": bomb(10_000),
        "c.tif": encoded("TIFF")[:-30],
    }
    for name, data in broken.items():
        (tmp_path / name).write_bytes(data)
    code = (
        "import sys; from pathlib import Path; from leukoscope.pictures.decode import decode\n"
        "from leukoscope.errors import DataError\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try: decode(path)\n"
        "    except DataError: print(path.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == (["a.tif", "b.png", "c.tif"], "")


KINDS = [
    encoded("JPEG"),
    encoded("PNG", mode="P"),
    encoded("TIFF", compression="tiff_lzw"),
    encoded("WEBP"),
    encoded("GIF"),
    encoded("BMP"),
    tiff(np.ones((6, 7, 3), dtype=np.float32), photometric="rgb"),
    tiff(np.ones((6, 7, 3), dtype=np.uint16), photometric="rgb"),
]


@settings(max_examples=150, deadline=None)
@given(
    data=st.sampled_from(KINDS),
    places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes_give_a_picture_or_a_plain_error(data: bytes, places: list[tuple[float, int]]) -> None:
    damaged = bytearray(data)
    for place, value in places:
        # Headers hold most of what can go wrong: half of the flips go to the first 200 bytes.
        reach = len(damaged) if value % 2 else min(200, len(damaged))
        damaged[int(place * reach)] = value
    found: Decoded | DataError
    try:
        found = read(bytes(damaged))
    except DataError as error:
        found = error
    if isinstance(found, DataError):
        assert found.what.endswith(".")
        assert "0x" not in found.what
    else:
        assert found.pixels.dtype == np.uint8
        assert found.pixels.shape == (found.height, found.width, 3)
