"""Which figures an error analysis shows, from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leukoscope.reports.embedding import inline_svg
from leukoscope.reports.figures.missed_bars import missed_bars
from leukoscope.reports.figures.pair_maps import PairMap, pair_maps
from leukoscope.reports.figures.rate_bins import Rate, RatePanel, rate_bins
from leukoscope.reports.figures.saving import Drawn, save_figure
from leukoscope.reports.mistakes_folder import MistakesFolder
from leukoscope.reports.mistakes_words import bin_words, property_title

FEWEST_FOR_MAPS = 3
OF_NO_PICTURE = ("every", "patient", "class")

Row = dict[str, Any]


def mistakes_figures(place: MistakesFolder, record: Row, tables: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """Draw and save the figures of an error analysis.

    Args:
        place: Its folder.
        record: ``errors.json``.
        tables: The rows of ``how_many``, ``pairs`` and ``by_group``.

    Returns:
        ``how_many``, ``rates`` (empty where the cells' properties are not known) and ``pairs`` (of three models or
        more), each as the template's ``figures`` takes them.
    """
    drawn = {
        "how_many": _how_many(place, record, tables["how_many"]),
        "rates": _rates(place, record, tables["by_group"]),
        "pairs": _pairs(place, record, tables["pairs"]),
    }
    return {name: [] if figure is None else [_shown(figure)] for name, figure in drawn.items()}


def _shown(drawn: Drawn) -> Row:
    return {"svg": inline_svg(drawn), "width": drawn.width, "alt": drawn.alt}


def _how_many(place: MistakesFolder, record: Row, rows: Sequence[Row]) -> Drawn:
    models = len(record["models"])
    counts = [
        (title, [row["cells"] for row in rows if row["label"] == label and row["missed_by"] > 0])
        for label, title in zip(record["classes"], record["titles"], strict=True)
    ]
    said = "; ".join(f"{title}: {', '.join(map(str, cells))}" for title, cells in counts)
    figure = missed_bars(counts, leaking=bool(record["leakage"]))
    return save_figure(figure, place.figures, "how_many", f"Cells that 1 to {models} models miss. {said}.")


def _rates(place: MistakesFolder, record: Row, rows: Sequence[Row]) -> Drawn | None:
    names = list(dict.fromkeys(row["property"] for row in rows if row["property"] not in OF_NO_PICTURE))
    if not names:
        return None
    models = [model["name"] for model in record["models"]]
    panels = [_panel(name, models, [row for row in rows if row["property"] == name]) for name in names]
    alt = "Error rate of each model over properties of the cells; the values stand in by_group.csv."
    return save_figure(rate_bins(panels, models, leaking=bool(record["leakage"])), place.figures, "rates", alt)


def _panel(name: str, models: Sequence[str], rows: Sequence[Row]) -> RatePanel:
    own = [[row for row in rows if row["model"] == model] for model in models]
    rates = tuple(tuple(Rate(row["error_rate"], row["low"], row["high"]) for row in found) for found in own)
    return RatePanel(property_title(name), tuple(bin_words(row) for row in own[0]), rates)


def _pairs(place: MistakesFolder, record: Row, rows: Sequence[Row]) -> Drawn | None:
    models = [model["name"] for model in record["models"]]
    if len(models) < FEWEST_FOR_MAPS:
        return None
    at = {name: number for number, name in enumerate(models)}
    maps = [
        _map("Kappa of their calls", "kappa", at, rows, 1.0),
        _map("Share that both miss", "double_fault", at, rows),
    ]
    alt = "Kappa and double fault of every two models; the values stand in pairs.csv."
    return save_figure(pair_maps(maps, models, leaking=bool(record["leakage"])), place.figures, "pairs", alt)


def _map(title: str, column: str, at: Mapping[str, int], rows: Sequence[Row], most: float | None = None) -> PairMap:
    values = {(at[row["first"]], at[row["second"]]): row[column] for row in rows}
    known = [value for value in values.values() if value is not None]
    return PairMap(title, values, min([0.0, *known]), most or max([0.0, *known]))
