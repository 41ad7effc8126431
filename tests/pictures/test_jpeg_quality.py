from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from leukoscope.pictures.decode import decode_bytes
from leukoscope.pictures.jpeg_quality import jpeg_quality

PIXELS = np.random.default_rng(0).integers(0, 255, (24, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize("quality", [20, 30, 49, 50, 51, 60, 75, 90, 95, 98, 100])
@pytest.mark.parametrize("writer", ["Pillow", "OpenCV"])
def test_the_setting_is_found_again(quality: int, writer: str) -> None:
    if writer == "OpenCV":
        data = cv2.imencode(".jpg", PIXELS, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
    else:
        written = io.BytesIO()
        Image.fromarray(PIXELS).save(written, "JPEG", quality=quality)
        data = written.getvalue()
    found = jpeg_quality(data)
    assert found is not None
    assert abs(found - quality) <= 1
    assert decode_bytes(data).jpeg_quality == found


def test_other_formats_have_none() -> None:
    written = io.BytesIO()
    Image.fromarray(PIXELS).save(written, "PNG")
    assert jpeg_quality(written.getvalue()) is None
    assert decode_bytes(written.getvalue()).jpeg_quality is None
