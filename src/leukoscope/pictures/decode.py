"""One picture file to RGB pixels: damaged is told from whole, and whatever is changed on the way is said.

Pillow decodes (on pictures of blood cells it is as fast as OpenCV and gives the same pixels); OpenCV reads 16-bit
colour, which Pillow would cut to 8 bits, and tifffile those TIFF files that Pillow does not know. What no decoder can
tell is a JPEG whose middle was overwritten but whose end is there.
"""

from __future__ import annotations

import contextlib
import io
import logging
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from leukoscope.errors import DataError
from leukoscope.pictures import conversion
from leukoscope.pictures.containers import FORMAT, packed_picture
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.jpeg_quality import jpeg_quality
from leukoscope.pictures.recognition import FORMATS, begun_format, misnamed, refuse_cut_off, refuse_impostors

MAX_PIXELS = 50_000_000
"""Largest picture that is decoded, in pixels (150 MB as RGB); a header that claims more is refused unread."""
MAX_BYTES = 1 << 30
"""Largest file that is read, in bytes."""
DECODER_VERSION = 1
"""Raised whenever the same file would give other pixels; stores and cached facts of other versions are not used."""

_ORIENTATION = 274
_TURNS = {2: (0, -1), 3: (2, 1), 4: (2, -1), 5: (3, -1), 6: (3, 1), 7: (1, -1), 8: (1, 1)}


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture as it was read.

    Args:
        pixels: (height, width, 3) uint8, RGB.
        width: In pixels, after turning.
        height: In pixels, after turning.
        mode: How the file stores a pixel, in Pillow's words: ``RGB``, ``RGBA``, ``L``, ``P``, ``CMYK``, ``I;16``; the
            kind of number (``float64``) where Pillow has no word.
        format: The file's format: ``JPEG``, ``PNG``, ``TIFF``; ``NPZ`` for a picture within an npz file.
        remarks: What was done to reach 8-bit RGB: ``16-bit scaled to 8-bit``, ``alpha over white``.
        jpeg_quality: 1 to 100, as estimated by ``jpeg_quality``; None of other formats.
    """

    pixels: Pixels
    width: int
    height: int
    mode: str
    format: str
    remarks: tuple[str, ...]
    jpeg_quality: int | None = None


@dataclass(frozen=True, eq=False)
class Content:
    """The bytes of one picture, not yet decoded.

    Args:
        data: All bytes of its file; of a picture within an npz file its pixels, row by row, three bytes each (RGB).
        shape: (height, width, 3) of a picture within an npz file; None for a file of its own.
    """

    data: bytes
    shape: tuple[int, ...] | None = None


def decode(path: Path) -> Decoded:
    """Read one picture: a file, or one within an npz file (``bloodmnist.npz/train_images/17``).

    A file that is misnamed is read and remarked upon. Of several frames the first is taken. To read many files in
    threads use ``take_in``: this function silences the decoders' own warnings, which is not safe in threads.

    Args:
        path: The file.

    Raises:
        DataError: the file is missing, empty, no picture, cut off, damaged, or larger than ``MAX_PIXELS``.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.new("L", (3, 2), 7).save(Path(folder, "grey.png"))
        ...     decoded = decode(Path(folder, "grey.png"))
        >>> decoded.pixels.shape, decoded.mode, decoded.remarks
        ((2, 3, 3), 'L', ('grey to RGB',))
    """
    try:
        content = read_content(path)
        with quiet():
            decoded = decode_content(content)
    except DataError as error:
        raise DataError(error.what, where=str(path)) from error
    remark = misnamed(path.suffix, decoded.format)
    return decoded if remark is None else replace(decoded, remarks=(*decoded.remarks, remark))


def read_content(path: Path) -> Content:
    """Read the bytes of one picture, wherever it lies.

    Args:
        path: A file, or the address of a picture within an npz file.

    Raises:
        DataError: as ``read_bytes``; or the npz file is damaged or holds no such picture.
    """
    packed = packed_picture(path, MAX_PIXELS)
    return Content(read_bytes(path)) if packed is None else Content(*packed)


def decode_content(content: Content, most_pixels: int | None = None) -> Decoded:
    """Decode the bytes of one picture; call it within ``quiet()``.

    Args:
        content: What ``read_content`` returned.
        most_pixels: A picture whose header claims more is refused unread; ``MAX_PIXELS`` where None.

    Raises:
        DataError: as ``decode``; without the place, which is not known here.
    """
    if content.shape is None:
        return decode_bytes(content.data, most_pixels)
    pixels = np.frombuffer(bytearray(content.data), np.uint8).reshape(content.shape)
    height, width = content.shape[:2]
    return Decoded(pixels, width, height, "RGB", FORMAT, ())


def read_bytes(path: Path) -> bytes:
    """Read a file whole.

    Raises:
        DataError: it is missing, is no file, is larger than ``MAX_BYTES``, or may not be read.
    """
    try:
        if not path.is_file():
            raise DataError("This is no file." if path.exists() else "The file is missing.")
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"The file is larger than {MAX_BYTES >> 20} MiB.")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"The file cannot be read: {error.strerror or error}.") from error


def decode_bytes(data: bytes, most_pixels: int | None = None) -> Decoded:
    """Decode the bytes of one picture file; call it within ``quiet()``.

    Args:
        data: All bytes of the file.
        most_pixels: As of ``decode_content``.

    Raises:
        DataError: as ``decode``; without the place, which is not known here.
    """
    refuse_impostors(data)
    most = MAX_PIXELS if most_pixels is None else most_pixels
    try:
        pixels, mode, form, remarks = _stored_pixels(data, most)
    except (DataError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise _too_large(most) from None
    except Exception as error:  # a damaged file makes a decoder raise nearly anything
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise DataError(f"The picture is damaged or cut off: {reason}.") from error
    eight, scaled = conversion.to_eight_bits(pixels)
    rgb, flattened = conversion.to_rgb(eight)
    height, width = rgb.shape[:2]
    quality = jpeg_quality(data) if form == "JPEG" else None
    return Decoded(rgb, width, height, mode, form, (*remarks, *scaled, *flattened), quality)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the decoders' own warnings (corrupt EXIF, large pictures) off the screen; not for use in threads.

    The thread that starts others enters it once for all of them.
    """
    silent, logger = logging.NullHandler(), logging.getLogger("tifffile")
    logger.addHandler(silent)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")
            warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
            yield
    finally:
        logger.removeHandler(silent)


def _stored_pixels(data: bytes, most_pixels: int) -> tuple[np.ndarray, str, str, list[str]]:
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        begun = begun_format(data)
        if begun is None:
            raise DataError(f"This is no picture of a known kind ({', '.join(FORMATS)}).") from None
        if begun != "TIFF":
            raise DataError(f"The picture is damaged or cut off: only its first bytes are {begun}.") from None
        pixels, remarks = conversion.tiff_pixels(data, most_pixels)
        return pixels, str(pixels.dtype), "TIFF", remarks
    with image:
        return _loaded_pixels(image, data, most_pixels)


def _loaded_pixels(image: Image.Image, data: bytes, most_pixels: int) -> tuple[np.ndarray, str, str, list[str]]:
    if image.width * image.height > most_pixels:
        raise _too_large(most_pixels)
    # ``n_frames`` walks all frames of a file, which may be millions; this looks for a second one.
    mode, form, several = image.mode, str(image.format), bool(getattr(image, "is_animated", False))
    orientation, remarks = _orientation(image)
    # Loading comes first in any case: it is Pillow that notices damage.
    image.load()
    refuse_cut_off(data, form)
    deep = conversion.deep_colour(image, data)
    if deep and conversion.in_planes(image):
        pixels, remarks = conversion.tiff_pixels(data, most_pixels)
        return pixels, mode, form, remarks
    pixels, converted = (conversion.deep_pixels(data), []) if deep else conversion.pixels_of(image)
    remarks += [conversion.SEVERAL] if several else []
    if orientation in _TURNS:
        remarks.append("turned by EXIF")
        # TIFF pictures come turned from Pillow and OpenCV alike.
        pixels = pixels if form == "TIFF" else _turned(pixels, orientation)
    return pixels, mode, form, [*remarks, *converted]


def _too_large(most_pixels: int) -> DataError:
    millions = f"{most_pixels / 1_000_000:g} million pixels"
    return DataError(f"The picture claims to have more than {millions}; it was not decoded.")


def _orientation(image: Image.Image) -> tuple[int, list[str]]:
    try:
        return int(image.getexif().get(_ORIENTATION, 1)), []
    except (SyntaxError, ValueError, TypeError, KeyError, struct.error):
        # A broken EXIF block says nothing against the pixels.
        return 1, ["EXIF unreadable"]


def _turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    quarters, mirror = _TURNS[orientation]
    return np.rot90(pixels, quarters)[:, ::mirror]
