from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.audit.shortcuts.encoding import encoded, varies


def test_numbers_are_standardised_by_the_training_part_alone() -> None:
    train = pl.DataFrame({"x": [0.0, 2.0, 4.0]})
    other = pl.DataFrame({"x": [2.0, None, 100.0]})
    seen, asked = encoded(train, other, ("x",))
    assert seen.shape == (3, 1)
    assert np.allclose(asked[:, 0], [0.0, 0.0, 98 / np.std([0, 2, 4])])


def test_what_is_missing_becomes_a_column_of_its_own() -> None:
    train = pl.DataFrame({"x": [1.0, None, 3.0]})
    seen, asked = encoded(train, train.tail(1), ("x",))
    assert seen[:, 1].tolist() == [0, 1, 0]
    assert asked.shape == (1, 2)


def test_words_become_columns_but_rare_ones_are_one_kind() -> None:
    train = pl.DataFrame({"form": ["PNG"] * 5 + ["JPEG"] * 6 + ["GIF"]})
    seen, asked = encoded(train, pl.DataFrame({"form": ["GIF", "TIFF", "PNG", None]}), ("form",))
    assert seen.sum(axis=0).tolist() == [6, 5]
    assert asked.tolist() == [[0, 0], [0, 0], [0, 1], [0, 0]]


def test_columns_without_anything_in_them() -> None:
    empty = pl.DataFrame({"x": [None, None], "w": ["a", "b"]}, schema={"x": pl.Float64, "w": pl.String})
    seen, _ = encoded(empty, empty, ("x", "w"))
    assert not seen.any()
    assert varies(empty, ("x", "w"))
    assert not varies(empty, ("x",))
