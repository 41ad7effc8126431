"""From the tables of a comparison's folder to one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leukoscope.errors import DataError
from leukoscope.files import read_json, write_text
from leukoscope.reports.comparison_figures import difference_panels, distribution_panels
from leukoscope.reports.comparison_folder import ComparisonFolder
from leukoscope.reports.comparison_tables import read_differences, read_runs, read_tests
from leukoscope.reports.comparison_words import (
    ALTERNATIVES,
    TESTS,
    behind_words,
    kind_of_test,
    number,
    score_words,
    signed,
)
from leukoscope.reports.embedding import inline_svg
from leukoscope.reports.figures.comparison_differences import comparison_differences
from leukoscope.reports.figures.comparison_distributions import comparison_distributions
from leukoscope.reports.figures.saving import Drawn, save_figure
from leukoscope.reports.templates import environment, style
from leukoscope.reports.words import NOTHING, day_of, p_value

SHORT_SUM = 8

Row = dict[str, Any]


def write_comparison_page(folder: Path) -> Path:
    """Write ``comparison.html`` and ``figures/`` from the tables of a comparison, and from nothing else.

    The page is one file: no script, no request to anywhere.

    Args:
        folder: The comparison's folder.

    Returns:
        The page.

    Raises:
        DataError: there is no comparison, or a table is missing or damaged.
    """
    place = ComparisonFolder(Path(folder))
    if not place.record.is_file():
        raise DataError("This folder holds no comparison.", where=str(place.path), do="Name the --out of compare.")
    record: Row = read_json(place.record)
    tests, runs = read_tests(place.table).to_dicts(), read_runs(place.runs).to_dicts()
    differing = read_differences(place.differences)
    context = _context(record, tests, runs) | {
        "differing": {"head": differing.columns[2:], "rows": differing.rows()},
        "figures": _figures(place, record, runs),
        "forest": _forest(place, record, tests),
    }
    write_text(place.page, environment().get_template("comparison.html").render(context))
    return place.page


def _context(record: Row, tests: Sequence[Row], runs: Sequence[Row]) -> Row:
    return {
        "css": style("page.css"),
        "titles": TESTS,
        "sides": record["sides"],
        "date": day_of(record["started"]),
        "version": record["versions"]["leukoscope"],
        "leakage": record["leakage"],
        "cautions": record["cautions"],
        "part": record["part"],
        "alternative": ALTERNATIVES[record["alternative"]],
        "replicates": record["replicates"],
        "command": record["command"] or NOTHING,
        "families": [_family(family) for family in record["families"]],
        "blocks": [_block(record, tests, question) for question in record["questions"]],
        "every": _run_table(record, runs),
    }


def _family(family: Row) -> Row:
    floors = {name: p_value(family[name]) for name in ("smallest_p", "smallest_p_holm")}
    return {"title": family["title"], "tests": family["tests"], **floors}


def _block(record: Row, tests: Sequence[Row], question: str) -> Row:
    """Return the tests of one question: a group a pair of sides and score, its rows below."""
    groups: dict[str, list[Row]] = {}
    for row in tests:
        if row["question"] == question:
            title = f"{row['first']} against {row['second']}"
            score = "" if row["score"] is None else f": {score_words(row['score'])}"
            groups.setdefault(title + score, []).append(_test(row))
    return {"name": question, "question": record["questions"][question], "groups": groups}


def _test(row: Row) -> Row:
    pair = row["first_run"]
    same = pair == row["second_run"]
    interval = NOTHING if row["low"] is None else f"{signed(row['low'])} to {signed(row['high'])}"
    effect = "" if row["effect"] is None else f"{row['effect_is']} {number(row['effect'])}"
    return {
        "test": TESTS[kind_of_test(row)],
        "runs": "" if pair is None else pair if same else f"{pair}, {row['second_run']}",
        "first": number(row["first_value"]),
        "second": number(row["second_value"]),
        "difference": signed(row["difference"]),
        "interval": interval,
        "effect": effect,
        "p": p_value(row["p"]),
        "p_holm": p_value(row["p_holm"]),
        "smallest": p_value(row["smallest_p"]),
        "behind": behind_words(row),
        "refused": row["refused"],
        "verdict": row["verdict"],
    }


def _run_table(record: Row, runs: Sequence[Row]) -> Row:
    head = ["Side", "Run", "Seed", "Patients", "Cells", "Rows", "Threshold", *map(score_words, record["scores"])]
    rows = []
    for row in runs:
        size = [NOTHING if row[name] is None else f"{row[name]:,}" for name in ("patients", "cells")]
        told = [row["rows_sha256"][:SHORT_SUM], number(row["threshold"])]
        scores = [number(row[name]) for name in record["scores"]]
        rows.append([row["side"], row["run"], str(row["seed"]), *size, *told, *scores])
    return {"head": head, "rows": rows}


def _figures(place: ComparisonFolder, record: Row, runs: Sequence[Row]) -> list[Row]:
    panels = distribution_panels(record, runs)
    said = "; ".join(
        f"{panel.title} of {side.title}: {', '.join(map(number, side.values.values())) or 'no run'}"
        for panel in panels
        for side in panel.sides
    )
    figure = comparison_distributions(panels, leaking=bool(record["leakage"]))
    return [_shown(save_figure(figure, place.figures, "distributions", f"Each run of each side. {said}."))]


def _forest(place: ComparisonFolder, record: Row, tests: Sequence[Row]) -> list[Row]:
    panels, names = difference_panels(record, tests)
    if not names:
        return []
    first = record["sides"][0]["name"]
    figure = comparison_differences(panels, names, first, leaking=bool(record["leakage"]))
    alt = f"Differences of {first} from the other sides on the same rows; the values stand in comparison.csv."
    return [_shown(save_figure(figure, place.figures, "differences", alt))]


def _shown(saved: Drawn) -> Row:
    return {"svg": inline_svg(saved), "width": saved.width, "alt": saved.alt}
