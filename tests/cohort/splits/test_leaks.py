from __future__ import annotations

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits import Split, holdout
from leukoscope.cohort.splits.leaks import find_leaks

Made = tuple[Cohort, LinkedGroups]


def test_a_split_by_patient_has_none(clinic: Made) -> None:
    leaks = find_leaks(holdout(*clinic, seed=0), clinic[1])
    assert not leaks
    assert leaks.sentences() == []


def test_shared_patients_linked_groups_and_their_pairs(clinic: Made) -> None:
    ids = ["h02_1", "h02_2", "h03_0", "a05_0", "a05_1", "a05_2", "a06_0"]
    parts = ["train", "train", "test", "test", "validation", "test", "test"]
    leaks = find_leaks(Split(pl.DataFrame({"id": ids, "group": ids, "part": parts}), "file", "patient"), clinic[1])
    assert leaks
    assert leaks.shared.rows() == [("a05", "validation 1, test 2")]
    assert leaks.linked.rows() == [("h01+h02+h03", "patient h02 (train) and patient h03 (test)")]
    pair = ("h01+h02+h03", "h02", "h03", "train", "test", 1, ["h02_1 = h03_1"], [], 0, 0, False)
    assert leaks.pairs.rows() == [pair]
