from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leukoscope.errors import SettingsError
from leukoscope.pictures.framing import Reinhard, parse_framing
from leukoscope.pictures.framing.reinhard import BLACK, SMEAR, colour_of
from leukoscope.pictures.optical_density import densities


def lab_of(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2Lab))


def test_a_cell_on_black_gets_mean_and_deviation_of_the_reference(cell_on_black: np.ndarray) -> None:
    wanted = {"mean": [40.0, 25.0, -20.0], "sd": [12.0, 12.0, 16.0]}
    framed = parse_framing([{"reinhard": {"black": wanted}}]).apply(cell_on_black)
    shown = lab_of(framed)[(cell_on_black > 0).any(axis=2)]
    assert np.allclose(shown.mean(axis=0), wanted["mean"], atol=0.5)
    assert np.allclose(shown.std(axis=0), wanted["sd"], atol=0.5)


def test_both_swatches_of_a_smear_count_alike_whatever_their_share(smear: np.ndarray) -> None:
    seen = densities(smear)
    crowded = densities(np.concatenate([smear, *[smear[60:96]] * 4]))  # more red cells, no more nuclei
    assert seen is not None
    assert crowded is not None
    alone, among = colour_of(seen), colour_of(crowded)
    assert alone is not None
    assert among is not None
    assert np.allclose(alone.mean, among.mean, atol=2.5)
    dense = seen.density.mean(axis=2) > 0.6
    pale = seen.stained & ~dense
    lab = lab_of(np.clip(253 * np.exp(-seen.density) - 8, 0, 255).round())
    halfway = (lab[dense].mean(axis=0) + lab[pale].mean(axis=0)) / 2
    assert np.allclose(alone.mean, halfway, atol=0.5)


def test_a_picture_brought_to_its_own_colour_only_gets_white_light(smear: np.ndarray) -> None:
    seen = densities(smear)
    assert seen is not None
    own = colour_of(seen)
    assert own is not None
    framed = Reinhard(smear=own).apply(smear)
    again = Reinhard(smear=own).apply(framed)
    assert (framed[0, 0] == 245).all()
    assert np.abs(framed.astype(int) - again).max() <= 2


def test_lamps_and_strengths_of_stain_come_together(smears: list[np.ndarray]) -> None:
    framed = [Reinhard().apply(pixels) for pixels in smears]
    middle = (slice(38, 58), slice(38, 58))
    before, after = (np.std([one[middle].mean(axis=(0, 1)) for one in many], axis=0) for many in (smears, framed))
    assert after.max() < 0.35 * before.max()


def test_the_background_becomes_white_without_a_fringe(smear: np.ndarray) -> None:
    framed = Reinhard().apply(smear)
    assert (framed[:4, :4] == 245).all()
    assert framed.max() <= 246


def test_black_stays_black_and_nothing_else_becomes_it(cell_on_black: np.ndarray) -> None:
    framed = Reinhard().apply(cell_on_black)
    black = (cell_on_black == 0).all(axis=2)
    assert (framed[black] == 0).all()
    assert framed[~black].max(axis=1).min() > 0


def test_how_much_black_there_is_does_not_matter(cell_on_black: np.ndarray) -> None:
    wide = np.pad(cell_on_black, ((30, 10), (20, 40), (0, 0)))
    assert np.array_equal(Reinhard().apply(wide)[30:-10, 20:-40], Reinhard().apply(cell_on_black))


def test_without_a_nucleus_only_the_light_is_changed() -> None:
    pixels = np.full((60, 60, 3), (250, 235, 210), dtype=np.uint8)
    pixels[10:30, 10:30] = (180, 140, 150)
    framed = Reinhard().apply(pixels)
    assert (framed[0, 0] == 245).all()
    expected = 253 * (np.array([180, 140, 150]) + 8) / (np.array([250, 235, 210]) + 8) - 8
    assert np.abs(framed[20, 20] - expected).max() <= 0.5


@settings(deadline=None, max_examples=60)
@given(arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3))))
def test_any_picture_comes_out_as_a_picture(pixels: np.ndarray) -> None:
    before = pixels.copy()
    framed = Reinhard().apply(pixels)
    assert framed.shape == pixels.shape
    assert framed.dtype == np.uint8
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("level", [0, 1, 90, 255])
def test_a_uniform_picture_stays_as_it_is(level: int) -> None:
    pixels = np.full((50, 50, 3), level, dtype=np.uint8)
    assert np.array_equal(Reinhard().apply(pixels), pixels)


def test_a_disc_of_one_colour_gets_the_mean() -> None:
    y, x = np.mgrid[:50, :50] - 25
    pixels = (np.hypot(x, y) < 15)[:, :, None] * np.full((50, 50, 3), (90, 40, 120), dtype=np.uint8)
    shown = lab_of(Reinhard().apply(pixels))[25, 25]
    assert np.allclose(shown, BLACK.mean, atol=1)


def test_the_bundle_holds_figures() -> None:
    framing = parse_framing([{"reinhard": {}}])
    assert framing.spec() == [
        {
            "reinhard": {
                "smear": {"mean": list(SMEAR.mean), "sd": list(SMEAR.sd)},
                "black": {"mean": list(BLACK.mean), "sd": list(BLACK.sd)},
            }
        }
    ]
    assert parse_framing(framing.spec()) == framing
    assert framing.size is None
    other = parse_framing([{"reinhard": {"smear": {"mean": [50, 20, -20], "sd": [10, 10, 10]}}}])
    assert other.key != framing.key


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"smeer": {}}, "reinhard has no setting 'smeer'. Did you mean 'smear'? Known: black, smear."),
        (
            {"smear": {"mean": [101, 0, 0], "sd": [1, 1, 1]}},
            "reinhard: smear.mean.0 must be less than or equal to 100; got 101.",
        ),
        (
            {"black": {"mean": [50, 0, 0], "sd": [1, 0, 1]}},
            "reinhard: black.sd.1 must be greater than 0; got 0.",
        ),
        ({"black": {"mean": [50, 0, 0]}}, "reinhard lacks the setting 'black.sd'."),
    ],
)
def test_wrong_references_are_refused(value: dict[str, Any], fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_framing([{"reinhard": value}])
    assert str(caught.value) == (
        f"The framing cannot be used:\n  - step 1: {fault}\n  what to do: Mend 'framing' in the recipe."
    )
