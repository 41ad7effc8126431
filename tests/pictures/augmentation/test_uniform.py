from __future__ import annotations

import numpy as np
from scipy import stats

from leukoscope.pictures.augmentation.uniform import random_bits, uniform
from leukoscope.randomness import integer


def test_splitmix_gives_the_published_sequence() -> None:
    # The reference implementation (Vigna, splitmix64.c) from the state 1234567.
    state = np.array([1_234_567], dtype=np.uint64) ^ np.uint64(integer(0, "purpose", "x"))
    assert random_bits(state, "x", 5)[0].tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_numbers_are_uniform_and_purposes_independent() -> None:
    seeds = np.array([integer(0, "test", number) for number in range(4000)], dtype=np.uint64)
    drawn = np.hstack([uniform(seeds, "flip", 2), uniform(seeds, "rotate", 1)])
    assert (drawn.min() >= 0, drawn.max() < 1) == (True, True)
    for column in drawn.T:
        assert stats.kstest(column, "uniform").pvalue > 0.001
    assert np.abs(np.corrcoef(drawn.T) - np.eye(3)).max() < 0.06
