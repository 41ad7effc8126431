"""Checks of linked groups: patients that every split takes as one, and chains that swallow a class."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.checks.pairing import across_patients
from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.cohort.cohort import PATIENT_LINK_COLUMNS
from leukoscope.cohort.readers.known_links import KnownLink, known_groups
from leukoscope.cohort.splits.limits import link_sentence, weakest_link
from leukoscope.errors import counted

SHOWN = 10
CHAIN = 3
SWALLOWED = 0.5


def known_links(evidence: Evidence) -> list[Finding]:
    """Name the patients of whom it is known beforehand, from the published data set, that they belong together."""
    links = evidence.cohort.patient_links
    if not links.height:
        return []
    groups = known_groups(KnownLink(**row) for row in links.select(*PATIENT_LINK_COLUMNS).iter_rows(named=True))
    here = set(evidence.cohort.patients["patient"])
    rows = [{"patients": names, "here": [name for name in names if name in here]} for names in groups]
    table = pl.DataFrame(rows, schema={"patients": pl.List(pl.String), "here": pl.List(pl.String)})
    meet = table.filter(pl.col("here").list.len() > 1).height
    named = "; ".join(", ".join(names) for names in groups[:SHOWN])
    more = f"; and {len(groups) - SHOWN:,} more" if len(groups) > SHOWN else ""
    which = {0: "None of them meet", 1: "One of them meets"}.get(meet, f"{meet} of them meet")
    sentence = (
        f"{counted(len(groups), 'group')} of patients of this data set are known to belong together ({named}{more}). "
        f"{which} in what is at hand; a chain may pass through a patient who is not."
    )
    do = "Keep each group on one side (every split made here does); splits as published may not." if meet else None
    return [
        Finding(
            "known_links", "warning" if meet else "note", sentence, len(groups), {"groups": table, "links": links}, do
        )
    ]


def linked_patients(evidence: Evidence) -> list[Finding]:
    """List the patients that are tied together and so stay on one side of every split."""
    patients = evidence.groups.table.filter(~pl.col("unit").str.starts_with("cell:"))
    units = patients.select("group", "unit").unique()
    tied = units.group_by("group").agg(patients=pl.col("unit").sort()).filter(pl.col("patients").list.len() > 1)
    tied = tied.sort("group")
    if not tied.height:
        return []
    named = "; ".join(", ".join(names) for names in tied["patients"].head(SHOWN))
    more = f"; and {tied.height - SHOWN:,} more" if tied.height > SHOWN else ""
    by = _ties(evidence)
    sentence = f"{counted(tied.height, 'group')} of patients tied by {by} stay together: {named}{more}."
    return [Finding("linked_patients", "note", sentence, tied.height, {"groups": tied})]


def _ties(evidence: Evidence) -> str:
    """Return what ties patients together, in words."""
    ties = [
        ("identical pictures", across_patients(evidence.pairs).height),
        ("pictures of one cell", across_patients(evidence.near).height),
        ("what is known of the data set", evidence.cohort.patient_links.height),
    ]
    words = [word for word, number in ties if number]
    return " and ".join(", ".join(words).rsplit(", ", 1))


def link_swallows_class(evidence: Evidence) -> list[Finding]:
    """Report a chain of links that holds most of a class together, with the link at which it would fall apart."""
    cells = evidence.labelled.join(evidence.groups.table.select("id", "group"), on="id")
    of_class = cells.group_by("label", "group").agg(cells=pl.len(), units=pl.col("unit").n_unique())
    share = (pl.col("cells") / pl.col("cells").sum().over("label")).alias("share")
    chains = of_class.with_columns(share).filter((pl.col("units") >= CHAIN) & (pl.col("share") > SWALLOWED))
    chains = chains.sort("label", "group")
    if not chains.height:
        return []
    links = [link_sentence(weakest_link(group, evidence.groups)) for group in chains["group"]]
    title = evidence.cohort.classes.title
    said = "; ".join(
        f"{title(row['label'])}: {row['share']:.0%} of the cells in {row['group']}, weakest link {link}"
        for row, link in zip(chains.iter_rows(named=True), links, strict=True)
    )
    sentence = f"A chain of links holds most of a class on one side of every split. {said}."
    do = "Look at the pictures of the weakest link; if it is a mistake of the data set, leave one of the two out."
    table = chains.with_columns(weakest_link=pl.Series(links))
    return [Finding("link_swallows_class", "warning", sentence, chains.height, {"classes": table}, do)]
