from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from leukoscope.pictures.cell_mask.sight import cuts, enlarged, filled, sight_of


def test_the_shorter_side_has_112_px() -> None:
    for height, width, expected in ((300, 300, (112, 112)), (50, 100, (112, 224)), (1, 1, (112, 112))):
        assert sight_of(np.full((height, width, 3), 200, np.uint8)).green.shape == expected


def test_the_ground_is_the_commonest_bright_level(smear: Callable[..., np.ndarray]) -> None:
    sight = sight_of(smear((56, 56, 26, 16)))
    assert sight.ground == pytest.approx(235, abs=2)
    assert sight.darkest == pytest.approx(40, abs=10)


def test_red_cells_are_redder_than_cytoplasm_and_swallow_less_red(smear: Callable[..., np.ndarray]) -> None:
    sight = sight_of(smear((80, 56, 26, 16), red=((24, 56, 14),)))
    red_cell, nucleus, cytoplasm = (56, 24), (56, 80), (56, 101)
    assert sight.redness[red_cell] > sight.redness[cytoplasm] + 0.1
    assert sight.red_density[red_cell] < 0.25 < sight.red_density[nucleus]
    assert sight.purple[nucleus] > max(sight.purple[red_cell], sight.purple[cytoplasm])


def test_cuts_lie_between_the_classes() -> None:
    values = np.repeat(np.array([0, 50, 100], np.float32), 30)
    low, high = cuts(values, 3, 40)
    assert 0 < low < 50 < high < 100


@pytest.mark.parametrize("values", [[7.0] * 9, [0.0, 39.0, 20.0], [0.0, 80.0, 80.0]])
def test_without_classes_there_are_no_cuts(values: list[float]) -> None:
    assert cuts(np.array(values, np.float32), 3, 40) == []


def test_holes_are_filled_and_dents_are_not() -> None:
    mask = np.ones((7, 7), np.uint8)
    mask[2:4, 2:4], mask[5:, 5] = 0, 0
    assert np.argwhere(filled(mask) == 0).tolist() == [[5, 5], [6, 5]]


def test_an_enlarged_mask_has_the_pictures_size() -> None:
    mask = np.zeros((112, 112), np.uint8)
    mask[:, 56:] = 1
    large = enlarged(mask, 224, 300)
    assert large.shape == (224, 300)
    assert large[:, 152:].all()
    assert not large[:, :148].any()
