"""Checks for stain drift: patients, or places, whose pictures are of another colour than the others'."""

from __future__ import annotations

import cv2
import numpy as np
import polars as pl
from scipy.stats import kruskal

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.errors import counted

FEWEST_PATIENTS, FEWEST_OF_PLACE = 20, 4
FAR = 6.0
VISIBLE = 5.0
SIGNIFICANT = 1e-3
SHOWN = 5
STRIP = 10  # pictures shown of a patient
COLOURS = ("mean_red", "mean_green", "mean_blue")
LAB = ("lightness", "green_red", "blue_yellow")
TO_DEVIATION = 1.4826  # of a normal distribution: standard deviation over median absolute deviation


def stain_drift(evidence: Evidence) -> list[Finding]:
    """List the patients whose mean colour is far from the others'.

    Colours are means over a patient's pictures in CIE L*a*b*. A patient is far off where one of the three lies more
    than six robust standard deviations (1.4826 x the median absolute deviation) from the median of the patients, and
    the whole differs by 5 or more (Euclidean, CIE 1976; 2.3 is just noticeable). Of fewer
    than 20 patients nobody can say what is usual. In 20 drawn cohorts of 24 patients without a fault the largest
    deviation was 4.3, in Lyon's 90 patients 4.3 too.
    """
    colours = _of_units(evidence, ["patient"])
    if colours.height < FEWEST_PATIENTS:
        return []
    values = colours.select(LAB).to_numpy()
    middle = np.median(values, axis=0)
    spread = TO_DEVIATION * np.median(np.abs(values - middle), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviations = np.nan_to_num(np.abs(values - middle) / spread).max(axis=1)
    distance = np.sqrt(((values - middle) ** 2).sum(axis=1))
    table = colours.with_columns(pl.Series("distance", distance), pl.Series("deviations", deviations))
    table = table.sort("distance", "patient", descending=[True, False])
    far = table.filter((pl.col("deviations") > FAR) & (pl.col("distance") >= VISIBLE))
    if not far.height:
        return []
    named = ", ".join(f"{who} by {by:.0f}" for who, by in far.select("patient", "distance").head(SHOWN).iter_rows())
    more = f", and {far.height - SHOWN:,} more" if far.height > SHOWN else ""
    usual = float(np.median(distance))
    sentence = (
        f"{counted(far.height, 'patient')} of {colours.height:,} whose pictures are of quite another colour than the "
        f"others' ({named}{more}; usual {usual:.0f}, as differences of colour go): another stain, light or camera."
    )
    do = "Look at their pictures; normalise the stain, or see how the scores change without them."
    pictures = evidence.readable.filter(pl.col("excluded").is_null()).join(far, on="patient", how="semi")
    strips = pictures.sort("id").group_by("patient").agg(pl.col("id").head(STRIP))
    shown = tuple(tuple(ids) for ids in far.select("patient").join(strips, on="patient", maintain_order="left")["id"])
    return [Finding("stain_drift", "warning", sentence, far.height, {"far": far, "patients": table}, do, shown)]


def stain_by_place(evidence: Evidence) -> list[Finding]:
    """Warn where the parts of the data set as published, or its sources, are of different colours.

    The patients' mean colours (the cells', where patients are not known) are compared by Kruskal and Wallis's test,
    p below 0.001 in one of L*, a*, b*, and the places' medians differ by 5 or more.
    """
    found = []
    for what in ("source", "place"):
        unit = "patient" if evidence.usable["patient"].count() else "id"
        colours = _of_units(evidence, [unit, what]).drop_nulls(what)
        sizes = colours.group_by(what).len("units").filter(pl.col("units") >= FEWEST_OF_PLACE)
        colours = colours.join(sizes, on=what, how="semi")
        if sizes.height > 1:
            found += _apart(colours, what, unit)
    return found


def _apart(colours: pl.DataFrame, what: str, unit: str) -> list[Finding]:
    parts = [part.select(LAB).to_numpy() for part in colours.sort(what).partition_by(what, maintain_order=True)]
    chance = min(
        float(kruskal(*(part[:, axis] for part in parts)).pvalue)
        for axis in range(len(LAB))
        if np.ptp(np.concatenate([part[:, axis] for part in parts]))
    )
    middles = np.array([np.median(part, axis=0) for part in parts])
    apart = float(np.sqrt(((middles[:, None] - middles[None]) ** 2).sum(axis=2)).max())
    if chance >= SIGNIFICANT or apart < VISIBLE:
        return []
    table = colours.group_by(what).agg(pl.len().alias("units"), pl.col(LAB).median()).sort(what)
    named = ", ".join(table[what].head(SHOWN))
    said = "parts of the data set as published" if what == "place" else "sources"
    sentence = (
        f"The {said} differ in colour ({named}; medians of their {'patients' if unit == 'patient' else 'pictures'} up "
        f"to {apart:.0f} apart, where 2 is just noticeable): what is learnt on one meets other colours in another."
    )
    do = "Normalise the stain, or augment colours in training; do not let one class come from one of them."
    return [Finding("stain_by_place", "warning", sentence, table.height, {what + "s": table}, do)]


def _of_units(evidence: Evidence, by: list[str]) -> pl.DataFrame:
    """Return the mean colour of each patient (or cell) in L*a*b*, sorted."""
    cells = evidence.readable.filter(pl.col("excluded").is_null()).drop_nulls([by[0], *COLOURS])
    means = cells.group_by(by).agg(pl.len().alias("pictures"), pl.col(COLOURS).mean()).sort(by)
    if not means.height:
        return means.select(*by, "pictures").with_columns(pl.lit(None, pl.Float64).alias(name) for name in LAB)
    lab = cv2.cvtColor((means.select(COLOURS).to_numpy()[None] / 255).astype(np.float32), cv2.COLOR_RGB2LAB)[0]
    return means.select(*by, "pictures").with_columns(pl.Series(name, lab[:, at]) for at, name in enumerate(LAB))
