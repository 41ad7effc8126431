"""What a file is, by its first and last bytes: a picture, something else under a picture's name, or half of one."""

from __future__ import annotations

from leukoscope.errors import DataError

FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "PPM", "JPEG2000")
SUFFIXES = {
    ".jpg": ("JPEG", "MPO"),
    ".jpeg": ("JPEG", "MPO"),
    ".jpe": ("JPEG", "MPO"),
    ".jfif": ("JPEG", "MPO"),
    ".png": ("PNG",),
    ".bmp": ("BMP",),
    ".dib": ("BMP",),
    ".tif": ("TIFF",),
    ".tiff": ("TIFF",),
    ".webp": ("WEBP",),
    ".gif": ("GIF",),
    ".ppm": ("PPM",),
    ".pgm": ("PPM",),
    ".pbm": ("PPM",),
    ".pnm": ("PPM",),
    ".jp2": ("JPEG2000",),
    ".j2k": ("JPEG2000",),
}
"""The formats that a file name's ending promises."""

_HEAD = 1024
_PNG_END = b"IEND\xaeB`\x82"
_IMPOSTORS: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "This is a web page (HTML), not a picture; the download probably went wrong."),
    (b"<html", "This is a web page (HTML), not a picture; the download probably went wrong."),
    (b"<svg", "This is a drawing (SVG), not a picture made of pixels."),
    (b"version https://git-lfs", "This is a Git LFS pointer, not the picture itself; run: git lfs pull."),
    (b"%pdf-", "This is a PDF document, not a picture."),
    (b"pk\x03\x04", "This is a ZIP archive, not a picture."),
    (b"\x1f\x8b", "This is a gzip archive, not a picture."),
    (b"\x00\x00\x00\x01bud1", "This is a folder's settings file of macOS, not a picture."),
    (b"\x00\x05\x16\x07", "This is a resource file of macOS, not a picture."),
    (b"\x00" * 16, "The file starts with zeros: it was probably never written to the end."),
)
_STARTS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("JPEG", (b"\xff\xd8\xff",)),
    ("PNG", (b"\x89PNG\r\n",)),
    ("BMP", (b"BM",)),
    ("TIFF", (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")),
    ("WEBP", (b"RIFF",)),
    ("GIF", (b"GIF8",)),
    ("JPEG2000", (b"\x00\x00\x00\x0cjP", b"\xff\x4f\xff\x51")),
)


def refuse_impostors(data: bytes) -> None:
    """Refuse a file that is no picture whatever its name says.

    Args:
        data: All bytes of the file.

    Raises:
        DataError: the file is empty, a web page, an SVG drawing, an archive or the like; the error says which.
    """
    if not data:
        raise DataError("The file is empty (0 bytes).")
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").lower()
    if head.startswith((b"<?xml", b"<!--")):
        head = head[max(head.find(b"<svg"), head.find(b"<html"), 0) :]
    for start, what in _IMPOSTORS:
        if head.startswith(start):
            raise DataError(what)


def begun_format(data: bytes) -> str | None:
    """Return the format that a file's first bytes announce, whether or not the rest follows; None for an unknown one.

    Args:
        data: All bytes of the file.
    """
    return next((form for form, start in _STARTS if data.startswith(start)), None)


def refuse_cut_off(data: bytes, form: str) -> None:
    """Refuse a file whose end mark is missing, where the decoder itself would not notice.

    Pillow notices a missing end in every format of ``FORMATS`` but PNG, whose last 22 bytes it does not ask for.

    Args:
        data: All bytes of the file.
        form: The format as Pillow names it.

    Raises:
        DataError: the end mark is missing.
    """
    if form == "PNG" and _PNG_END not in data:
        raise DataError("The picture is cut off: its end mark is missing.")


def misnamed(suffix: str, form: str) -> str | None:
    """Return a remark where a file's ending promises another format than it has, else None.

    Example:
        >>> misnamed(".JPG", "PNG")
        'named .jpg but is PNG'
    """
    suffix = suffix.lower()
    return None if not suffix or form in SUFFIXES.get(suffix, ()) else f"named {suffix} but is {form}"
