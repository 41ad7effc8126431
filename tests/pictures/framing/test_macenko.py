from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leukoscope.errors import SettingsError
from leukoscope.pictures.framing import Macenko, parse_framing
from leukoscope.pictures.framing.macenko import BLACK, SMEAR, Stains, stains_of
from leukoscope.pictures.optical_density import Densities, densities


def seen_of(density: np.ndarray) -> Densities:
    """Densities (n, 3) as a picture of one row, all stained."""
    shape = (1, len(density))
    nothing, everything = np.zeros(shape, dtype=bool), np.ones(shape, dtype=bool)
    return Densities(density[None].astype(np.float32), everything, np.ones(shape, np.float32), nothing, on_black=False)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_the_stains_of_a_mixture_are_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    azure, eosin = np.array([0.49, 0.86, 0.11]), np.array([0.53, 0.66, 0.53])
    azure, eosin = azure / np.linalg.norm(azure), eosin / np.linalg.norm(eosin)
    amounts = rng.uniform(0.2, 2, (2_000, 2))
    amounts[:100, 1] = amounts[100:200, 0] = 0  # 5 % of each are pure
    found = stains_of(seen_of(amounts @ np.stack([azure, eosin])))
    assert found is not None
    assert np.allclose(found.stains, [azure, eosin], atol=1e-3)
    assert np.allclose(found.concentrations, np.percentile(amounts, 99, axis=0), rtol=1e-2)


def test_hand_computed_percentiles() -> None:
    # Half of the pixels lie on each of two axes: the angles' percentiles are the axes themselves.
    density = np.zeros((200, 3))
    density[:100, 0] = np.linspace(0.01, 1.0, 100)
    density[100:, 2] = np.linspace(0.02, 2.0, 100)
    found = stains_of(seen_of(density))
    assert found is not None
    assert np.allclose(found.stains, [[1, 0, 0], [0, 0, 1]], atol=1e-6)
    expected = [np.percentile(np.r_[np.zeros(100), np.linspace(0.01, top, 100)], 99) for top in (1.0,)]
    assert found.concentrations[0] == pytest.approx(expected[0], rel=1e-6)
    assert found.concentrations[1] == pytest.approx(2 * expected[0], rel=1e-6)


def test_the_order_is_azure_first_or_that_of_the_reference() -> None:
    density = np.concatenate([np.outer(np.linspace(0.2, 2, 99), v) for v in ([0.5, 0.6, 0.6], [0.5, 0.8, 0.1])])
    seen = seen_of(density)
    first = stains_of(seen)
    assert first is not None
    assert first.stains[0][2] < first.stains[1][2]
    turned = Stains(stains=first.stains[::-1], concentrations=(1, 1))
    as_turned = stains_of(seen, turned)
    assert as_turned is not None
    assert as_turned.stains == first.stains[::-1]


@pytest.mark.parametrize("kind", ["smear", "cell_on_black"])
def test_a_picture_brought_to_its_own_stains_only_gets_white_light(kind: str, request: pytest.FixtureRequest) -> None:
    pixels = request.getfixturevalue(kind)
    seen = densities(pixels)
    assert seen is not None
    own = stains_of(seen)
    assert own is not None
    operator = Macenko(smear=own, black=own)
    framed = operator.apply(pixels)
    assert np.abs(framed.astype(int) - operator.apply(framed)).max() <= 1
    if kind == "cell_on_black":  # its light was taken for white to begin with
        assert np.abs(framed.astype(int) - pixels).max() <= 1
    else:
        assert (framed[0, 0] == 245).all()


def test_the_stains_that_come_out_are_the_reference_s(smear: np.ndarray) -> None:
    wanted = Stains(stains=((0.6, 0.75, 0.2), (0.4, 0.7, 0.6)), concentrations=(2.0, 0.9))
    out = densities(Macenko(smear=wanted).apply(smear))
    assert out is not None
    found = stains_of(out)
    assert found is not None
    assert np.allclose(found.stains, wanted.basis[:2], atol=0.03)
    assert np.allclose(found.concentrations, wanted.concentrations, rtol=0.05)


def test_lamps_and_strengths_of_stain_come_together(smears: list[np.ndarray]) -> None:
    framed = [Macenko().apply(pixels) for pixels in smears]
    middle = (slice(38, 58), slice(38, 58))
    before, after = (np.std([one[middle].mean(axis=(0, 1)) for one in many], axis=0) for many in (smears, framed))
    assert after.max() < 0.2 * before.max()


def test_the_background_becomes_white(smear: np.ndarray) -> None:
    framed = Macenko().apply(smear)
    assert (framed[:4, :4] == 245).all()
    assert framed.max() <= 246


def test_black_stays_black_and_its_extent_does_not_matter(cell_on_black: np.ndarray) -> None:
    framed = Macenko().apply(cell_on_black)
    assert (framed[(cell_on_black == 0).all(axis=2)] == 0).all()
    assert (framed != cell_on_black).any()
    wide = np.pad(cell_on_black, ((30, 10), (20, 40), (0, 0)))
    assert np.array_equal(Macenko().apply(wide)[30:-10, 20:-40], framed)


def test_a_single_stain_only_gets_white_light() -> None:
    pixels = np.full((60, 60, 3), (250, 235, 210), dtype=np.uint8)
    pixels[10:30, 10:30] = (180, 140, 150)
    framed = Macenko().apply(pixels)
    assert (framed[0, 0] == 245).all()
    expected = 253 * (np.array([180, 140, 150]) + 8) / (np.array([250, 235, 210]) + 8) - 8
    assert np.abs(framed[20, 20] - expected).max() <= 0.5


@settings(deadline=None, max_examples=60)
@given(arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3))))
def test_any_picture_comes_out_as_a_picture(pixels: np.ndarray) -> None:
    before = pixels.copy()
    framed = Macenko().apply(pixels)
    assert framed.shape == pixels.shape
    assert framed.dtype == np.uint8
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("level", [0, 1, 90, 255])
def test_a_uniform_picture_stays_as_it_is(level: int) -> None:
    pixels = np.full((50, 50, 3), level, dtype=np.uint8)
    assert np.array_equal(Macenko().apply(pixels), pixels)


def test_the_bundle_holds_figures() -> None:
    framing = parse_framing([{"center_crop": 300}, {"macenko": {}}, {"resize": 64}])
    [_, step, _] = framing.spec()
    assert step["macenko"]["smear"]["stains"] == [list(stain) for stain in SMEAR.stains]
    assert step["macenko"]["black"]["concentrations"] == list(BLACK.concentrations)
    assert parse_framing(framing.spec()) == framing
    assert framing.size == (64, 64)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("stains", [[1, 1, 1], [2, 2, 2]], "stains must be two directions in red, green and blue that differ"),
        ("stains", [[1, 0, 0], [0, 0, 0]], "stains must be two directions in red, green and blue that differ"),
        ("concentrations", [0, 1], "concentrations.0 must be greater than 0"),
    ],
)
def test_wrong_references_are_refused(field: str, value: list[Any], fault: str) -> None:
    right = {"stains": [[1, 0, 0], [0, 1, 0]], "concentrations": [1, 1]}
    with pytest.raises(SettingsError) as caught:
        parse_framing([{"macenko": {"black": {**right, field: value}}}])
    assert str(caught.value) == (
        f"The framing cannot be used:\n  - step 1: macenko: black.{fault}; got {0 if '.0' in fault else value}.\n"
        "  what to do: Mend 'framing' in the recipe."
    )
