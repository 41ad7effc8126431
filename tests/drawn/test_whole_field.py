from __future__ import annotations

import numpy as np
import pytest

from leukoscope.drawn import draw_look
from leukoscope.drawn.whole_field import DrawnField, draw_field
from leukoscope.errors import SettingsError
from leukoscope.randomness import generator

KINDS = ("lymphocyte", "monocyte", "eosinophil")


def field(*kinds: str, size: int = 160, number: int = 0) -> DrawnField:
    return draw_field(kinds, size=size, look=draw_look(0, "P"), generator=generator(0, "whole", number))


def test_the_same_chance_gives_the_same_field() -> None:
    one, other = field(*KINDS), field(*KINDS)
    assert np.array_equal(one.pixels, other.pixels)
    assert one.boxes == other.boxes
    assert not np.array_equal(one.pixels, field(*KINDS, number=1).pixels)


def test_boxes_lie_in_the_field_and_hold_dark_cells() -> None:
    for number in range(5):
        drawn = field(*KINDS, number=number)
        assert drawn.kinds == KINDS
        assert len(drawn.boxes) == 3
        for left, top, right, bottom in drawn.boxes:
            assert 0 <= left < right <= 160
            assert 0 <= top < bottom <= 160
            assert drawn.pixels[top:bottom, left:right, 1].min() < 90


def test_cells_do_not_touch() -> None:
    boxes = field(*KINDS * 3, size=320).boxes
    for number, one in enumerate(boxes):
        for other in boxes[:number]:
            gap = max(one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])
            centres = np.hypot(one[0] + one[2] - other[0] - other[2], one[1] + one[3] - other[1] - other[3]) / 2
            assert gap > 0 or centres > 20


def test_a_field_without_cells_holds_red_cells_only() -> None:
    drawn = field()
    assert drawn.boxes == ()
    assert np.percentile(drawn.pixels[..., 1], 1) > 90  # where several red cells overlap it is darker
    assert drawn.pixels[..., 1].std() > 5


@pytest.mark.parametrize(
    ("kinds", "size", "said"),
    [
        (("lymphocyte",), 32, "Drawn fields have a side of 64 to 2048 pixels, not 32."),
        (
            ("monocyte",) * 60,
            64,
            (
                "There is no room for 60 cells in a field of 80 micrometres.\n"
                "  what to do: Draw fewer, or a larger field."
            ),
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(kinds: tuple[str, ...], size: int, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        field(*kinds, size=size)
    assert str(caught.value) == said
