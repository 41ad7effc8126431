from __future__ import annotations

import numpy as np
import pytest

from leukoscope.pictures.cell_mask.nuclei import edge_of
from leukoscope.pictures.cell_mask.sight import seen
from leukoscope.pictures.white_cells.azure import FAINTEST, STRONGEST, azure_of, dark_of, least_azure

RED, NUCLEUS = (190, 130, 130), (120, 60, 150)


def smear(share: float, nucleus: tuple[int, int, int] = NUCLEUS, red: tuple[int, int, int] = RED) -> np.ndarray:
    field = np.full((200, 200, 3), 235, np.uint8)
    field[:100] = red
    field[120 : 120 + round(70 * share), 20:180] = nucleus
    return field


def test_nuclei_are_azure_and_red_cells_are_not_whatever_the_lamp() -> None:
    for light in (1.0, 0.6):
        azure = azure_of(seen((smear(1.0) * light).astype(np.uint8)))
        assert azure[150, 100] > 0.8
        assert abs(azure[50, 100]) < 0.05
        assert abs(azure[110, 100]) < 0.05


@pytest.mark.parametrize("share", [0.15, 0.3, 1.0])
def test_the_same_nuclei_are_found_however_few_there_are(share: float) -> None:
    sight = seen(smear(share))
    azure, edge = azure_of(sight), edge_of(sight)
    dark = dark_of(azure, (sight.green < edge).astype(np.uint8), least_azure(sight, azure, edge))
    assert dark[125, 100] == 1
    assert not dark[:118].any()


def test_a_pale_stain_asks_for_less_and_within_bounds() -> None:
    strong, pale = seen(smear(0.3)), seen(smear(0.3, (180, 140, 195), (215, 185, 185)))
    needed = [least_azure(sight, azure_of(sight), edge_of(sight)) for sight in (strong, pale)]
    assert FAINTEST <= needed[1] < needed[0] <= STRONGEST
    nothing = seen(np.full((60, 60, 3), 235, np.uint8))
    assert least_azure(nothing, azure_of(nothing), edge_of(nothing)) == STRONGEST / 2


def test_red_cells_alone_have_no_nucleus() -> None:
    sight = seen(smear(0.0))
    azure, edge = azure_of(sight), edge_of(sight)
    assert not dark_of(azure, (sight.green < edge).astype(np.uint8), least_azure(sight, azure, edge)).any()
