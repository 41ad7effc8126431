"""How strongly a JPEG file was compressed, estimated from its quantisation table."""

from __future__ import annotations

import io

from PIL import Image

STANDARD_SUM = 3688
"""Sum of the luminance quantisation table of the JPEG standard (ITU-T T.81, table K.1)."""
FINEST_SUM = 64
"""Sum of a table of ones, what quality 100 gives."""


def jpeg_quality(data: bytes) -> int | None:
    """Return the quality setting that would give a JPEG's luminance table, on the scale of the IJG's library.

    The library multiplies the standard's table by S %, where S = 200 - 2 q for a quality q of 50 or more and 5000 / q
    below. S is estimated by the ratio of the tables' sums; it is exact to about one unit for files that the library
    (or Pillow or OpenCV) wrote at 20 or more (below, the table's entries are cut off at 255 and the estimate is too
    high), and a rank of fineness for those of others.

    Args:
        data: All bytes of the file.

    Returns:
        1 to 100; None where the file is no JPEG or carries no table.
    """
    with Image.open(io.BytesIO(data)) as image:
        tables: dict[int, list[int]] = getattr(image, "quantization", {})
    if not tables:
        return None
    total = sum(tables[min(tables)])
    if total <= FINEST_SUM:
        return 100
    scale = 100 * total / STANDARD_SUM
    quality = (200 - scale) / 2 if scale <= 100 else 5000 / scale  # noqa: PLR2004 - the library's formula
    return max(1, min(100, round(quality)))
