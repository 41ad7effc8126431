from __future__ import annotations

import csv
from pathlib import Path

import pytest

from leukoscope.evaluation import Scores, evaluate
from leukoscope.predictions import read_foreign


def scores_of(real_data: Path, name: str) -> Scores:
    cnmc = real_data / "cnmc"
    labels = cnmc / "C-NMC_Leukemia" / "validation_data" / "C-NMC_test_prelim_phase_data_labels.csv"
    return evaluate(read_foreign(cnmc / "prelim_predictions" / f"predictions_{name}.csv", labels=labels))


@pytest.mark.parametrize(("name", "weighted_f1", "accuracy"), [("a", 0.676851, 0.686663), ("b", 0.696291, 0.700589)])
def test_predictions_that_others_made_get_their_published_scores(
    real_data: Path, name: str, weighted_f1: float, accuracy: float
) -> None:
    scores = scores_of(real_data, name)
    assert round(scores["weighted_f1"].value or 0, 6) == weighted_f1
    assert round(scores["accuracy"].value or 0, 6) == accuracy
    assert scores.cells == 1867
    assert (scores.patients, scores.groups) == (28, 28)
    assert (scores.interval.unit, scores.interval.clusters) == ("patient", 28)
    for score in ("weighted_f1", "accuracy"):
        found = scores[score]
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        # 28 subjects, not 1,867 independent cells, which would give a width of 0.04.
        assert 0.15 < found.high - found.low < 0.3
        assert found.low < found.value < found.high
    for score in ("roc_auc", "brier", "ece"):
        assert scores[score].value is None
        assert scores[score].reason == "the predictions are called classes without probabilities"


def test_the_table_of_subjects_is_that_of_the_labels(real_data: Path) -> None:
    found = scores_of(real_data, "a").by_patient
    with (real_data / "cnmc" / "prellberg2019" / "subjects_last_epoch.csv").open() as opened:
        cells = {row["subject"]: int(row["cells"]) for row in csv.DictReader(opened)}
    assert dict(found.select("patient", "cells").iter_rows()) == cells
    assert found["label"].value_counts().sort("label").rows() == [("all", 13), ("hem", 15)]
    assert found["right"].sum() == round(0.686663 * 1867)
    assert found.filter(found["patient"].str.starts_with("H"))["label"].unique().to_list() == ["hem"]
