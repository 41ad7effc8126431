from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from leukoscope.reports.drawing import draw_figures
from leukoscope.reports.tables import read_tables


def test_a_run_has_every_figure_in_both_formats(example: Callable[..., Path]) -> None:
    folder = example()
    drawn = draw_figures(read_tables(folder))
    names = {section: [figure.name for figure in figures] for section, figures in drawn.items()}
    assert names == {
        "confusion": ["confusion_matrix"],
        "curves": ["roc", "precision_recall"],
        "learning": ["loss", "validation_scores"],
        "patients": ["patients_1", "patients_2"],
        "calibration": ["calibration"],
        "facts": [],
        "joint": [],
        "bagging": [],
    }
    for figure in (figure for figures in drawn.values() for figure in figures):
        assert (folder / "figures" / f"{figure.name}.svg").read_text() == figure.svg
        assert (folder / "figures" / f"{figure.name}.png").read_bytes().startswith(b"\x89PNG")
        assert figure.alt.endswith(".")


def test_figures_whose_table_is_missing_are_left_out(evaluation: Path) -> None:
    drawn = draw_figures(read_tables(evaluation))
    assert {section for section, figures in drawn.items() if figures} == {"confusion", "patients"}


def test_a_description_holds_the_numbers(example: Callable[..., Path]) -> None:
    tables = read_tables(example())
    drawn = draw_figures(tables)
    right, wrong = tables.scores["parts"]["test"]["confusion"][0]
    assert f"normal cell (HEM): {right} of {right + wrong} called so;" in drawn["confusion"][0].alt
    assert drawn["curves"][0].alt == "ROC curve. Area under the curve: 0.931 (0.901 to 0.961)."
