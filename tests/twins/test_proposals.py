from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.twins import neighbours
from leukoscope.twins.neighbours import nearest
from leukoscope.twins.portraits import BYTES, RINGS, WAVES, pack, unpack
from leukoscope.twins.proposals import SIMILAR, Proposals, propose


def drawn(count: int, seed: int = 0) -> np.ndarray:
    waves = np.random.default_rng(seed).normal(size=(count, RINGS, WAVES, 2)) @ [1, 1j]
    return np.frombuffer(b"".join(map(pack, waves)), np.int8).reshape(-1, BYTES)


def copies(packed: np.ndarray, seed: int = 1) -> np.ndarray:
    """The same cells, turned, every second mirrored, with some noise."""
    rng = np.random.default_rng(seed)
    waves = unpack(packed) * np.exp(-1j * np.arange(1, WAVES + 1) * rng.uniform(0, 6, (len(packed), 1, 1)))
    waves[::2] = waves[::2].conj()
    waves = waves + 0.02 * rng.normal(size=(*waves.shape, 2)) @ [1, 1j]
    return np.frombuffer(b"".join(map(pack, waves)), np.int8).reshape(-1, BYTES)


def test_planted_twins_and_only_they_are_proposed() -> None:
    cells = drawn(700)
    found = propose(np.concatenate([cells, copies(cells[:50])]), workers=2)
    assert found.rows.tolist() == sorted(found.rows.tolist(), key=found.rows.tolist().index)
    assert sorted(map(tuple, found.rows.tolist())) == [(row, 700 + row) for row in range(50)]
    assert found.similarity.min() >= SIMILAR
    assert (np.diff(found.similarity) <= 0).all()
    assert repr(found) == "Proposals: 50 pairs of 750 fingerprints"


@pytest.mark.parametrize("count", [0, 1])
def test_of_one_picture_nothing_is_proposed(count: int) -> None:
    found = propose(drawn(count) if count else np.empty((0, BYTES), np.int8))
    assert isinstance(found, Proposals)
    assert found.rows.shape == (0, 2)


def test_equal_fingerprints_are_proposed_without_a_crash() -> None:
    assert len(propose(np.repeat(drawn(1), 40, axis=0)).rows) == 40 * 39 / 2


def test_the_number_of_threads_changes_nothing() -> None:
    cells = drawn(500)
    fingerprints = np.concatenate([cells, copies(cells)])
    one, two = (propose(fingerprints, workers=workers) for workers in (1, 2))
    np.testing.assert_array_equal(one.rows, two.rows)
    np.testing.assert_array_equal(one.similarity, two.similarity)


@given(st.integers(2, 60), st.integers(1, 8), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_the_nearest_are_those_of_a_whole_sort(total: int, count: int, seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "ROWS", 7)
        patch.setattr(neighbours, "COLUMNS", 11)
        vectors = np.random.default_rng(seed).normal(size=(total, 5)).astype(np.float32)
        products = vectors @ vectors.T
        np.fill_diagonal(products, -np.inf)
        order = np.argsort(-products, axis=1)[:, :count]
        wanted = {(min(a, b), max(a, b)) for a in range(total) for b in order[a] if a != b}
        assert set(map(tuple, nearest(vectors, count, 2).tolist())) == wanted
