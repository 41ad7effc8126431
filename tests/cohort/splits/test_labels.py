from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.labels import known_labels, labels_of_patients

Made = tuple[Cohort, LinkedGroups]


def with_patient_labels(cohort: Cohort) -> Cohort:
    own = pl.col("patient").replace_strict({"1": "all", "2": "hem"}, default=None, return_dtype=pl.String)
    return replace(cohort, patients=cohort.patients.with_columns(label=own))


def test_where_any_cell_has_a_label_those_without_do_not_count(make: Callable[..., Made]) -> None:
    cohort = with_patient_labels(make([("a", "hem", "1", None), ("b", None, "1", None)])[0])
    assert known_labels(cohort).select("id", "label").rows() == [("a", "hem")]
    assert not labels_of_patients(cohort)


def test_where_none_has_each_takes_its_patients(make: Callable[..., Made]) -> None:
    rows = [("a", None, "2", None), ("b", None, "3", None), ("c", None, None, None), ("d", None, "1", None)]
    cohort = with_patient_labels(make([*rows, ("e", "hem", "1", None)])[0])
    cohort = cohort.exclude(pl.DataFrame({"id": ["e"], "reason": ["blurred"]}))
    assert labels_of_patients(cohort)
    assert known_labels(cohort).select("id", "label").rows() == [("a", "hem"), ("d", "all")]
    assert known_labels(cohort).columns == cohort.cells.columns


def test_where_nobody_has_one_there_is_nothing(make: Callable[..., Made]) -> None:
    cohort = make([("a", None, "1", None)])[0]
    assert not labels_of_patients(cohort)
    assert known_labels(cohort).height == 0
