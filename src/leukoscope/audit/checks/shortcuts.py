"""Checks for shortcuts: what tells the class without looking at the cell, and how well.

Each statistic is tried on linked groups of patients that were not learnt from, and told where its AUC is 0.6 or more
and the lower bound of its 95 % interval lies above a threshold: 0.5 for what may be biology, which is a note. What is
technical, and colour, must reach 0.6, and of fewer than 49 linked groups 0.5 + 0.7 / sqrt(groups), so that of many
statistics, and with few patients, hardly one gets there by luck.

This was chosen by measurement. In 20 drawn cohorts of 24 patients without a fault the largest lower bounds were 0.56
(order of files), 0.57 (size of files beyond what they show), 0.60 (brightness), 0.53 (brightness within the patient)
and 0.55 (colour); 0.64 is needed there. With one class made brighter by 12 % brightness within the patient had at least
0.67 in each of them; with its files smaller by 15 %, their size beyond what they show had at least 0.75.
"""

from __future__ import annotations

import math

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.audit.shortcuts import Told
from leukoscope.cohort.classes import Classes

WORTH_TELLING = 0.6
CHANCE, MARGIN, MARGIN_OF_FEW = 0.5, 0.1, 0.7
# Kinds of cells differ in colour by nature (PBC's bound is 0.75), the two states of one kind hardly do.
COLOUR_OF_TWO, COLOUR_OF_MORE = 0.65, 0.9
MOST = 4


def technical_shortcut(evidence: Evidence) -> list[Finding]:
    """Warn where the class can be told by what says nothing of the cell: file, format, order, number of pictures."""
    found = _told(evidence, "technical")
    if not found:
        return []
    do = (
        "Ask how the files of each class were made, and make them alike (one format, size and quality). Where it is an "
        "order or a number, see that nothing that is trained or sorted can use it."
    )
    sentence = f"{_alone(found, evidence)}. That has nothing to do with the cells."
    return [_finding("technical_shortcut", found, sentence, do)]


def colour_shortcut(evidence: Evidence) -> list[Finding]:
    """Warn where brightness or mean colour alone tell two classes apart: stain, light or camera, not the cell."""
    found = _told(evidence, "colour")
    if not found:
        return []
    binary = evidence.cohort.classes.binary
    sure = any(_low(one) > (COLOUR_OF_TWO if binary else COLOUR_OF_MORE) for one in found)
    may = (
        "It may be the stain, the light or the camera."
        if binary
        else "Kinds of cells differ in colour by nature; stain and light may add to it."
    )
    sentence = f"{_alone(found, evidence)}. {may}"
    do = "See whether the classes came from different smears, days or microscopes; normalise the stain and compare."
    return [_finding("colour_shortcut", found, sentence, do if sure else None)]


def cell_shortcut(evidence: Evidence) -> list[Finding]:
    """Note how well the size of the cell, the contrast or the background alone tell the classes."""
    found = _told(evidence, "cell")
    # A file is the larger the more there is to see: an echo of the others.
    found = [one for one in found if one.statistic != "file size"] or found
    if not found:
        return []
    sentence = f"{_alone(found, evidence)}. It may be biology, but a network can stop there: its score must be higher."
    return [_finding("cell_shortcut", found, sentence)]


def clinical_shortcut(evidence: Evidence) -> list[Finding]:
    """Note how well a declared fact of the patient (age, sex, a count) alone tells the classes."""
    found = _told(evidence, "clinical")
    if not found:
        return []
    sentence = f"{_alone(found, evidence)}. A model must do better than that to be of use."
    return [_finding("clinical_shortcut", found, sentence)]


def shortcuts_together(evidence: Evidence) -> list[Finding]:
    """Say how well all that a network can see without looking at the cell tells the classes, with every statistic."""
    survey = evidence.shortcuts
    one = survey.together
    if one is None:
        return []
    rows = pl.DataFrame([told.as_row() for told in (one, *survey.told)], infer_schema_length=None)
    classes = evidence.cohort.classes
    sentence = (
        f"Size, colour, contrast, background and form of the pictures, all together, tell {_what(classes)} on "
        f"unseen {one.unseen}: {_area(one, classes)}. Hold this beside every model's score."
    )
    if survey.drawn:
        sentence += f" Measured on {survey.drawn[0]:,} of the {survey.drawn[1]:,} cells, drawn without regard to class."
    return [Finding("shortcuts_together", "note", sentence, rows.height - 1, {"statistics": rows})]


def _told(evidence: Evidence, kind: str) -> list[Told]:
    of_kind = [one for one in evidence.shortcuts.told if one.kind == kind and one.auc >= WORTH_TELLING]
    natural = kind in ("cell", "clinical")
    return [one for one in of_kind if _low(one) > (CHANCE if natural else _bound(one.groups))]


def _low(one: Told) -> float:
    """Return the lower bound; where an AUC rests on a single group it says nothing."""
    return 0.0 if one.low is None else one.low


def _bound(groups: int) -> float:
    """Return what the lower bound must exceed where there are so many linked groups.

    Example:
        >>> [round(_bound(groups), 2) for groups in (12, 24, 49, 1000)]
        [0.7, 0.64, 0.6, 0.6]
    """
    return CHANCE + max(MARGIN, MARGIN_OF_FEW / math.sqrt(groups))


def _finding(code: str, found: list[Told], sentence: str, do: str | None = None) -> Finding:
    """Return a finding: a warning where something is to be done, else a note."""
    rows = pl.DataFrame([one.as_row() for one in found], infer_schema_length=None)
    return Finding(code, "warning" if do else "note", sentence, len(found), {"statistics": rows}, do)


def _alone(found: list[Told], evidence: Evidence) -> str:
    """Return what tells the classes by itself, and how well, without a full stop."""
    classes, first = evidence.cohort.classes, found[0]
    if len(found) == 1:
        return (
            f"By {first.phrase} alone one can tell {_what(classes)} on unseen {first.unseen}: {_area(first, classes)}"
        )
    said = "; ".join(f"{one.phrase}, {_area(one, classes)}" for one in found[:MOST])
    more = f"; and {len(found) - MOST} more" if len(found) > MOST else ""
    return f"By each of these alone one can tell {_what(classes)} on unseen {first.unseen}: {said}{more}"


def _what(classes: Classes) -> str:
    if classes.positive is None:
        return "the classes apart"
    (other,) = (name for name in classes.names if name != classes.positive)
    return f"{classes.title(classes.positive)} from {classes.title(other)}"


def _area(one: Told, classes: Classes) -> str:
    interval = "" if one.low is None or one.high is None else f" ({one.low:.2f} to {one.high:.2f})"
    best = "" if classes.binary else f", {classes.title(one.best)} best with {one.best_auc:.2f}"
    return f"{'' if classes.binary else 'mean '}AUC {one.auc:.2f}{interval}{best}"
