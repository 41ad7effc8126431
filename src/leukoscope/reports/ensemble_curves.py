"""The reliability and ROC figures of an ensemble, from its tables."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from leukoscope.reports.ensemble_beside import read_rows
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.figures.many_rocs import many_rocs
from leukoscope.reports.figures.reliability import reliability
from leukoscope.reports.words import of_hundred

Row = dict[str, Any]
Key = tuple[str, str]
STATES = {"before": "as they say it", "after": "calibrated on validation"}
FIRST = ("most_confident", "average")
"""The rules that the reliability figure is about, where they were asked for."""
FEWEST = 2


def reliability_figure(place: EnsembleFolder, record: Row) -> tuple[Figure, str] | None:
    """Return the reliability curves of two rules and of the best member, with their words; None without a table.

    Args:
        place: The ensemble's folder.
        record: ``ensemble.json``.
    """
    rows = read_rows(place.reliability)
    if not rows:
        return None
    shown = _shown(record)
    states = {
        title: {name: [row for row in rows if _is(row, key, state)] for key, name in shown.items()}
        for state, title in STATES.items()
    }
    chance = 1 / len(record["classes"]["names"])
    figure = reliability(states, chance=chance, leaking=bool(record["leakage"]))
    alt = f"How often {', '.join(shown.values())} are right against how sure they are, before calibration and after."
    return figure, alt


def roc_figure(place: EnsembleFolder, record: Row) -> tuple[Figure, str] | None:
    """Return the ROC curves of all members and rules, with their words; None without a table.

    Args:
        place: The ensemble's folder.
        record: ``ensemble.json``.
    """
    curves: dict[Key, tuple[list[float], list[float]]] = {}
    for row in read_rows(place.curves):
        across, up = curves.setdefault((row["kind"], row["name"]), ([], []))
        across.append(row["fpr"])
        up.append(row["tpr"])
    if not curves:
        return None
    titled = {_title(record, key): curve for key, curve in curves.items()}
    rates = list(dict.fromkeys(row["false_positive_rate"] for row in read_rows(place.rates)))
    rules = [_title(record, key) for key in curves if key[0] == "rule"]
    figure = many_rocs(titled, marked=rates, rules=rules, leaking=bool(record["leakage"]))
    marks = ", ".join(f"{of_hundred(rate)} %" for rate in rates)
    alt = f"ROC curves of {', '.join(titled)}; false alarms of {marks} are marked."
    return figure, alt


def _shown(record: Row) -> dict[Key, str]:
    rules = [name for name in FIRST if name in record["rules"]]
    rules += [name for name in record["rules"] if name not in rules][: max(FEWEST - len(rules), 0)]
    keys = [("rule", name) for name in rules]
    best = record.get("best_member_on_validation")
    found = {key: _title(record, key) for key in keys}
    return found if best is None else found | {("member", best): f"{best} (the best member on validation)"}


def _title(record: Row, key: Key) -> str:
    kind, name = key
    if kind == "member":
        return name
    title = str(record["rules"][name]["title"])
    return f"{title} (rule)" if title in [member["name"] for member in record["members"]] else title


def _is(row: Row, key: Key, state: str) -> bool:
    return (row["kind"], row["name"]) == key and row["state"] == state
