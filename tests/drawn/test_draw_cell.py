from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.drawn import KINDS, Background, draw_cell, draw_look
from leukoscope.errors import SettingsError
from leukoscope.randomness import generator


def drawn(kind: str, number: int = 0, *, size: int = 64, background: Background = "black") -> np.ndarray:
    look = draw_look(0, f"P{number}", background)
    return draw_cell(kind, size=size, background=background, look=look, generator=generator(0, kind, number))


@pytest.mark.parametrize("background", ["black", "smear"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_and_drawn_again_alike(kind: str, background: Background) -> None:
    first, again = drawn(kind, background=background), drawn(kind, background=background)
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, drawn(kind, 1, background=background))


@given(kind=st.sampled_from(sorted(KINDS)), number=st.integers(0, 10_000), size=st.sampled_from([16, 33, 64]))
@settings(max_examples=40, deadline=None)
def test_on_black_there_is_one_cell_and_nothing_outside(kind: str, number: int, size: int) -> None:
    picture = drawn(kind, number, size=size)
    cell = picture.any(axis=2)
    assert 0.005 < cell.mean() < 0.95
    corner = max(size // 16, 1)
    for rows in (slice(0, corner), slice(-corner, None)):
        for columns in (slice(0, corner), slice(-corner, None)):
            assert not picture[rows, columns].any()


def test_outside_the_cut_out_most_pixels_are_exactly_zero() -> None:
    for number in range(10):
        outside = ~drawn("lymphoblast", number).any(axis=2)
        # One connected background: no speck of it is lit.
        count, labels = cv2.connectedComponents(outside.astype(np.uint8))
        assert 0.2 < outside.mean() < 0.9
        assert count >= 2
        assert (labels[[0, 0, -1, -1], [0, -1, 0, -1]] > 0).all()


def test_segmentation_is_not_perfect() -> None:
    shapes = []
    for number in range(40):
        mask = drawn("lymphoblast", number, size=96).any(axis=2).astype(np.uint8)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        largest = max(outlines, key=cv2.contourArea)
        shapes.append(cv2.contourArea(largest) / cv2.contourArea(cv2.convexHull(largest)))
    assert max(shapes) > 0.98
    assert min(shapes) < 0.96, "now and then something hangs on a cell, or is bitten off"


def test_a_smear_is_light_with_red_cells_and_a_dark_nucleus_in_the_middle() -> None:
    for number in range(6):
        picture = drawn("lymphocyte", number, size=96, background="smear").astype(float)
        middle, rest = picture[44:52, 44:52].mean(axis=(0, 1)), picture[:12].mean(axis=(0, 1))
        assert middle.mean() < 110
        assert middle[2] > middle[1], "a nucleus is purple"
        assert rest.mean() > 150
        assert rest[0] > rest[2], "red cells are red, the field is warm"


def test_cells_have_the_sizes_of_their_kinds() -> None:
    def area(kind: str) -> float:
        return float(np.mean([drawn(kind, number, size=48).any(axis=2).sum() for number in range(12)]))

    platelet, lymphocyte, myeloblast, promyelocyte = map(area, ("platelet", "lymphocyte", "myeloblast", "promyelocyte"))
    assert platelet < lymphocyte / 3 < lymphocyte < myeloblast < promyelocyte


def test_eosinophils_are_redder_and_basophils_darker_than_neutrophils() -> None:
    def colour(kind: str) -> np.ndarray:
        pictures = np.stack([drawn(kind, number, background="smear")[22:42, 22:42] for number in range(10)])
        return pictures.astype(float).mean(axis=(0, 1, 2))

    neutrophil, eosinophil, basophil = map(colour, ("segmented_neutrophil", "eosinophil", "basophil"))
    assert eosinophil[0] - eosinophil[2] > neutrophil[0] - neutrophil[2] + 10
    assert basophil.mean() < neutrophil.mean() - 10


def test_the_same_cell_at_another_size_shows_the_same_stain() -> None:
    small = np.mean([drawn("lymphoblast", number, size=48)[16:32, 16:32].mean() for number in range(8)])
    large = np.mean([drawn("lymphoblast", number, size=192)[64:128, 64:128].mean() for number in range(8)])
    assert small == pytest.approx(large, rel=0.1)


def test_what_cannot_be_drawn_is_refused() -> None:
    look = draw_look(0, "P01")
    with pytest.raises(SettingsError) as error:
        draw_cell("lymphoblst", size=64, background="black", look=look, generator=generator(0, "a"))
    assert str(error.value) == (
        "There is no kind of cell 'lymphoblst' to draw.\n"
        f"  what to do: Did you mean 'lymphoblast'? Known: {', '.join(sorted(KINDS))}."
    )
    with pytest.raises(SettingsError) as error:
        draw_cell("smudge", size=64, background="blck", look=look, generator=generator(0, "a"))  # type: ignore[arg-type]
    assert str(error.value) == (
        "There is no background 'blck'.\n  what to do: Did you mean 'black'? Known: black, smear."
    )
    with pytest.raises(SettingsError) as error:
        draw_cell("smudge", size=8, background="black", look=look, generator=generator(0, "a"))
    assert str(error.value) == "Drawn pictures have a side of 16 to 512 pixels, not 8."
