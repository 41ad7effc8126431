from __future__ import annotations

import math
from typing import Any

from leukoscope.reports.figures.study_curves import MOST_LINES, MOST_PANELS
from leukoscope.reports.study_courses import MOST_VARIANTS, course_figures


def curves(variants: int, metrics: list[str], epochs: int = 2) -> list[dict[str, Any]]:
    return [
        {"variant": f"v{variant}", "metric": metric, "epoch": epoch, "runs": 3, "mean": epoch / 10, "deviation": 0.1}
        for variant in range(variants)
        for metric in metrics
        for epoch in range(1, epochs + 1)
    ]


def test_the_metrics_that_are_asked_for_come_first_and_all_are_shown() -> None:
    metrics = ["ece", "loss", "mcc", *(f"own_{number}" for number in range(MOST_PANELS)), "weighted_f1"]
    figures = course_figures(curves(1, metrics))
    titles = [[panel.title for panel in panels] for (panels,) in figures]
    assert titles[0][:4] == ["Weighted F1", "Loss", "ECE", "MCC"]
    assert [len(one) for one in titles] == [MOST_PANELS, len(metrics) - MOST_PANELS]


def test_three_variants_stand_in_a_figure_and_keep_their_place() -> None:
    (together,) = course_figures(curves(MOST_LINES + 1, ["accuracy", "mcc"]))
    assert [[course.title for course in panels[1].courses] for panels in together] == [["v0", "v1", "v2"], ["v3"]]
    (last,) = together[1][0].courses
    assert (last.place, last.epochs, last.means, last.deviations, last.runs) == (
        3, (1, 2), (0.1, 0.2), (0.1, 0.1), (3, 3),
    )  # fmt: skip


def test_each_metric_has_its_own_ends() -> None:
    ((panels,),) = course_figures(curves(1, ["accuracy", "mcc", "loss", "log_loss"]))
    ends = {panel.title: panel.ends for panel in panels}
    assert ends["Accuracy"] == (0.0, 1.0)
    assert ends["MCC"] == (-1.0, 1.0)
    assert ends["Loss"] == (-math.inf, math.inf)
    assert ends["Log-loss"] == (0.0, math.inf)


def test_a_metric_that_a_variant_lacks_has_no_line_of_it() -> None:
    ((panels,),) = course_figures([*curves(1, ["accuracy"]), *curves(2, ["mcc"])])
    assert {panel.title: len(panel.courses) for panel in panels} == {"Accuracy": 1, "MCC": 2}


def test_a_large_grid_does_not_fill_the_page() -> None:
    together = course_figures(curves(MOST_VARIANTS + 1, ["accuracy"]))[0]
    assert sum(len(panels[0].courses) for panels in together) == MOST_VARIANTS
    assert course_figures([]) == []
