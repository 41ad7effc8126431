from __future__ import annotations

import polars as pl
import pytest

from leukoscope.reports.patient_rows import rest_words


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ([], ""),
        ([0.25], "1 further cell, each weaker than these, adds +0.250."),
        ([0.5, -0.25], "2 further cells, each weaker than these, together add +0.250."),
        ([0.0], "1 further cell adds nothing either way."),
    ],
)
def test_the_rest_is_counted_and_summed(evidence: list[float], said: str) -> None:
    shown = pl.DataFrame({"evidence": [3.0], "sheet_left": [4]})
    rest = pl.DataFrame({"evidence": evidence, "sheet_left": [None] * len(evidence)}, schema=shown.schema)
    assert rest_words(pl.concat([shown, rest])) == said
