"""What follows from a test, in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from leukoscope.errors import counted
from leukoscope.evaluation.names import score_title, smaller_is_better
from leukoscope.evaluation.showing import p_text
from leukoscope.studies.comparison.rows import Row

USUAL = 0.05
"""The limit below which a difference counts as shown."""


def with_words(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with their ``verdict`` and their ``words``.

    Args:
        rows: Rows of ``comparison_tables.TABLE`` with their families; see ``families.with_families``.
    """
    return [row | {"verdict": verdict_of(row), "words": words_of(row)} for row in rows]


def words_of(row: Row) -> str:
    """Return what a test says: what was found, whether it is shown, and for whom.

    Args:
        row: A row with its family.
    """
    if row.get("refused") is not None:
        return f"Not tested. {_sentence(row['refused'])}"
    said = {"mann_whitney": _ranks, "wilcoxon": _pairs, "mcnemar": _calls, "corrected_t": _folds}
    p = "" if row["p"] is None else f": {_p(row)}"
    return f"{said.get(row['test'], _means)(row)} {verdict_of(row)}{p}. {_scope(row)}"


def verdict_of(row: Row) -> str:
    """Return what follows from a test, without its figures.

    Args:
        row: A row with its family.
    """
    if row.get("refused") is not None:
        return "Not tested"
    if row["p"] is None:
        every = "fold" if row["test"] == "corrected_t" else "resample"
        return f"Every {every} gives the same difference, so there is no p"
    if row["p_holm"] <= USUAL:
        return _shown(row)
    if _is_other_way(row):
        return "The difference points the other way, which a one-sided test does not judge"
    floor = row["smallest_p_holm"]
    if floor is not None and floor > USUAL:
        return f"{_too_few(row)} (at best p = {row['smallest_p']:.3g}, {floor:.3g} after the correction)"
    return "Not shown to be more than chance"


def _ranks(row: Row) -> str:
    runs = f"{row['first_number']} and {row['second_number']} runs"
    higher = row["effect"]
    better, share = ("lower", 1 - higher) if smaller_is_better(row["score"]) else ("higher", higher)
    often = f"{row['first']} is the {better} in {100 * share:.0f} of 100 pairs (ties count half)"
    return f"{_values(row)}, means of {runs}; {often}."


def _pairs(row: Row) -> str:
    return f"{_values(row)}, means of {counted(row['first_number'], 'pair')} of runs of one seed on the same rows."


def _folds(row: Row) -> str:
    return f"{_means(row)[:-1]}, over {counted(row['first_number'], 'pair')} of folds."


def _means(row: Row) -> str:
    interval = "" if row["low"] is None else f" (95 % interval {row['low']:+.3f} to {row['high']:+.3f})"
    return f"{_values(row)}: {row['difference']:+.3f}{interval}."


def _calls(row: Row) -> str:
    noun = {"cell": "cell", "patient": "patient"}.get(row["unit"], "linked group")
    of = counted(row["cells" if noun == "cell" else "groups"], noun)
    return (
        f"Of {of}, {row['first']} alone calls {row['first_number']:,} rightly, {row['second']} alone "
        f"{row['second_number']:,}."
    )


def _values(row: Row) -> str:
    title = score_title(row["score"])
    loss = " (smaller is better)" if smaller_is_better(row["score"]) else ""
    return f"{title[:1].upper()}{title[1:]} {row['first_value']:.3f} against {row['second_value']:.3f}{loss}"


def _p(row: Row) -> str:
    family = f"after Holm's correction for {counted(row['family_tests'], 'test')}"
    return f"{p_text(row['p'])}, {p_text(row['p_holm'])} {family}"


def _shown(row: Row) -> str:
    higher = row["alternative"] == "greater" or (row["alternative"] == "two-sided" and _is_higher(row))
    if row["test"] == "mcnemar":
        often = f"{row['first']} is right {'more' if higher else 'less'} often, beyond chance"
        return f"{often} if cells were independent, which they are not" if row["unit"] == "cell" else often
    found = "higher" if higher else "lower"
    # The higher score is taken for the better one, so of a loss it is said which is.
    judged = f"{found} ({'worse' if higher else 'better'})" if smaller_is_better(row["score"]) else found
    return f"{row['first']} is {judged}, beyond chance"


def _is_higher(row: Row) -> bool:
    return _above(row) > 0


def _is_other_way(row: Row) -> bool:
    asked = {"greater": 1, "less": -1}.get(row["alternative"], 0)
    return asked * _above(row) < 0


def _above(row: Row) -> float:
    """Return by how much a test found the first side the higher one; tests of ranks do not ask the means."""
    no_difference = {"mann_whitney": 0.5, "wilcoxon": 0.0}
    if row["test"] in no_difference:
        return float(row["effect"] - no_difference[row["test"]])
    return float(row["difference"])


def _too_few(row: Row) -> str:
    few = {"mann_whitney": "runs", "wilcoxon": "pairs of runs"}.get(row["test"], "rows on which the calls differ")
    return f"Too few {few} to show anything at 5 %"


def _scope(row: Row) -> str:
    if row["question"] == "seeds":
        patients = "these cells" if row["patients"] is None else f"these {_patients(row)}"
        if row["test"] == "corrected_t":
            return f"It speaks of the two ways of training, on {patients}, not of two networks."
        return f"It speaks of other seeds on {patients}, not of other patients."
    if row["patients"] is None:
        return "The patients are not known: cells are taken as independent, and p is too small where they are not."
    if row["unit"] == "cell":
        return "Cells of one patient are not independent: p is too small, quote the test on patients."
    return f"It speaks of patients like these {_patients(row)}, not of other seeds."


def _patients(row: Row) -> str:
    linked = row["groups"] is not None and row["patients"] is not None and row["groups"] < row["patients"]
    known = counted(row["patients"] or 0, "patient")
    return f"{known} in {counted(row['groups'], 'linked group')}" if linked else known


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
