"""From whatever a file holds to RGB uint8, with a remark for each step that changes a value."""

from __future__ import annotations

import io
import struct

import cv2
import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image

from leukoscope.errors import DataError

Pixels = npt.NDArray[np.uint8]

DEEP_MAXIMUM = 65_535
TWELVE_BITS = 4_096
_PNG_DEPTH_BYTE = 24
_TIFF_BITS, _TIFF_PHOTOMETRIC, _TIFF_PLANAR = 258, 262, 284
_WHITE_IS_ZERO, _SEPARATE = 0, 2
_SIXTEEN = 16
_PLAIN_MODES = {"1": "black and white to RGB", "L": "grey to RGB", "P": "palette to RGB", "CMYK": "CMYK to RGB"}
_ALPHA_MODES = ("RGBA", "LA", "PA", "RGBa", "La")
SEVERAL = "first of several frames"


def deep_colour(image: Image.Image, data: bytes) -> bool:
    """Whether a picture has 16 bits a colour, which Pillow silently cuts to 8.

    Args:
        image: The opened picture.
        data: The bytes of its file.
    """
    if image.mode not in ("RGB", "RGBA"):
        return False
    if image.format == "PNG":
        return data[_PNG_DEPTH_BYTE] == _SIXTEEN
    bits = _tiff_tag(image, _TIFF_BITS)
    return isinstance(bits, tuple) and max(bits) == _SIXTEEN


def in_planes(image: Image.Image) -> bool:
    """Whether a TIFF stores its colours one after the other, which OpenCV misreads."""
    return _tiff_tag(image, _TIFF_PLANAR) == _SEPARATE


def deep_pixels(data: bytes) -> np.ndarray:
    """Read 16-bit colours with OpenCV, which turns TIFF (but not PNG) pictures as their orientation says.

    Args:
        data: All bytes of a PNG or TIFF file.

    Returns:
        (h, w, 3 or 4) uint16, RGB or RGBA.

    Raises:
        DataError: OpenCV cannot read them.
    """
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:  # noqa: PLR2004 - axes
        raise DataError("The 16-bit colours of this picture cannot be read.")
    return np.asarray(pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]])


def pixels_of(image: Image.Image) -> tuple[np.ndarray, list[str]]:
    """Turn a loaded Pillow picture into an array: grey of 16 bits or floats, RGB or RGBA of 8 bits.

    Args:
        image: A picture whose pixels are loaded.

    Returns:
        The array, (h, w) or (h, w, 3 or 4), and the remarks.

    Raises:
        DataError: the colour space or the kind of number has no defined way to 8-bit RGB.
    """
    if image.mode.startswith("I;16") or image.mode == "F":
        grey = np.asarray(image)
        inverted = image.mode != "F" and _tiff_tag(image, _TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO
        return (DEEP_MAXIMUM - grey if inverted else grey), ["grey to RGB"]
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        remarks = [_PLAIN_MODES[image.mode]] if image.mode in _PLAIN_MODES else []
        return np.asarray(image.convert("RGBA")), remarks
    if image.mode in _PLAIN_MODES:
        return np.asarray(image.convert("RGB")), [_PLAIN_MODES[image.mode]]
    if image.mode == "RGB":
        return np.asarray(image), []
    raise DataError(_no_way(image.mode))


def tiff_pixels(data: bytes, most: int) -> tuple[np.ndarray, list[str]]:
    """Read the first page of a TIFF beyond Pillow: float colour, float64, 16-bit colours in planes.

    Args:
        data: All bytes of the file.
        most: How many pixels it may have.

    Returns:
        The array, (h, w) or (h, w, 3 or 4), of the page's own numbers and not turned by EXIF, and the remarks.

    Raises:
        DataError: it is too large, compressed in a way that is not supported, or no grey or RGB picture.
    """
    # Files of these makers would have all their pages loaded at once.
    with tifffile.TiffFile(io.BytesIO(data), is_lsm=False, is_scanimage=False, is_ndpi=False) as opened:
        page, several = opened.pages.first, _has_second_page(opened, data)
        if page.imagewidth * page.imagelength > most:
            raise DataError(f"The picture claims to have more than {most // 1_000_000} million pixels.")
        pixels = np.asarray(page.asarray())
        pixels = np.moveaxis(pixels, 0, -1) if page.axes.startswith("S") else pixels
    remarks = [SEVERAL] if several else []
    if pixels.ndim == 2:  # noqa: PLR2004 - axes
        return pixels, [*remarks, "grey to RGB"]
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4):  # noqa: PLR2004 - axes and channels
        return pixels, remarks
    raise DataError(f"A TIFF page of the shape {pixels.shape} is no grey or RGB picture.")


def _has_second_page(opened: tifffile.TiffFile, data: bytes) -> bool:
    """Whether a TIFF's first page names a next one; counting all would take hours where they go in a circle."""
    tiff, start = opened.tiff, opened.pages.first.offset
    (tags,) = struct.unpack_from(tiff.tagnoformat, data, start)
    (following,) = struct.unpack_from(tiff.offsetformat, data, start + tiff.tagnosize + tags * tiff.tagsize)
    return bool(following)


def to_eight_bits(pixels: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Scale values to 0 to 255: 16 bits by 1/257 (full range), floats from 0 to 1 by 255, floats up to 255 as they are.

    Args:
        pixels: Any shape; uint8, uint16 or float.

    Returns:
        The same shape as uint8 (rounded to nearest), and the remarks.

    Raises:
        DataError: NaN, infinity, values out of range, or another kind of number.
    """
    if pixels.dtype == np.uint8:
        return pixels, []
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize == 2:  # noqa: PLR2004 - bytes
        brightest = int(pixels.max(initial=0))
        dark = f" (brightest value {brightest}: perhaps 12-bit, then it is too dark)" if brightest < TWELVE_BITS else ""
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8), [f"16-bit scaled to 8-bit{dark}"]
    if pixels.dtype.kind == "f":
        return _from_floats(pixels)
    raise DataError(_no_way(str(pixels.dtype)))


def to_rgb(pixels: np.ndarray) -> tuple[Pixels, list[str]]:
    """Bring grey, RGB or RGBA to RGB.

    Grey is replicated; alpha is laid over white, as viewers show it, or removed where every pixel is opaque.

    Args:
        pixels: (h, w), (h, w, 3) or (h, w, 4) uint8.

    Returns:
        (h, w, 3) uint8, contiguous, and the remarks.
    """
    if pixels.ndim == 2:  # noqa: PLR2004 - axes
        return np.ascontiguousarray(np.repeat(pixels[:, :, None], 3, axis=2)), []
    if pixels.shape[2] == 3:  # noqa: PLR2004 - channels
        return np.ascontiguousarray(pixels), []
    colour, alpha = pixels[:, :, :3], pixels[:, :, 3:].astype(np.uint32)
    if int(alpha.min(initial=255)) == 255:  # noqa: PLR2004 - opaque
        return np.ascontiguousarray(colour), ["alpha removed (opaque)"]
    blended = (colour * alpha + 255 * (255 - alpha) + 127) // 255
    return blended.astype(np.uint8), ["alpha over white"]


def _from_floats(pixels: np.ndarray) -> tuple[np.ndarray, list[str]]:
    if not np.isfinite(pixels).all():
        raise DataError("The picture has values that are no numbers (NaN or infinity).")
    low, high = float(pixels.min(initial=0)), float(pixels.max(initial=0))
    if low < 0 or high > 255:  # noqa: PLR2004 - the range of 8 bits
        raise DataError(f"The picture has values from {low:g} to {high:g}; floats must lie in 0 to 1 or 0 to 255.")
    if high > 1:
        return np.rint(pixels).astype(np.uint8), ["float 0 to 255 rounded to 8-bit"]
    return np.rint(pixels * 255.0).astype(np.uint8), ["float 0 to 1 scaled to 8-bit"]


def _tiff_tag(image: Image.Image, tag: int) -> object:
    return image.tag_v2.get(tag) if image.format == "TIFF" and hasattr(image, "tag_v2") else None


def _no_way(kind: str) -> str:
    return f"There is no defined way from {kind} to 8-bit RGB; save the picture as 8- or 16-bit grey or RGB."
