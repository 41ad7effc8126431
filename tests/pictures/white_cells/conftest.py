from __future__ import annotations

from collections.abc import Callable

import pytest

from leukoscope.drawn import draw_look
from leukoscope.drawn.whole_field import DrawnField, draw_field
from leukoscope.randomness import generator

Draw = Callable[..., DrawnField]


@pytest.fixture(scope="session")
def drawn() -> Draw:
    """Draw a field of 60 micrometres, 240 px: a red cell is about 28 px wide."""

    def draw(*kinds: str, size: int = 240, number: int = 0) -> DrawnField:
        look = draw_look(0, f"patient {number}")
        return draw_field(kinds, size=size, look=look, generator=generator(0, "test field", number), field=60.0)

    return draw
