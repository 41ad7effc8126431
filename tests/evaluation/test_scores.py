from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.evaluation import Score, Scores, evaluate, scores_table
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]

PART_KEYS = [
    "part", "unit", "cells", "patients", "groups", "classes", "titles", "positive", "threshold", "interval", "scores",
    "per_class", "confusion", "by_patient", "patient_scores", "patient_interval", "curves", "notes", "leakage",
]  # fmt: skip


EXPECTED = """
Scores: 6 cells, 4 patients

of the cells
  accuracy                                     0.833
  balanced accuracy                            0.833
  sensitivity                                  0.667
  specificity                                  1.000
  weighted precision                           0.875
  weighted recall                              0.833
  weighted specificity                         0.833
  weighted F1                                  0.829
  macro precision                              0.875
  macro recall                                 0.833
  macro specificity                            0.833
  macro F1                                     0.829
  MCC                                          0.707
  ROC AUC, PR AUC, Brier score, ECE, log-loss  n/a (the predictions are called classes without probabilities)

of each class
  class  cells  precision  recall  F1
  hem    3      0.750      1.000   0.857
  all    3      1.000      0.667   0.800

of each class
  class  cells  specificity  ROC AUC  PR AUC
  hem    3      0.667        n/a      n/a
  all    3      1.000        n/a      n/a

true class by called class
       hem  all
  hem  3    0
  all  1    2

of the patients' calls
  accuracy           1.000
  balanced accuracy  1.000
  sensitivity        1.000
  specificity        1.000
  weighted F1        1.000
  macro F1           1.000
  MCC                1.000
  ROC AUC, PR AUC    n/a (the predictions are called classes without probabilities)

note: Patients are taken as they are named: whether two of them share pictures was not looked at.
note: ROC AUC, PR AUC, Brier score, ECE and log-loss are n/a: the predictions are called classes without probabilities.
"""


@pytest.mark.parametrize(("classes", "known"), [(2, True), (4, True), (3, False)])
def test_scores_come_back_from_json_as_they_were(draw: Draw, classes: int, known: bool) -> None:
    scores = evaluate(draw(classes=classes, known=known), replicates=100)
    text = json.dumps(scores.as_json(), allow_nan=False)
    back = Scores.from_json(json.loads(text))
    assert back.as_json() == scores.as_json()
    assert back.by_patient.schema == scores.by_patient.schema
    assert list(scores.as_json()) == PART_KEYS


def test_what_is_no_scores_json_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        Scores.from_json({"part": "test"})
    assert str(caught.value) == "This is no part of a scores.json: 'classes' is missing or wrong."


def test_all_scores_stand_in_one_table(draw: Draw) -> None:
    scores = evaluate(draw(), replicates=100)
    table = scores_table(scores)
    assert table.columns == ["of", "score", "value", "low", "high", "reason"]
    assert table["of"].unique(maintain_order=True).to_list() == ["cells", "patients", "class hem", "class all"]
    row = table.row(by_predicate=(pl.col("of") == "cells") & (pl.col("score") == "mcc"), named=True)
    assert (row["value"], row["low"]) == (scores["mcc"].value, scores["mcc"].low)


def test_scores_print_themselves_as_aligned_tables() -> None:
    table = pl.DataFrame(
        {
            "id": list("abcdef"),
            "patient": ["1", "1", "2", "3", "4", "4"],
            "label": ["all", "all", "all", "hem", "hem", "hem"],
            "called": ["all", "hem", "all", "hem", "hem", "hem"],
        }
    )
    scores = evaluate(Predictions(table, Classes(("hem", "all"))), replicates=0)
    assert repr(scores) == EXPECTED.strip("\n")


def test_a_leak_is_the_first_that_one_reads(draw: Draw) -> None:
    leaking = draw().table.with_columns(leakage=pl.lit("<cells> were split"))
    scores = evaluate(Predictions(leaking, Classes(("hem", "all"))), replicates=0)
    assert scores.leakage == Scores.from_json(scores.as_json()).leakage == "<cells> were split"
    assert repr(scores).splitlines()[0] == "LEAKAGE: <cells> were split"
    mark = '<p style="color:#d1242f"><b>LEAKAGE: &lt;cells&gt; were split</b></p>'
    assert scores._repr_html_().startswith(mark)
    unmarked = {key: value for key, value in scores.as_json().items() if key != "leakage"}
    assert Scores.from_json(unmarked).leakage is None


def test_a_notebook_sees_escaped_tables(draw: Draw) -> None:
    two = draw()
    odd = Classes(("<b>hem", "all"))
    names = {"label": pl.col("label").replace("hem", "<b>hem"), "p_<b>hem": "p_hem"}
    scores = evaluate(Predictions(two.table.with_columns(**names).drop("p_hem"), odd), replicates=100)
    shown = scores._repr_html_()
    assert "<b>hem" not in shown
    assert "&lt;b&gt;hem" in shown
    assert "95 % intervals: bootstrap of patients within each class" in shown


def test_a_score_reads_as_a_number_an_interval_or_a_reason() -> None:
    assert str(Score(0.68666, 0.6, 0.75)) == "0.687 (0.600 to 0.750)"
    assert str(Score(None, reason="none is 'eo'")) == "n/a (none is 'eo')"
    assert str(Score(0.5, reason="it rests on a single cell")) == "0.500 (no interval: it rests on a single cell)"
    assert Score(None, reason="none is <eo>")._repr_html_() == "n/a (none is &lt;eo&gt;)"


def test_patients_print_and_stand_in_tables_as_patients(draw_sick: Draw) -> None:
    scores = evaluate(draw_sick(), replicates=0)
    text = repr(scores)
    assert text.splitlines()[0] == "Scores: 38 patients"
    assert "\nof the patients\n" in text
    assert "  class     patients  precision" in text
    assert text.count("of the patients") == 1
    table = scores_table(scores)
    assert table["of"].unique(maintain_order=True).to_list() == ["patients", "class reactive", "class tumoral"]
    back = Scores.from_json(scores.as_json())
    assert (back.unit, back.as_json()) == ("patient", scores.as_json())
    older = {key: value for key, value in scores.as_json().items() if key != "unit"}
    assert Scores.from_json(older).unit == "cell"
