"""Checks of the files: unreadable ones, wrong endings, and what the decoder had to do."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.errors import counted

SHOWN = 3
SEPARATOR = "; "
WRONG_ENDING = r"named \.\w+ but is "


def unreadable(evidence: Evidence) -> list[Finding]:
    """List the pictures that cannot be read, and why."""
    cells = evidence.cells.filter(pl.col("problem").is_not_null()).select("id", "path", "patient", "label", "problem")
    if not cells.height:
        return []
    more = f" and {cells.height - SHOWN:,} more" if cells.height > SHOWN else ""
    named = ", ".join(cells["path"].head(SHOWN)) + more
    sentence = f"{counted(cells.height, 'unreadable picture')} left out: {named}."
    do = "Fetch these files again from where they came, or remove those that are no pictures."
    return [Finding("unreadable", "warning", sentence, cells.height, {"cells": cells}, do)]


def misnamed(evidence: Evidence) -> list[Finding]:
    """List the files whose ending promises another format than they have."""
    wrong = evidence.cells.filter(pl.col("remarks").str.contains(WRONG_ENDING))
    if not wrong.height:
        return []
    sentence = (
        f"{counted(wrong.height, 'file')} named as another format than it is: read by content, so nothing is lost."
    )
    cells = wrong.select("id", "path", "format", "remarks")
    return [
        Finding("misnamed", "warning", sentence, wrong.height, {"cells": cells}, "Rename them, for other programs.")
    ]


def remarks(evidence: Evidence) -> list[Finding]:
    """Say what the decoder had to do to pictures to make them 8-bit RGB."""
    made = evidence.cells.filter(pl.col("remarks").is_not_null()).select("id", "label", "remarks")
    each = made.with_columns(remark=pl.col("remarks").str.split(SEPARATOR)).explode("remark", empty_as_null=True)
    each = each.filter(~pl.col("remark").str.contains(WRONG_ENDING))
    if not each.height:
        return []
    kinds = each.group_by("remark").agg(cells=pl.len()).sort("cells", "remark", descending=[True, False])
    number = each["id"].n_unique()
    said = ", ".join(f"{remark} ({cells:,})" for remark, cells in kinds.iter_rows())
    sentence = f"{counted(number, 'picture')} changed in reading to 8-bit RGB: {said}."
    cells = made.join(each.select("id").unique(), on="id", how="semi").select("id", "label", "remarks")
    return [Finding("decoder_remarks", "note", sentence, number, {"cells": cells, "remarks": kinds})]
