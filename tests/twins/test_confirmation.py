from __future__ import annotations

import io
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from leukoscope.twins.alignment import Move
from leukoscope.twins.confirmation import CENTRED, Likeness, compare
from leukoscope.twins.figures import Figure, figure

Drawn = Callable[..., np.ndarray]


def shown(pixels: np.ndarray) -> Figure:
    found = figure(pixels)
    assert found is not None
    return found


def jpeg(pixels: np.ndarray) -> np.ndarray:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=60)
    return np.array(Image.open(written))


@pytest.mark.parametrize("field", [False, True])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("degrees", [0, 44.4, 180, 271])
def test_a_changed_copy_is_the_same_cell(
    field: bool, flipped: bool, degrees: float, cell: Drawn, turned: Drawn
) -> None:
    pixels = cell(11, field=field)
    copy = turned(pixels, degrees, flipped=flipped, shift=(-7, 5))
    copy = jpeg(np.clip(255 * (copy / 255) ** 1.2 * [0.9, 1.1, 0.8], 0, 255).astype(np.uint8))
    found = compare(shown(pixels), shown(copy))
    assert found is not None
    assert found.same_cell
    assert found.correlation > 0.8
    assert found.move.flipped == flipped
    assert abs((found.move.degrees - degrees + 180) % 360 - 180) < 0.5
    assert found.shift == pytest.approx(np.hypot(7, 5) / 200 if field else 0, abs=0.005)


@pytest.mark.parametrize("field", [False, True])
def test_two_cells_never_are(field: bool, cell: Drawn) -> None:
    figures = [shown(cell(seed, field=field)) for seed in range(12)]
    found = [compare(one, two) for one, two in combinations(figures, 2)]
    assert max(likeness.correlation for likeness in found if likeness is not None) < 0.55
    assert not any(likeness.same_cell for likeness in found if likeness is not None)


def test_the_same_texture_in_another_outline_is_another_cell(cell: Drawn) -> None:
    pixels = cell(12)
    right = np.arange(200) > 124
    cut = np.where(right[:, None], np.uint8(0), pixels)
    found = compare(shown(pixels), shown(cut))
    assert found is not None
    assert not found.same_cell


def test_a_field_that_was_taken_of_another_cell_agrees_but_is_no_twin(cell: Drawn) -> None:
    wide = cell(6, field=True, side=360)
    one, two = shown(wide[60:300, 50:290]), shown(wide[60:300, 86:326])
    found = compare(one, two)
    assert found is not None
    assert found.agree
    assert found.shift == pytest.approx(36 / 240, abs=0.01)
    assert found.shift > CENTRED
    assert not found.same_cell


def test_an_outline_without_texture_is_no_evidence(cell: Drawn, turned: Drawn) -> None:
    plain = np.where(cell(16) > 0, np.uint8(120), np.uint8(0))
    found = compare(shown(plain), shown(turned(plain, 30)))
    assert found is not None
    assert found.overlap > 0.97
    assert not found.agree


def test_a_cell_on_black_and_a_field_are_not_compared(cell: Drawn) -> None:
    assert compare(shown(cell(15)), shown(cell(15, field=True))) is None


def likeness(texture: float, overlap: float, scales: tuple[float, float] = (1, 1), shift: float = 0) -> Likeness:
    matrix = np.array([[scales[0], 0, 0], [0, scales[1], 0]], np.float32)
    return Likeness(texture, 0.9, overlap, shift, Move(matrix), on_black=shift == 0)


def test_outline_texture_scale_and_centre_must_all_agree() -> None:
    assert likeness(0.61, 0.94).same_cell
    assert not likeness(0.59, 0.94).same_cell
    assert not likeness(0.61, 0.92).same_cell
    assert not likeness(0.9, 1, (1.05, 1)).same_cell
    assert not likeness(0.9, 1, (0.93, 0.93)).same_cell
    assert likeness(0.75, 0.6, (1.1, 1.1), shift=0.11).same_cell
    assert not likeness(0.73, 0.6, shift=0.11).same_cell
    assert likeness(0.75, 0.6, shift=0.13).agree
    assert not likeness(0.75, 0.6, shift=0.13).same_cell
    assert likeness(0.95, 1).correlation == 0.9
