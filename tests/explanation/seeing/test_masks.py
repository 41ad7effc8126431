from __future__ import annotations

import cv2
import numpy as np

from leukoscope.explanation.seeing.masks import ON_BLACK, cell_mask, on_its_black
from leukoscope.pictures.framing import parse_framing


def test_the_mask_of_a_cell_on_black_is_the_same_whether_its_contrast_is_equalised() -> None:
    picture = np.zeros((96, 96, 3), dtype=np.uint8)
    cv2.circle(picture, (48, 48), 30, (150, 60, 140), -1)
    cv2.circle(picture, (48, 48), 20, (90, 20, 110), -1)
    plain = parse_framing([{"resize": 64}])
    lit = parse_framing([{"clahe": {"clip": 2.0, "tiles": 8}}, {"resize": 64}])
    assert lit.apply(picture)[0, 0].max() > 0  # the black is gone
    found = cell_mask(on_its_black(lit).apply(picture))
    assert found.how == ON_BLACK
    assert np.array_equal(found.mask, cell_mask(plain.apply(picture)).mask)
