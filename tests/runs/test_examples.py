from __future__ import annotations

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.predictions.table import Predictions
from leukoscope.runs.examples import example_cells


def test_of_each_class_a_typical_right_and_a_typical_wrong_cell() -> None:
    shares = [
        ("r1", "a", (0.9, 0.06, 0.04)),
        ("r2", "a", (0.6, 0.1, 0.3)),
        ("r3", "a", (0.5, 0.3, 0.2)),
        ("w1", "a", (0.1, 0.8, 0.1)),
        ("w2", "a", (0.2, 0.6, 0.2)),
        ("b1", "b", (0.2, 0.3, 0.5)),
        ("n1", None, (1.0, 0.0, 0.0)),
    ]
    table = pl.DataFrame(
        {
            "id": [name for name, _, _ in shares],
            "label": [label for _, label, _ in shares],
            **{f"p_{name}": [values[place] for _, _, values in shares] for place, name in enumerate("abc")},
        }
    )
    found = example_cells(Predictions(table, Classes(("a", "b", "c"))))
    assert found["id"].to_list() == ["r2", "w2", "b1"]
    assert found.row(0, named=True) == {
        "id": "r2", "label": "a", "called": "a",
        "guess_1": "a", "probability_1": 0.6,
        "guess_2": "c", "probability_2": 0.3,
        "guess_3": "b", "probability_3": 0.1,
    }  # fmt: skip
    # of equals the first class comes first
    assert found.row(1, named=True)["guess_2"] == "a"
