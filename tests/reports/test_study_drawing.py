from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.reports.figures.study_bars import Bar, Panel
from leukoscope.reports.figures.study_curves import Course, CoursePanel
from leukoscope.reports.study_drawing import draw_curves, draw_patients, draw_variants
from leukoscope.reports.study_folder import StudyFolder

COURSE = Course("a", 0, (1, 2), (0.5, 0.6), (0.1, 0.1), (2, 2))


def patient(number: int, title: str | None, *, negative: bool | None) -> dict[str, Any]:
    return {
        "patient": f"P{number}", "label": title, "title": title, "negative": negative, "cells": 4, "right": 3,
        "share_right": 0.75, "low": 0.3, "high": 0.9, "called": title,
    }  # fmt: skip


def test_a_figure_is_described_for_those_who_do_not_see_it(tmp_path: Path) -> None:
    (drawn,) = draw_variants(StudyFolder(tmp_path), [("seed", [Panel("ROC AUC", (Bar("a", 0.8),))])], leaking=False)
    assert drawn["alt"] == "Mean over runs. ROC AUC of a: 0.800."
    assert f'aria-label="{drawn["alt"]}"' in drawn["svg"]
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"variants_1.svg", "variants_1.png"}


def test_curves_are_numbered_over_all_metrics(tmp_path: Path) -> None:
    panels = [CoursePanel("Accuracy", (COURSE,))]
    drawn = draw_curves(StudyFolder(tmp_path), [[panels, panels], [panels]], leaking=True)
    assert [len(together) for together in drawn] == [2, 1]
    assert "one deviation to either side: Accuracy." in drawn[0][0]["alt"]
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {"curves_1", "curves_2", "curves_3"}


def test_the_negative_class_comes_first_and_no_patient_is_lost(tmp_path: Path) -> None:
    rows = [patient(1, "blast", negative=False), patient(2, "normal", negative=True), patient(3, None, negative=None)]
    (drawn,) = draw_patients(StudyFolder(tmp_path), rows, leaking=False)
    said = [drawn["svg"].index(f">{word}<") for word in ("normal ○", "blast", "cells of several classes")]
    assert said[0] < said[1]
    assert said[0] < said[2]
    assert "3 patients, the worst first" in drawn["alt"]
    assert draw_patients(StudyFolder(tmp_path), [], leaking=False) == []
