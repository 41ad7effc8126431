from __future__ import annotations

import numpy as np
import pytest

from leukoscope.reports.figures.logit_maps import LogitMap, logit_maps

PAIR = np.random.default_rng(0).integers(0, 255, (20, 42, 3), dtype=np.uint8)


@pytest.mark.parametrize("count", [1, 5, 16])
def test_every_cell_is_drawn_once_under_its_patients_name(count: int) -> None:
    shown = [LogitMap(PAIR, f"P{place}", "tumoral" if place else "") for place in range(count)]
    figure = logit_maps(shown, 3.5)
    drawn = [axes for axes in figure.axes if axes.images]
    titles = [axes.get_title(loc="left") for axes in drawn]
    assert titles == ["P0", *(f"P{place}\ntumoral" for place in range(1, count))]
    assert np.array_equal(drawn[0].images[0].get_array(), PAIR)


def test_the_colour_bar_has_the_maps_scale() -> None:
    bar = logit_maps([LogitMap(PAIR, "P1", "")], 3.5).axes[-1]
    assert bar.get_xlim() == (-3.5, 3.5)
