from __future__ import annotations

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import evaluate
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.subgroups import AGE_BANDS, COMPARED, FEWEST_PATIENTS, age_bands, subgroup_scores
from leukoscope.predictions.table import Predictions

CLASSES, QUICK = Classes(("hem", "all"), positive="all"), Resampling(replicates=200)


def predictions(patients: int, cells: int = 4) -> Predictions:
    """Return cells of patients P0, P1, ...: every second is ill; of each third patient one cell is missed."""
    rows = []
    for number in range(patients):
        ill = number % 2
        for cell in range(cells):
            missed = cell == 0 and number % 3 == 0
            p = abs(ill - (0.8 if missed else 0.1 + number / 1000))
            rows.append((f"P{number}-{cell}", f"P{number}", CLASSES.names[ill], p, 1 - p))
    return Predictions(pl.DataFrame(rows, schema=["id", "patient", "label", "p_all", "p_hem"], orient="row"), CLASSES)


def groups(names: dict[str, str | None]) -> pl.DataFrame:
    """Return the group of each patient."""
    return pl.DataFrame({"patient": list(names), "group": list(names.values())}, schema_overrides={"group": pl.String})


def test_a_group_s_scores_are_those_of_its_patients_alone() -> None:
    said = predictions(44)
    sexes = {f"P{number}": "FM"[number // 22] for number in range(44)}
    found = subgroup_scores(said, groups(sexes), threshold=0.5, how=QUICK)
    assert [(one.name, one.patients, one.rows, one.reason) for one in found] == [
        ("F", 22, 88, None),
        ("M", 22, 88, None),
    ]
    women = Predictions(said.table.head(88), CLASSES)
    alone = evaluate(women, threshold=0.5, replicates=200).scores
    assert found[0].scores == {name: alone[name] for name in COMPARED}
    interval = found[0].scores["sensitivity"]
    assert interval.low is not None
    assert interval.low < interval.value < interval.high


def test_fewer_than_ten_patients_have_no_score() -> None:
    few, enough = FEWEST_PATIENTS - 1, FEWEST_PATIENTS
    sexes = {f"P{number}": "F" if number < few else "M" for number in range(few + enough)}
    women, men = subgroup_scores(predictions(few + enough), groups(sexes), threshold=0.5, how=QUICK)
    assert (women.scores, women.reason) == ({}, "too few patients (9; 10 or more are needed)")
    assert women.patients == 9
    assert men.scores
    assert men.reason is None


def test_who_is_not_stated_stands_last_and_bands_keep_their_order() -> None:
    ages = {"P0": "65 and over", "P1": "under 18", "P2": None}
    found = subgroup_scores(predictions(5), groups(ages), threshold=None, order=list(AGE_BANDS), how=QUICK)
    assert [(one.name, one.patients) for one in found] == [("under 18", 1), ("65 and over", 1), ("not stated", 3)]


def test_rows_without_label_or_patient_are_in_no_group() -> None:
    said = predictions(3)
    table = said.table.with_columns(
        label=pl.when(pl.col("patient") != "P0").then("label"),
        patient=pl.when(pl.col("patient") != "P1").then("patient"),
    )
    found = subgroup_scores(Predictions(table, CLASSES), groups({"P2": "F"}), threshold=0.5, how=QUICK)
    assert [(one.name, one.rows) for one in found] == [("F", 4)]


def test_patients_are_scored_one_by_one_where_rows_are_patients() -> None:
    rows = {"id": [f"P{number}" for number in range(20)], "label": ["hem", "all"] * 10}
    rows |= {"p_all": [0.2, 0.7] * 10, "p_hem": [0.8, 0.3] * 10}
    said = Predictions(pl.DataFrame(rows), CLASSES, "patient")
    (one,) = subgroup_scores(said, groups({}), threshold=0.5, how=QUICK)
    assert (one.name, one.patients, one.rows) == ("not stated", 20, 20)
    assert one.scores["roc_auc"].value == 1.0


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, "under 18"), (17.99, "under 18"), (18, "18 to 39"), (39.9, "18 to 39"), (40, "40 to 64"), (65, "65 and over"),
     (120, "65 and over"), (-1, None), (float("nan"), None), (float("inf"), None)],
)  # fmt: skip
def test_every_age_has_its_band(age: float, band: str | None) -> None:
    assert age_bands(pl.Series([float(age)])).to_list() == [band]


def test_ages_may_be_whole_numbers_or_missing() -> None:
    assert age_bands(pl.Series([7, None, 70])).to_list() == ["under 18", None, "65 and over"]


def test_a_group_is_plain_json() -> None:
    one = subgroup_scores(predictions(2), groups({}), threshold=0.5)[0].as_json()
    reason = "too few patients (2; 10 or more are needed)"
    assert one == {"name": "not stated", "patients": 2, "rows": 8, "scores": {}, "reason": reason}
