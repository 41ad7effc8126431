from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from leukoscope.files import read_json, read_table, write_json
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.reports.study_page import write_study_page
from leukoscope.runs.folder import RunFolder
from leukoscope.studies import Study
from leukoscope.studies.class_scores import SCORES, class_scores_table
from leukoscope.studies.table import study_table


def test_each_class_has_mean_and_deviation_over_the_runs_of_a_variant(study: Study) -> None:
    table = read_table(study.place.classes)
    shown = [score for score in SCORES if score != "accuracy"]  # of two classes either's is that of all cells
    assert table.height == 2 * 2 * len(shown)
    variant = table["variant"][0]
    names = [row["name"] for row in study.table.iter_rows(named=True) if row["variant"] == variant]
    parts = [read_json(RunFolder(study.place.run(name)).scores)["parts"]["test"] for name in names]
    for score in shown:
        values = [part["per_class"]["all"][score]["value"] for part in parts]
        (row,) = table.filter(**{"variant": variant, "score": score, "class": "all"}).to_dicts()
        assert row["runs"] == row["finished"] == 2
        assert row["mean"] == pytest.approx(statistics.mean(values))
        assert row["deviation"] == pytest.approx(statistics.stdev(values))
        assert row["support"] == sum(part["per_class"]["all"]["support"] for part in parts)


def test_a_score_that_is_not_defined_in_a_run_is_left_out_and_said(copied: Path) -> None:
    place = StudyFolder(copied)
    first = study_table(place)["name"][0]
    scores = read_json(RunFolder(place.run(first)).scores)
    scores["parts"]["test"]["per_class"]["all"]["precision"] = {"value": None, "reason": "nothing was called 'all'"}
    write_json(RunFolder(place.run(first)).scores, scores)
    table = class_scores_table(place, study_table(place))
    row = next(row for row in table.iter_rows(named=True) if (row["class"], row["score"]) == ("all", "precision"))
    assert (row["runs"], row["finished"], row["deviation"]) == (1, 2, None)
    assert row["mean"] is not None


def test_the_page_shows_them(copied: Path) -> None:
    page = write_study_page(copied).read_text(encoding="utf-8")
    assert "Class by class" in page
    assert "leukaemic blast" in page
    assert "near 1 for a rare class" not in page
