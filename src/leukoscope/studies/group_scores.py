"""Groups of classes over the runs of a study: mean and deviation of P(blast) and the like, published ones beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from leukoscope.files import read_json, write_table
from leukoscope.reports.published_figure import published_figure
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.studies.class_scores import SPREAD
from leukoscope.studies.running import FINISHED
from leukoscope.studies.summary import over_runs

SCORES = ("roc_auc", "pr_auc", "sensitivity", "specificity", "precision")
"""The scores of a group that are summed up; at the threshold that each run chose for it on validation."""
WITHIN, BY_CHANCE = "within_lineage", "within_lineage_by_chance"
LINEAGES = "errors within a lineage"
COLUMNS: dict[str, pl.DataType] = {
    "variant": pl.String(),
    "group": pl.String(),
    "title": pl.String(),
    "score": pl.String(),
    "support": pl.Int64(),
    "finished": pl.Int64(),
    "runs": pl.Int64(),
    "mean": pl.Float64(),
    "deviation": pl.Float64(),
    "min": pl.Float64(),
    "max": pl.Float64(),
    "published_mean": pl.Float64(),
    "published_deviation": pl.Float64(),
    "source": pl.String(),
}
"""The columns of ``groups.csv``.

A row a group and score; ``support`` is the sum of the group's cells over the test parts of the ``finished`` runs, in
``runs`` of which the score is defined. ``published_mean`` and ``published_deviation`` are what the ``source`` has.
Where lineages are known, two rows without a group: ``within_lineage``, the share of errors that stay within a lineage
(``support``: the errors), and ``within_lineage_by_chance``, what it would be had errors fallen by chance.
"""

Row = dict[str, Any]


def group_scores_table(folder: StudyFolder, table: pl.DataFrame) -> pl.DataFrame:
    """Return a row a variant, group and score, with the columns of ``COLUMNS``.

    Args:
        folder: The study's folder.
        table: What ``study_table`` returned.
    """
    rows: list[Row] = []
    finished = table.filter(pl.col("status") == FINISHED)
    for (variant,), own in finished.group_by("variant", maintain_order=True):
        found = [read_json(RunFolder(folder.run(name)).scores).get("class_groups") for name in own["name"]]
        known = [one for one in found if one]
        rows += [{"variant": variant, "finished": len(found), **row} for row in (*_groups(known), *_lineages(known))]
    return pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], schema=COLUMNS)


def write_group_scores(folder: StudyFolder, table: pl.DataFrame) -> None:
    """Write ``groups.csv``, where finished runs have groups of classes."""
    groups = group_scores_table(folder, table)
    if groups.height:
        write_table(folder.groups, groups)


def _groups(runs: list[Row]) -> Iterator[Row]:
    by_name: dict[str, list[Row]] = {}
    for group in (group for run in runs for group in run["groups"]):
        by_name.setdefault(group["name"], []).append(group)
    for name, own in by_name.items():
        support = sum(group["scores"]["per_class"][name]["support"] for group in own)
        for score in SCORES:
            figure = published_figure(own[0]["published"].get(score))
            yield {
                "group": name,
                "title": own[0]["title"],
                "score": score,
                "support": support,
                **_spread([_value(group, score) for group in own]),
                "published_mean": None if figure is None else figure.mean,
                "published_deviation": None if figure is None else figure.deviation,
                "source": None if figure is None else own[0]["source"],
            }


def _lineages(runs: list[Row]) -> Iterator[Row]:
    known = [run["lineages"] for run in runs if run["lineages"]]
    if known:
        head = {"title": LINEAGES, "support": sum(one["errors"] for one in known)}
        yield {**head, "score": WITHIN, **_spread([one["share"]["value"] for one in known])}
        yield {**head, "score": BY_CHANCE, **_spread([one["by_chance"] for one in known])}


def _value(group: Row, score: str) -> float | None:
    scores = group["scores"]
    found = {**scores["per_class"][group["name"]], **scores["scores"]}.get(score)
    return None if found is None else found["value"]


def _spread(values: list[float | None]) -> Row:
    over = over_runs([value for value in values if value is not None])
    return {name: over[name] for name in SPREAD}
