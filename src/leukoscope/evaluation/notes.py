"""What a reader of scores must know, in sentences."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.errors import counted
from leukoscope.evaluation.intervals import LONELY_SHARE
from leukoscope.evaluation.reasons import CALLS_ONLY
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import CELL, PATIENT


def notes_on(
    material: Material,
    patients: pl.DataFrame | None,
    *,
    unlabelled: int,
    own_calls: bool,
    referred: pl.Series | None = None,
) -> tuple[str, ...]:
    """Return the notes on a part's scores.

    Args:
        material: What was scored.
        patients: The table of the cells' patients, with the column ``label``; None where the rows are patients.
        unlabelled: How many rows were left out for want of a label.
        own_calls: Whether the predictions' own calls were used rather than a threshold.
        referred: Whether each row is referred instead of being called, (n,); None where the predictions do not say it.
    """
    found, noun = _on_units(material), "patient" if patients is None else "cell"
    if unlabelled:
        found.append(f"{counted(unlabelled, noun)} without label: left out of every score.")
    if material.probabilities is None:
        found.append(f"ROC AUC, PR AUC, Brier score, ECE and log-loss are n/a: {CALLS_ONLY}.")
    elif own_calls:
        found.append("The calls are the predictions' own, not those of a threshold.")
    found += [] if referred is None else _on_referred(material, referred, noun)
    found += _on_classes(material, noun) + ([] if patients is None else _on_patients(patients))
    return tuple(found)


def _on_referred(material: Material, referred: pl.Series, noun: str) -> list[str]:
    away = referred.fill_null(value=False).to_numpy()
    if not away.any():
        return []
    right, rest = (material.called == material.truth)[~away], int((~away).sum())
    kept = f" Of the other {rest:,}, {100 * right.mean():.1f} % are called rightly." if rest else ""
    who = counted(int(away.sum()), noun)
    return [f"{who} to be referred (column 'referred'): scored as called, like the others.{kept}"]


def _on_units(material: Material) -> list[str]:
    if material.units.kind == CELL:
        return [
            "No patients are known: cells of one patient are alike, so the intervals, drawn by cell, may be too narrow."
        ]
    if material.units.kind == PATIENT:
        return ["Patients are taken as they are named: whether two of them share pictures was not looked at."]
    return []


def _on_classes(material: Material, noun: str) -> list[str]:
    names = material.classes.names
    absent = [name for name, support in zip(names, material.support, strict=True) if not support]
    found = [f"No {noun} is {name!r}: the class is left out of macro averages." for name in absent]
    calls = np.bincount(material.called, minlength=len(names))
    found += [
        f"Nothing was called {name!r}: its precision is n/a, and counts as 0 in the averages of precisions."
        for name, call, support in zip(names, calls, material.support, strict=True)
        if support and not call
    ]
    total = material.support.sum()
    for name, held, support in zip(names, material.holders, material.support, strict=True):
        if held == 1 and support <= LONELY_SHARE * total:
            found.append(
                f"A single {material.units.kind} holds all {noun}s of {name!r}: "
                "the intervals of pooled scores do not contain how this class varies."
            )
    return found


def _on_patients(patients: pl.DataFrame) -> list[str]:
    if not patients.height:
        return ["Patients are not scored: none is known."]
    mixed = patients["label"].null_count()
    if not mixed:
        return []
    return [
        f"{counted(mixed, 'patient')} with cells of several classes and no label: left out of the patients' scores."
    ]
