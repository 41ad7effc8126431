"""Checks for confounding: classes that go with one patient, or with the place that pictures come from."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import chi2_contingency

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.errors import counted
from leukoscope.facts.circumstances import is_circumstance

FEWEST_CELLS, FEWEST_PATIENTS = 10, 3
MOSTLY = 0.5
SIGNIFICANT = 1e-3
STRONG = 0.3
MOST_WORDS = 20
SHOWN = 5


def patient_makes_class(evidence: Evidence) -> list[Finding]:
    """Warn where one patient (with those linked to them) gives more than half of a class's cells."""
    cells = evidence.labelled.drop_nulls("patient")
    each = cells.group_by("label", "group").agg(cells=pl.len())
    whole = pl.col("cells").sum().over("label")
    groups = pl.len().over("label")
    each = each.with_columns(share=pl.col("cells") / whole, patients=groups, of=whole)
    many = (pl.col("of") >= FEWEST_CELLS) & (pl.col("patients") >= FEWEST_PATIENTS)
    heavy = each.filter(many & (pl.col("share") > MOSTLY)).sort("label").select("label", "group", "cells", "share")
    if not heavy.height:
        return []
    title = evidence.cohort.classes.title
    said = "; ".join(f"{title(label)}: {share:.0%} from {group}" for label, group, _, share in heavy.iter_rows())
    sentence = f"Most of a class comes from one patient ({said}): a network can learn the patient instead of the class."
    do = "Use fewer of these cells, or weigh them less; a score of this class says little of other patients."
    return [Finding("patient_makes_class", "warning", sentence, heavy.height, {"classes": heavy}, do)]


def class_goes_with_place(evidence: Evidence) -> list[Finding]:
    """Warn where the class goes with the part, the source or a declared site that pictures come from.

    Linked groups are counted where patients are known, else cells. Told where Pearson's chi-squared test gives p below
    0.001 and Cramer's V, corrected for its bias (Bergsma 2013, J Korean Stat Soc 42:323), is 0.3 or more.
    """
    cells = evidence.labelled
    names = ["place", "source", *(name for name in evidence.cohort.cells.columns if is_circumstance(name))]
    found = []
    for name in names:
        known = cells.drop_nulls(name)
        if known.schema[name] == pl.String and 1 < known[name].n_unique() <= MOST_WORDS:
            found += _together(evidence, known, name)
    return found


def cramers_v(table: np.ndarray) -> float:
    """Return Cramer's V of a table of counts, corrected for its bias (Bergsma 2013); 0 to 1.

    Example:
        >>> round(cramers_v(np.array([[20, 0], [0, 20]])), 2), cramers_v(np.array([[10, 10], [10, 10]]))
        (1.0, 0.0)
    """
    n, (rows, columns) = table.sum(), table.shape
    phi = float(chi2_contingency(table, correction=False).statistic) / n
    corrected = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    smaller = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1))
    return float(np.sqrt(corrected / (smaller - 1)))


def _together(evidence: Evidence, known: pl.DataFrame, name: str) -> list[Finding]:
    units = known.unique(["group", "label", name])
    counts = units.group_by(name, "label").len("units").sort(name, "label")
    table = counts.pivot(on="label", index=name, values="units", maintain_order=True).fill_null(0)
    numbers = table.drop(name).to_numpy()
    if min(numbers.shape) < 2 or chi2_contingency(numbers).pvalue >= SIGNIFICANT:  # noqa: PLR2004 - a table
        return []
    strength = cramers_v(numbers)
    if strength < STRONG:
        return []
    of_cells = known.group_by(name, "label").len("cells").sort(name, "label")
    said = name.replace("_", " ")
    whose = "patients" if known["patient"].count() else "cells"
    sentence = (
        f"The class goes with the {said} ({_shares(of_cells, name, evidence)}; Cramer's V {strength:.2f} over {whose}"
        f"): a network can learn how the pictures of one {said} look instead of the class."
    )
    do = f"Test within one {said}, or on one that was not trained on; collect each class from each {said}."
    tables = {name + "s": of_cells.join(counts, on=[name, "label"])}
    return [Finding("class_goes_with_place", "warning", sentence, table.height, tables, do)]


def _shares(of_cells: pl.DataFrame, name: str, evidence: Evidence) -> str:
    shares = of_cells.with_columns(share=pl.col("cells") / pl.col("cells").sum().over(name))
    largest = shares.sort(name, "cells", "label", descending=[False, True, False]).unique(
        name, keep="first", maintain_order=True
    )
    title = evidence.cohort.classes.title
    rows = largest.select(name, "label", "share").head(SHOWN).iter_rows()
    more = f"; and {counted(largest.height - SHOWN, 'more', 'more')}" if largest.height > SHOWN else ""
    return "; ".join(f"{place}: {share:.0%} {title(label)}" for place, label, share in rows) + more
