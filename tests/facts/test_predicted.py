from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.facts.predicted import predicted


@pytest.mark.parametrize("names", [("tumoral", "reactive"), ("reactive", "tumoral")])
def test_the_logit_is_the_positive_classs_wherever_it_stands(names: tuple[str, str]) -> None:
    patients = pl.DataFrame({"patient": ["P1", "P2"], "label": ["tumoral", None]})
    classes = Classes(names, positive="tumoral")
    table = predicted(patients, np.array([[2.0], [-2.0]]), classes, part="test", run="facts").table
    assert np.allclose(table["p_tumoral"], [0.8808, 0.1192], atol=1e-4)
    assert np.allclose(table["p_tumoral"] + table["p_reactive"], 1)
    assert table.select("id", "patient", "group", "part", "label", "run").rows() == [
        ("P1", "P1", "P1", "test", "tumoral", "facts"),
        ("P2", "P2", "P2", "test", None, "facts"),
    ]


def test_of_three_classes_probabilities_are_the_softmax() -> None:
    patients = pl.DataFrame({"patient": ["P1"], "label": ["a"], "group": ["G"]})
    found = predicted(patients, np.log([[1.0, 2.0, 5.0]]), Classes(("a", "b", "c")), part="test", run="facts")
    assert np.allclose(found.probabilities(), [[0.125, 0.25, 0.625]])
    assert found.table["group"].to_list() == ["G"]
    assert "logit" not in found.table.columns
