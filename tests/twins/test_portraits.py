from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from leukoscope.twins.figures import figure
from leukoscope.twins.fingerprint import FINGERPRINT, as_array, take
from leukoscope.twins.invariants import vectors
from leukoscope.twins.portraits import BYTES, RINGS, WAVES, pack, portrait, unpack
from leukoscope.twins.turning import similarity, turns

Drawn = Callable[..., np.ndarray]


def waves_of(pixels: np.ndarray) -> np.ndarray:
    found = figure(pixels)
    assert found is not None
    waves = portrait(found)
    assert waves is not None
    return waves


def test_packing_keeps_a_portrait(cell: Drawn) -> None:
    waves = waves_of(cell(0))
    packed = pack(waves)
    assert len(packed) == BYTES == 2 * RINGS * WAVES
    back = unpack(np.frombuffer(packed, np.int8)[None])[0]
    assert abs(np.vdot(back, waves)) > 0.999
    assert np.linalg.norm(back) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("field", [False, True])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("degrees", [0, 17, 90, 203.5, 341])
def test_the_turn_is_found(field: bool, flipped: bool, degrees: float, cell: Drawn, turned: Drawn) -> None:
    pixels = cell(7, field=field)
    one, two = waves_of(pixels), waves_of(turned(pixels, degrees, flipped=flipped, shift=(3, -5)))
    best, second = turns(one, two, 2)
    assert best.similarity > 0.8
    assert best.similarity == pytest.approx(similarity(one[None], two[None])[0], abs=1e-5)
    assert best.flipped == flipped
    assert abs((best.degrees - degrees + 180) % 360 - 180) < 3
    assert second.similarity < best.similarity - 0.2


def test_two_cells_are_not_alike_at_any_turn(cell: Drawn) -> None:
    one, two = (np.stack([waves_of(cell(seed)) for seed in seeds]) for seeds in (range(20), range(20, 40)))
    assert similarity(one, two).max() < 0.45


def test_the_short_vectors_do_not_change_when_a_cell_is_turned_or_mirrored(cell: Drawn, turned: Drawn) -> None:
    cells = [cell(seed, field=seed % 2 == 1) for seed in range(12)]
    copies = [turned(pixels, 31.0 * seed + 5, flipped=seed % 3 == 0) for seed, pixels in enumerate(cells)]
    packed = np.frombuffer(b"".join(pack(waves_of(pixels)) for pixels in cells + copies), np.int8).reshape(-1, BYTES)
    products = vectors(packed) @ vectors(packed).T
    np.fill_diagonal(products, -1)
    assert (products[:12].argmax(axis=1) == np.arange(12, 24)).all()


def test_pictures_without_features_have_no_fingerprint() -> None:
    rng = np.random.default_rng(0)
    plain = np.full((120, 120, 3), 230, np.uint8)
    grainy = np.clip(plain + rng.normal(0, 0.6, plain.shape), 0, 255).astype(np.uint8)
    for empty in (plain, grainy, np.zeros_like(plain)):
        assert take(empty, None) == {"fingerprint": None}  # type: ignore[arg-type]


def test_the_fingerprint_is_a_measure_of_768_bytes(cell: Drawn) -> None:
    rows = [take(cell(seed), None) for seed in range(3)]  # type: ignore[arg-type]
    table = FINGERPRINT.table(list(rows))
    assert (FINGERPRINT.key, table.columns) == ("fingerprint.1", ["fingerprint"])
    assert as_array(table["fingerprint"]).shape == (3, BYTES)
    assert BYTES == 768
    assert as_array(table["fingerprint"].head(0)).shape == (0, BYTES)
