"""Checks for shortcuts: what tells the class without looking at the cell, and how well.

Each statistic is tried on linked groups of patients that were not learnt from, and told where its AUC is 0.6 or more
and the lower bound of its 95 % interval lies above a threshold: 0.5 for what may be biology, which is a note. What is
technical, and colour, must reach 0.6, and of fewer than 49 linked groups 0.5 + 0.7 / sqrt(groups), so that of many
statistics, and with few patients, hardly one gets there by luck.

An interval says little where an AUC is near 1 and patients are few (of 6 against 6 it may reach from 0.5 to 1). What is
technical, and colour of two classes, is therefore also told where the AUC of the class told best is 0.75 or more (0.9
of more than two classes, of which one always does well) and luck would do as well with a probability below 0.0025
(``shortcuts/chance.py``): 0.05 for 20 trials, and enough for 6 patients against 6 parted without a fault (1 of 924
orders). An AUC of 0.9 or more that may yet be luck is a note.

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
from leukoscope.audit.shortcuts import FEWEST_GROUPS, Told
from leukoscope.cohort.classes import Classes

WORTH_TELLING = 0.6
CHANCE, MARGIN, MARGIN_OF_FEW = 0.5, 0.1, 0.7
# Kinds of cells differ in colour by nature (PBC's bound is 0.75), the two states of one kind hardly do.
COLOUR_OF_TWO, COLOUR_OF_MORE = 0.65, 0.9
CLEAR_OF_TWO, CLEAR_OF_MORE, BY_LUCK = 0.75, 0.9, 0.0025
NEARLY_ALL = 0.9  # an AUC that is told although it may be luck
MOST = 4
LUCK = "There are too few patients to say that it is no chance; see how the files of each class were made."


def technical_shortcut(evidence: Evidence) -> list[Finding]:
    """Warn where the class can be told by what says nothing of the cell: file, format, order, number of pictures."""
    found, sure = _warned(evidence, "technical")
    if not found:
        return []
    do = (
        "Ask how the files of each class were made, and make them alike (one format, size and quality). Where it is an "
        "order or a number, see that nothing that is trained or sorted can use it."
    )
    sentence = f"{_alone(found, evidence)}. {'That has nothing to do with the cells.' if sure else LUCK}"
    return [_finding("technical_shortcut", found, sentence, do if sure else None)]


def colour_shortcut(evidence: Evidence) -> list[Finding]:
    """Warn where brightness or mean colour alone tell two classes apart: stain, light or camera, not the cell."""
    found, sure = _warned(evidence, "colour")
    if not found:
        return []
    binary = evidence.cohort.classes.binary
    may = (
        f"It may be the stain, the light or the camera{'' if sure else ', or chance'}."
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


def shortcuts_not_tried(evidence: Evidence) -> list[Finding]:
    """Say so where shortcuts were not looked for, although there are classes: too few patients, or cells."""
    known = evidence.labelled.height + evidence.cohort.patients["label"].count()
    if evidence.shortcuts.tried or not known:
        return []
    whose = "patients" if evidence.usable["patient"].count() else "cells"
    sentence = (
        f"Shortcuts were not looked for: too few {whose}. It takes {FEWEST_GROUPS} (linked ones count once) of each of "
        "two classes."
    )
    return [Finding("shortcuts_not_tried", "note", sentence, 1)]


def _told(evidence: Evidence, kind: str) -> list[Told]:
    """Return what may be biology and tells better than guessing."""
    return [
        one for one in evidence.shortcuts.told if one.kind == kind and one.auc >= WORTH_TELLING and _low(one) > CHANCE
    ]


def _warned(evidence: Evidence, kind: str) -> tuple[list[Told], bool]:
    """Return what tells the class and should not, and whether to warn of it; else what may be luck, or nature."""
    told = [one for one in evidence.shortcuts.told if one.kind == kind]
    binary = evidence.cohort.classes.binary
    natural = kind == "colour" and not binary
    enough = 0.0 if kind == "technical" else COLOUR_OF_TWO if binary else COLOUR_OF_MORE
    bound = [one for one in told if one.auc >= WORTH_TELLING and _low(one) > _bound(one.groups)]
    clear = [one for one in told if one.best_auc >= (CLEAR_OF_TWO if binary else CLEAR_OF_MORE)]
    ranked = [] if natural else [one for one in clear if one.chance < BY_LUCK]
    found = [one for one in told if one in bound or one in ranked]
    if found:
        return found, bool(ranked) or any(_low(one) > enough for one in bound)
    return [one for one in clear if one.auc >= NEARLY_ALL and not natural], False


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
