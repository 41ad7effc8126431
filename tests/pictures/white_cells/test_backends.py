from __future__ import annotations

import pytest

from leukoscope.errors import SettingsError
from leukoscope.pictures.white_cells import find_white_cells, finder


def test_colour_is_our_own_search() -> None:
    assert finder("colour") is find_white_cells


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        finder("color")
    assert str(caught.value) == (
        "There is no backend 'color'.\n  what to do: Did you mean 'colour'? Known: cellpose, colour."
    )
