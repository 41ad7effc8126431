"""Values and pictures as JSON takes them."""

from __future__ import annotations

import base64
import math
import re
from typing import Any

import cv2

from leukoscope.cohort.classes import Classes
from leukoscope.pictures.conversion import Pixels
from leukoscope.predictions.table import probability_column


def number(value: Any) -> float | None:  # noqa: ANN401 - a number of any kind
    """Return a number; None where it is none, which JSON has no word for.

    Example:
        >>> number(0.5), number(float("inf")), number(None)
        (0.5, None, None)
    """
    return None if value is None or not math.isfinite(value) else float(value)


def sentence(note: str) -> str:
    """Return a note that was written for a reader of tables without the column's name.

    Example:
        >>> sentence("2 cells to be referred (column 'referred'). Look at them.")
        '2 cells to be referred. Look at them.'
    """
    return re.sub(r" \(column '\w+'\)", "", note)


def shares_of(row: dict[str, Any], classes: Classes) -> dict[str, float | None]:
    """Return the probabilities in a row of predictions, by class."""
    return {name: number(row[probability_column(name)]) for name in classes.names}


def png(pixels: Pixels) -> str:
    """Return a picture as a data URI.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    _, coded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return data_uri("png", coded.tobytes())


def data_uri(kind: str, content: bytes) -> str:
    """Return a picture's bytes as a data URI.

    Args:
        kind: ``png`` or ``jpeg``.
        content: The bytes of its file.
    """
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
