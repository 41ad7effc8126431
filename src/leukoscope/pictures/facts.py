"""What is written down of every picture: its hashes, its size, and where its cell lies on a black background."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import polars as pl

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import Decoded

CORNER = 4
LIGHTEST = 0.9  # share of the pixels that are darker than the background for sure
SCHEMA: dict[str, pl.DataType] = {
    "bytes": pl.Int64(),
    "sha256": pl.String(),
    "pixels_sha256": pl.String(),
    "width": pl.Int32(),
    "height": pl.Int32(),
    "mode": pl.String(),
    "format": pl.String(),
    "remarks": pl.String(),
    "problem": pl.String(),
    "black_background": pl.Boolean(),
    "not_black": pl.Int64(),
    "box_left": pl.Int32(),
    "box_top": pl.Int32(),
    "box_right": pl.Int32(),
    "box_bottom": pl.Int32(),
    "mean_red": pl.Float64(),
    "mean_green": pl.Float64(),
    "mean_blue": pl.Float64(),
    "brightness": pl.Float64(),
    "contrast": pl.Float64(),
    "background_share": pl.Float64(),
    "background_red": pl.Float64(),
    "background_green": pl.Float64(),
    "background_blue": pl.Float64(),
    "jpeg_quality": pl.Int32(),
}
"""The columns of the pictures table, but ``id``."""


@dataclass(frozen=True)
class Facts:
    """One row of the pictures table, without the cell's id. What could not be found out is None.

    Args:
        bytes: Size of the file.
        sha256: SHA-256 of the file.
        pixels_sha256: SHA-256 of the picture's shape and RGB pixels: equal for one picture in two formats.
        width: In pixels.
        height: In pixels.
        mode: As the file stores a pixel (``RGB``, ``RGBA``, ``L``, ``P``, ``CMYK``, ``I;16``).
        format: ``BMP``, ``JPEG``, ``PNG``, ``TIFF``, ``WEBP``.
        remarks: What the decoder did, joined by semicolons.
        problem: Why the picture is unreadable, a sentence.
        black_background: Whether the four corners (4 x 4 pixels each) are pure black.
        not_black: Number of pixels with any channel above 0.
        box_left: First column of the bounding box of the pixels that are not black; None, as the other three, where
            the background is not black or nothing else is there.
        box_top: Its first row.
        box_right: The column after its last.
        box_bottom: The row after its last.
        mean_red: Mean (0 to 255) over the pixels that are not black where the background is, over all elsewhere.
        mean_green: As ``mean_red``.
        mean_blue: As ``mean_red``.
        brightness: Mean grey (0 to 255) over the same pixels.
        contrast: Standard deviation of grey over the same pixels.
        background_share: Share (0 to 1) of the pixels that are background: the black ones where the background is
            black, elsewhere those lighter than Otsu's threshold in the green channel, in which stained cells are dark.
        background_red: Mean (0 to 255) over the lightest tenth of the pixels (in the green channel, with those as light
            as its darkest); None where the background is black. They show the light and the stain of the plasma, and
            next to nothing of the cell. All pixels above Otsu's threshold do not: what counts as light then depends on
            how dark the cell is (of eight drawn kinds their mean told one with AUC 0.97; this tells none above 0.65).
        background_green: As ``background_red``.
        background_blue: As ``background_red``.
        jpeg_quality: 1 to 100, estimated (see ``jpeg_quality``); None of other formats.
    """

    bytes: int | None = None
    sha256: str | None = None
    pixels_sha256: str | None = None
    width: int | None = None
    height: int | None = None
    mode: str | None = None
    format: str | None = None
    remarks: str | None = None
    problem: str | None = None
    black_background: bool | None = None
    not_black: int | None = None
    box_left: int | None = None
    box_top: int | None = None
    box_right: int | None = None
    box_bottom: int | None = None
    mean_red: float | None = None
    mean_green: float | None = None
    mean_blue: float | None = None
    brightness: float | None = None
    contrast: float | None = None
    background_share: float | None = None
    background_red: float | None = None
    background_green: float | None = None
    background_blue: float | None = None
    jpeg_quality: int | None = None

    def as_row(self) -> dict[str, Any]:
        """Return the facts by the names of ``SCHEMA``."""
        return asdict(self)


def pixels_sha256(pixels: Pixels) -> str:
    """Return the SHA-256 of a picture's shape and pixels as 64 hexadecimal digits.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    digest = hashlib.sha256(np.array(pixels.shape, dtype="<i8").tobytes())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def measure(decoded: Decoded, size: int, sha256: str) -> Facts:
    """Return the facts of one decoded picture.

    Args:
        decoded: The picture.
        size: Bytes of its file.
        sha256: Of its file.
    """
    pixels = decoded.pixels
    shown = cv2.bitwise_not(cv2.inRange(pixels, (0, 0, 0), (0, 0, 0)))
    black = _corners_are_black(shown)
    left, top, width, height = cv2.boundingRect(shown) if black else (0, 0, 0, 0)
    means = _means(pixels, shown) if black else _means(pixels, None)
    brightness, contrast = _grey(pixels, shown) if black else _grey(pixels, None)
    lit = cv2.countNonZero(shown)
    beside = (None, None, None) if black else _means(pixels, _lightest(pixels))
    return Facts(
        bytes=size,
        sha256=sha256,
        pixels_sha256=pixels_sha256(pixels),
        width=decoded.width,
        height=decoded.height,
        mode=decoded.mode,
        format=decoded.format,
        remarks="; ".join(decoded.remarks) or None,
        black_background=black,
        not_black=lit,
        box_left=left if width else None,
        box_top=top if width else None,
        box_right=left + width if width else None,
        box_bottom=top + height if width else None,
        mean_red=means[0],
        mean_green=means[1],
        mean_blue=means[2],
        brightness=brightness,
        contrast=contrast,
        background_share=1 - lit / shown.size if black else _light_share(pixels),
        background_red=beside[0],
        background_green=beside[1],
        background_blue=beside[2],
        jpeg_quality=decoded.jpeg_quality,
    )


def _corners_are_black(shown: np.ndarray) -> bool:
    ends = (slice(None, CORNER), slice(-CORNER, None))
    return not any(shown[rows, columns].any() for rows in ends for columns in ends)


def _means(pixels: Pixels, mask: np.ndarray | None) -> tuple[float | None, float | None, float | None]:
    if mask is not None and not mask.any():
        return None, None, None
    red, green, blue, _ = cv2.mean(pixels, mask)
    return red, green, blue


def _grey(pixels: Pixels, mask: np.ndarray | None) -> tuple[float | None, float | None]:
    if mask is not None and not mask.any():
        return None, None
    mean, deviation = cv2.meanStdDev(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), mask=mask)
    return float(mean.item()), float(deviation.item())


def _light_share(pixels: Pixels) -> float:
    green = np.ascontiguousarray(pixels[:, :, 1])
    _, lighter = cv2.threshold(green, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return cv2.countNonZero(lighter) / green.size


def _lightest(pixels: Pixels) -> np.ndarray:
    """Return where the lightest tenth of the pixels lies, (h, w) uint8, 255 there and 0 elsewhere."""
    green = np.ascontiguousarray(pixels[:, :, 1])
    darker = np.cumsum(np.bincount(green.ravel(), minlength=256))
    least = int(np.searchsorted(darker, LIGHTEST * green.size))
    return cv2.inRange(green, np.array(least), np.array(255))
