from __future__ import annotations

import numpy as np
import pytest

from leukoscope.drawn.stains import Stain, add, blank, lay, lay_each

HALF = np.full((4, 4), 0.5, dtype=np.float32)


def test_a_blank_drawing_holds_no_stain() -> None:
    assert blank(6).shape == (4, 6, 6)
    assert not blank(6).any()


def test_laying_hides_what_is_below_by_its_cover() -> None:
    stains = blank(4)
    add(stains, HALF, Stain(haem=1.0))
    lay(stains, HALF, Stain(purple=1.0), 0.8)
    assert stains[:, 0, 0].tolist() == pytest.approx([0.4, 0.0, 0.0, 0.25])


def test_adding_lets_what_is_below_shine_through() -> None:
    stains = blank(4)
    add(stains, HALF, Stain(haem=1.0, eosin=0.2))
    add(stains, HALF, Stain(haem=1.0))
    assert stains[:, 0, 0].tolist() == pytest.approx([0.0, 0.0, 0.1, 1.0])


def test_stains_can_vary_each_in_its_own_way() -> None:
    stains = blank(4)
    add(stains, HALF, Stain(haem=1.0))
    lay_each(stains, np.ones_like(HALF), (HALF, 2 * HALF, 3 * HALF))
    assert stains[:, 1, 1].tolist() == pytest.approx([0.5, 1.0, 1.5, 0.0])
