from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from leukoscope.training.chunks import even_chunks, made_ahead


@given(cells=some.integers(0, 300), largest=some.integers(1, 70))
def test_chunks_are_few_and_even(cells: int, largest: int) -> None:
    chunks = even_chunks(np.arange(cells), largest)
    assert len(chunks) == -(-cells // largest)
    assert [place for chunk in chunks for place in chunk] == list(range(cells))
    sizes = [len(chunk) for chunk in chunks]
    assert not sizes or max(sizes) - min(sizes) <= 1
    assert max(sizes, default=0) <= largest


@pytest.mark.parametrize("cells", [0, 1, 4, 5, 13])
def test_what_is_made_ahead_comes_in_order(cells: int) -> None:
    chunks = even_chunks(np.arange(cells), 4)
    made = list(made_ahead(chunks, torch.from_numpy))
    assert [chunk.tolist() for chunk in made] == [chunk.tolist() for chunk in chunks]


def test_no_more_than_one_is_made_ahead() -> None:
    made = []

    def make(places: np.ndarray) -> torch.Tensor:
        made.append(int(places[0]))
        return torch.from_numpy(places)

    for number, _ in enumerate(made_ahead(even_chunks(np.arange(6), 1), make)):
        assert len(made) <= number + 2
    assert made == [0, 1, 2, 3, 4, 5]


def test_what_fails_is_said() -> None:
    def fail(_: np.ndarray) -> torch.Tensor:
        raise ValueError("no such picture")

    with pytest.raises(ValueError, match="no such picture"):
        list(made_ahead(even_chunks(np.arange(3), 1), fail))
