"""Drawn cells: a seeded cohort that looks like blood, for the demonstration, the tests and the self-tests."""

from __future__ import annotations

from leukoscope.drawn.anatomy import CellKind
from leukoscope.drawn.cohort import draw_cohort
from leukoscope.drawn.drawing import draw_cell
from leukoscope.drawn.kinds import KINDS
from leukoscope.drawn.look import Background, Look, draw_look
from leukoscope.drawn.reference import reference_pictures
from leukoscope.drawn.schemes import drawn_classes

__all__ = [
    "KINDS",
    "Background",
    "CellKind",
    "Look",
    "draw_cell",
    "draw_cohort",
    "draw_look",
    "drawn_classes",
    "reference_pictures",
]
