from __future__ import annotations

from collections.abc import Callable

import pytest

from leukoscope.errors import DataError
from leukoscope.pictures.recognition import begun_format, misnamed, refuse_cut_off, refuse_impostors


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"%PDF-1.7", "This is a PDF document, not a picture."),
        (b"PK\x03\x04", "This is a ZIP archive, not a picture."),
        (b"\x1f\x8b\x08", "This is a gzip archive, not a picture."),
        (b"\x00\x00\x00\x01Bud1", "This is a folder's settings file of macOS, not a picture."),
        (b"\x00\x05\x16\x07\x00", "This is a resource file of macOS, not a picture."),
        (b"<!-- saved --><html>", "This is a web page (HTML), not a picture; the download probably went wrong."),
    ],
)
def test_impostors_are_named(start: bytes, what: str) -> None:
    with pytest.raises(DataError) as caught:
        refuse_impostors(start + b"rest")
    assert caught.value.what == what


def refused(check: Callable[[], None]) -> bool:
    """Whether a check raises."""
    try:
        check()
    except DataError:
        return True
    return False


def test_only_what_is_no_picture_is_refused() -> None:
    assert refused(lambda: refuse_impostors(b"<!-- saved --><html>"))
    assert not refused(lambda: refuse_impostors(b"\xff\xd8\xff\xe0 and so on"))
    assert not refused(lambda: refuse_impostors(b"BM"))
    assert not refused(lambda: refuse_cut_off(b"no end mark", "JPEG"))


def test_formats_by_their_first_bytes() -> None:
    assert begun_format(b"\xff\xd8\xff\xe1") == "JPEG"
    assert begun_format(b"MM\x00*") == "TIFF"
    assert begun_format(b"hello") is None


def test_names_that_promise_another_format() -> None:
    assert misnamed(".jpeg", "MPO") is None
    assert misnamed(".TIF", "TIFF") is None
    assert misnamed("", "PNG") is None
    assert misnamed(".png", "BMP") == "named .png but is BMP"
    assert misnamed(".dat", "BMP") == "named .dat but is BMP"
