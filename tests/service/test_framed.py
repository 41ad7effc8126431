from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from leukoscope.pictures.decode import Content
from leukoscope.pictures.framing import parse_framing
from leukoscope.service.framed import frame
from leukoscope.service.sent import Sent


def test_what_is_cut_out_of_a_picture_does_not_keep_the_picture(one_picture: Callable[..., bytes]) -> None:
    content = one_picture(1, 60)
    framings = [parse_framing([{"center_crop": side}]) for side in (20, [20, 60], 60)]
    found = frame(Sent("a.png", lambda: Content(content)), framings, 10_000)
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    assert found.problem is None
    for way, part in zip(found.ways, (pixels[20:40, 20:40], pixels[20:40], pixels), strict=True):
        assert np.array_equal(way, part)
        assert way.base is None
