from __future__ import annotations

import numpy as np

from leukoscope.drawn import reference_pictures


def test_reference_pictures_are_always_the_same_and_all_different() -> None:
    pictures = reference_pictures(32)
    assert pictures.shape == (8, 32, 32, 3)
    assert pictures.dtype == np.uint8
    assert np.array_equal(pictures, reference_pictures(32))
    assert len({picture.tobytes() for picture in pictures}) == 8


def test_fewer_or_more_of_them_begin_alike() -> None:
    assert np.array_equal(reference_pictures(16, 12)[:3], reference_pictures(16, 3))
    assert reference_pictures(16, 0).shape == (0, 16, 16, 3)
    assert not np.array_equal(reference_pictures(16, 1), reference_pictures(16, 1, seed=1))


def test_both_backgrounds_are_among_them() -> None:
    corners = reference_pictures(32)[:, 0, 0].any(axis=1)
    assert 0 < corners.sum() < 8
