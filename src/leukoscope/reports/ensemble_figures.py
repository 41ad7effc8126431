"""Which figures a page shows of an ensemble, from its record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from leukoscope.reports.embedding import inline_svg
from leukoscope.reports.ensemble_bagging import bagging_figure
from leukoscope.reports.ensemble_curves import reliability_figure, roc_figure
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.ensemble_tables import read_ensemble, weighing
from leukoscope.reports.figures.ensemble_weights import ensemble_weights
from leukoscope.reports.figures.genetic_course import genetic_course
from leukoscope.reports.figures.saving import Drawn, save_figure
from leukoscope.reports.words import decimal

Row = dict[str, Any]


def ensemble_figures(folder: Path) -> dict[str, list[Row]]:
    """Draw the figures of an ensemble into its folder.

    Args:
        folder: The ensemble's folder.

    Returns:
        ``weights``, ``course``, ``reliability``, ``curves`` and ``bagging``: figures, or none, as ``macros.html`` shows
        them.

    Raises:
        DataError: the folder holds no finished ensemble.
    """
    place, record = EnsembleFolder(Path(folder)), read_ensemble(folder)
    return {
        "weights": _weights(place, record),
        "course": _courses(place, record),
        "reliability": _drawn(place, "reliability", reliability_figure(place, record)),
        "curves": _drawn(place, "ensemble_roc", roc_figure(place, record)),
        "bagging": _drawn(place, "ensemble_bagging", bagging_figure(place, record)),
    }


def _drawn(place: EnsembleFolder, name: str, figure: tuple[Figure, str] | None) -> list[Row]:
    return [] if figure is None else [_shown(save_figure(figure[0], place.figures, name, figure[1]))]


def _weights(place: EnsembleFolder, record: Row) -> list[Row]:
    rules, names = weighing(record), [member["name"] for member in record["members"]]
    if not rules:
        return []
    said = "; ".join(f"{title}: {', '.join(map(decimal, weights))}" for title, weights in rules.items())
    figure = ensemble_weights(names, rules, leaking=bool(record["leakage"]))
    alt = f"The weight of {', '.join(names)} by each rule. {said}."
    return [_shown(save_figure(figure, place.figures, "ensemble_weights", alt))]


def _courses(place: EnsembleFolder, record: Row) -> list[Row]:
    found = []
    for name, rule in record["rules"].items():
        fitted = rule["fitted"]
        course = fitted.get("course") or {}
        if "mean" not in course:
            continue
        equal, chosen = fitted["fitness_of_equal_weights"], fitted["restart"]
        look = {"chosen": chosen, "equal": equal, "leaking": bool(record["leakage"])}
        figure = genetic_course(course["best"], course["mean"], **look)
        best = course["best"][chosen]
        alt = (
            f"{rule['title']}: the best weighted F1 on the validation part goes from {decimal(best[0])} to "
            f"{decimal(best[-1])} in {len(best) - 1} generations; equal weights have {decimal(equal)}."
        )
        found.append(_shown(save_figure(figure, place.figures, f"{name}_course", alt)))
    return found


def _shown(saved: Drawn) -> Row:
    return {"svg": inline_svg(saved), "width": saved.width, "alt": saved.alt}
