from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from leukoscope.audit.checks import content

LayOut = Callable[..., Any]


def test_counts_of_classes_and_places(lay_out: LayOut) -> None:
    rows = [
        {"id": "a", "patient": "1", "place": "fold_0"},
        {"id": "b", "patient": "1", "place": "fold_1"},
        {"id": "c", "patient": "2", "place": "fold_1", "label": "hem"},
        {"id": "d", "patient": "3", "excluded": "blurred"},
    ]
    (found,) = content.counts(lay_out(rows).evidence())
    assert found.sentence == "3 usable cells of 2 patients: normal cell 1, leukaemic blast 2."
    assert found.tables["places"].rows() == [("fold_0", "all", 1, 1), ("fold_1", "all", 1, 1), ("fold_1", "hem", 1, 1)]


def test_counts_without_patients(lay_out: LayOut) -> None:
    (found,) = content.counts(lay_out([{"id": "a"}]).evidence())
    assert found.sentence == "1 usable cell: normal cell 0, leukaemic blast 1."


def test_where_only_patients_have_labels(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": ["1", "2", "3"], "label": ["all", "hem", None]})
    rows = [{"id": f"c{n}", "label": None, "patient": str(n)} for n in (1, 2, 3, 3)]
    rows[3]["id"] = "c4"
    evidence = lay_out(rows, patients=patients).evidence()
    assert content.counts(evidence)[0].sentence == (
        "4 usable cells of 3 patients: normal cell 1 patients, leukaemic blast 1 patients."
    )
    assert content.unlabelled(evidence)[0].sentence == (
        "4 cells without class: not trained on, nor scored. The patient's class is known for 2 of them."
    )


def test_excluded_cells_with_their_reasons(lay_out: LayOut) -> None:
    reasons = ["blurred", "blurred", "junk", "no label", "torn", "burnt"]
    rows = [{"id": f"c{n}", "excluded": reason} for n, reason in enumerate(reasons)] + [{"id": "good"}]
    (found,) = content.excluded(lay_out(rows).evidence())
    assert found.sentence == "6 cells left out: blurred (2); burnt (1); junk (1); and 2 further reasons."
    assert found.table.select("id", "reason").head(1).rows() == [("c0", "blurred")]
    assert found.tables["reasons"]["cells"].sum() == 6


def test_nothing_left_out(lay_out: LayOut) -> None:
    evidence = lay_out([{"id": "a"}]).evidence()
    assert content.excluded(evidence) == content.unlabelled(evidence) == []
