"""The figures of a study's page, drawn and saved, each with a description in words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from leukoscope.errors import counted
from leukoscope.reports.embedding import inline_svg
from leukoscope.reports.figures.patient_accuracy import accuracy_chunks, patient_accuracy
from leukoscope.reports.figures.saving import save_figure
from leukoscope.reports.figures.study_bars import Panel, study_bars
from leukoscope.reports.figures.study_curves import CoursePanel, study_curves
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.reports.words import NOTHING, decimal

Row = dict[str, Any]


def draw_variants(
    place: StudyFolder, figures: Sequence[tuple[str, list[Panel]]], *, leaking: bool, over: str = "runs"
) -> list[Row]:
    """Draw the variants side by side.

    Args:
        place: The study's folder.
        figures: What ``study_figures.figure_panels`` returned.
        leaking: Whether a split leaks.
        over: What the means are over, in words.

    Returns:
        Each figure for the page: ``svg``, ``width`` in CSS pixels, ``alt``.
    """
    drawn = []
    for number, (title, panels) in enumerate(figures, start=1):
        said = "; ".join(f"{panel.title} of {bar.title}: {_number(bar.mean)}" for panel in panels for bar in panel.bars)
        figure = study_bars(panels, title, leaking=leaking, over=over)
        drawn.append(_save(place, figure, f"variants_{number}", f"Mean over {over}. {said}."))
    return drawn


def draw_curves(
    place: StudyFolder, figures: Sequence[Sequence[Sequence[CoursePanel]]], *, leaking: bool
) -> list[list[Row]]:
    """Draw the validation metrics over epochs.

    Args:
        place: The study's folder.
        figures: What ``study_courses.course_figures`` returned.
        leaking: Whether a split leaks.

    Returns:
        For each nine metrics their figures, each as ``draw_variants`` returns it.
    """
    numbers = itertools.count(1)
    return [
        [_draw_curves(place, panels, f"curves_{next(numbers)}", leaking=leaking) for panels in together]
        for together in figures
    ]


def _draw_curves(place: StudyFolder, panels: Sequence[CoursePanel], name: str, *, leaking: bool) -> Row:
    titles = ", ".join(panel.title for panel in panels)
    alt = f"Over epochs, mean over runs and one deviation to either side: {titles}. The values stand in curves.csv."
    return _save(place, study_curves(panels, leaking=leaking), name, alt)


def draw_patients(place: StudyFolder, rows: Sequence[Row], *, leaking: bool) -> list[Row]:
    """Draw the cell accuracy by patient of one run.

    Args:
        place: The study's folder.
        rows: Its rows of ``patients.csv``.
        leaking: Whether a split leaks.

    Returns:
        As ``draw_variants``.
    """
    # The negative class first, as in most cohorts' own order.
    classes = sorted({(not row["negative"], row["title"] or "") for row in rows})
    titles = [title or None for _, title in classes]
    chunks = accuracy_chunks(rows)
    return [
        _save(
            place,
            patient_accuracy(chunk, titles, f"Cell accuracy by patient{number}", leaking=leaking),
            f"patients_{piece}",
            f"Share of each patient's cells that were called right: {counted(len(chunk), 'patient')}, the worst first. "
            f"The values stand in patients.csv.",
        )
        for piece, (number, chunk) in enumerate(chunks, start=1)
    ]


def _save(place: StudyFolder, figure: Figure, name: str, alt: str) -> Row:
    saved = save_figure(figure, place.figures, name, alt)
    return {"svg": inline_svg(saved), "width": saved.width, "alt": saved.alt}


def _number(value: float | None) -> str:
    return NOTHING if value is None else decimal(value)
