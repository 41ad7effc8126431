"""Two runs, studies or variants, or more: is one better, and in the face of what?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl

from leukoscope.errors import SettingsError, nearest
from leukoscope.evaluation.names import OF_PATIENTS, PATIENT_SCORE, names_for
from leukoscope.evaluation.scoring import FEWEST_REPLICATES
from leukoscope.evaluation.significance import ALTERNATIVES, Alternative
from leukoscope.files import locked, write_json, write_table
from leukoscope.reports.comparison_folder import ComparisonFolder
from leukoscope.reports.comparison_page import write_comparison_page
from leukoscope.runs.folder import now, versions
from leukoscope.studies.comparison.cautions import cautions_of
from leukoscope.studies.comparison.comparison import FORMAT, Comparison
from leukoscope.studies.comparison.differences import differences_table
from leukoscope.studies.comparison.families import families_of, with_families
from leukoscope.studies.comparison.on_rows import rows_on_rows
from leukoscope.studies.comparison.over_runs import rows_over_runs
from leukoscope.studies.comparison.pairing import paired_runs
from leukoscope.studies.comparison.rows import QUESTIONS, Row, refused, table_of
from leukoscope.studies.comparison.runs_table import runs_table
from leukoscope.studies.comparison.sides import Side, sides_of
from leukoscope.studies.comparison.wording import with_words

Part = Literal["test", "validation"]
SCORES = ("weighted_f1", "roc_auc")


def compare(
    sides: Sequence[Path | str],
    out: Path | str,
    *,
    scores: Sequence[str] = (),
    alternative: Alternative = "two-sided",
    part: Part = "test",
    replicates: int = 2000,
    seed: int = 0,
    command: str | None = None,
) -> Comparison:
    """Compare the first side with each other one, and write tables, figures and the page.

    Over the runs of both sides: Mann-Whitney's test and, of runs of one seed on the same rows, Wilcoxon's. Of each such
    pair of runs: the difference under a bootstrap clustered by linked group, DeLong's test on patients, McNemar's test
    on patients and, marked, on cells. Holm's correction is made over all tests of one kind. What cannot be tested
    (other rows, a single run) is refused in its row; whatever else differs between the sides is in a table of its own.

    Args:
        sides: Run folders, study folders (each of their variants is a side), or ``STUDY::VARIANT``; the first is
            compared with each other one.
        out: The folder to write; an earlier comparison in it is replaced.
        scores: Names as in ``evaluate``, of patients in runs of cells with ``patient_`` before them; weighted F1 and
            ROC AUC where not given. Each further one makes the correction stricter.
        alternative: ``two-sided``, ``greater`` (the first side's values are higher; of a loss, worse) or ``less``.
        part: ``test`` or ``validation``.
        replicates: Resamples of the bootstrap, 100 or more.
        seed: Their seed.
        command: What was typed, for the record.

    Raises:
        SettingsError: fewer than two sides, an unknown score, variant or alternative, or a folder of something else.
        DataError: a folder holds no run or study, none is finished, or the sides have other classes or units.
    """
    _refuse_unknown(alternative, ALTERNATIVES, "alternative")
    _refuse_unknown(part, get_args(Part), "part")
    if replicates < FEWEST_REPLICATES:
        raise SettingsError(f"Intervals need {FEWEST_REPLICATES} replicates or more; got {replicates}.")
    read = sides_of(sides, part)
    wanted = _wanted(read, list(dict.fromkeys(scores)))
    rows = _rows(read, wanted, alternative, replicates, seed)
    differing = differences_table(read)
    record = {
        "scores": wanted, "alternative": alternative, "part": part, "replicates": replicates, "seed": seed,
        "families": families_of(rows), "cautions": cautions_of(read, differing, part), "command": command,
    }  # fmt: skip
    place = ComparisonFolder(Path(out))
    with locked(place.path):
        _refuse_strange(place)
        _write(place, _described(read) | record, rows, differing, runs_table(read, wanted))
    return Comparison(place.path)


def _rows(sides: Sequence[Side], scores: list[str], alternative: Alternative, replicates: int, seed: int) -> list[Row]:
    first, rows = sides[0], []
    for other in sides[1:]:
        for score in scores:
            rows += rows_over_runs(first, other, score, alternative)
        pairing = paired_runs(first, other)
        for pair in pairing.pairs:
            rows += rows_on_rows(first, other, pair, scores, alternative, replicates=replicates, seed=seed)
        if not pairing.pairs:
            rows.append(_no_pair(first, other, pairing.why, alternative))
    return with_words(with_families(rows))


def _no_pair(first: Side, other: Side, why: str | None, alternative: Alternative) -> Row:
    head = {"question": "patients", "test": "bootstrap", "first": first.name, "second": other.name}
    reason = f"No run of one side was scored on the same rows as its partner on the other: {why}."
    return refused(head | {"alternative": alternative}, reason)


def _wanted(sides: Sequence[Side], scores: list[str]) -> list[str]:
    scored = sides[0].runs[0].scored
    known = list(names_for(binary=len(scored["classes"]) == 2))  # noqa: PLR2004
    if scored.get("unit", "cell") == "cell":
        known += [PATIENT_SCORE + name for name in OF_PATIENTS]
    for score in scores:
        _refuse_unknown(score, known, "score")
    return scores or list(SCORES)


def _described(sides: Sequence[Side]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "started": now(),
        "versions": versions(),
        "unit": sides[0].runs[0].predictions.unit,
        "classes": list(sides[0].runs[0].predictions.classes.names),
        "sides": [_side(side) for side in sides],
        "leakage": list(dict.fromkeys(reason for side in sides for reason in side.leakage)),
        "questions": dict(QUESTIONS),
    }


def _side(side: Side) -> dict[str, Any]:
    known = {"runs": [run.name for run in side.runs], "missing": list(side.missing)}
    patients = {name for run in side.runs for name in run.patient_names}
    recipe = side.runs[0].record["recipe"]
    return {"name": side.name, "source": str(side.source), "recipe": recipe, "patients": len(patients) or None, **known}


def _refuse_unknown(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        raise SettingsError(f"There is no {what} {name!r} here.", do=nearest(name, known))


def _refuse_strange(place: ComparisonFolder) -> None:
    if not place.record.is_file() and any(not entry.name.startswith(".") for entry in place.path.iterdir()):
        what = "This folder is not empty, and holds no comparison."
        raise SettingsError(what, where=str(place.path), do="Name another --out.")


def _write(
    place: ComparisonFolder, record: dict[str, Any], rows: list[Row], differing: pl.DataFrame, runs: pl.DataFrame
) -> None:
    write_json(place.record, record)
    write_table(place.table, table_of(rows))
    write_table(place.differences, differing)
    write_table(place.runs, runs)
    write_comparison_page(place.path)
