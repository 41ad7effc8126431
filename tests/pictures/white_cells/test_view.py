from __future__ import annotations

import numpy as np
import pytest

from leukoscope.errors import DataError
from leukoscope.pictures.white_cells.view import view_of

FIELD = np.full((100, 150, 3), 230, np.uint8)


@pytest.mark.parametrize(("red_cell", "shape", "scale"), [(56, (50, 75), 0.5), (28, (100, 150), 1), (2, (200, 300), 2)])
def test_red_cells_become_28_px_wide_and_nothing_is_enlarged_more_than_twice(
    red_cell: float, shape: tuple[int, int], scale: float
) -> None:
    view = view_of(FIELD, red_cell)
    assert (view.sight.green.shape, view.azure.shape, view.stained.shape) == (shape, shape, shape)
    assert view.scale == scale


def test_a_field_that_would_be_too_large_is_refused() -> None:
    large = np.broadcast_to(np.uint8(230), (6_000, 8_000, 3))
    with pytest.raises(DataError) as caught:
        view_of(large, 28.0)
    assert str(caught.value) == (
        "With red cells of 28 px this field is too large to search at once (8,000 x 6,000 px).\n"
        "  what to do: Cut it into fields, or give the right size of a red cell."
    )
