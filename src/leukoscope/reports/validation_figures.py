"""The figures of an external validation, from its tables."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.files import read_table
from leukoscope.reports.figures.answer_curves import answer_curves
from leukoscope.reports.figures.drift_strips import Strips, drift_strips
from leukoscope.reports.figures.reliability import reliability
from leukoscope.reports.figures.saving import Drawn, save_figure
from leukoscope.reports.validation_folder import ValidationFolder

PARTS = {"train": "training", "test": "test, at home", "here": "here"}
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
STATES = {"before": "before recalibration", "after": "after recalibration"}


def validation_figures(place: ValidationFolder, record: dict[str, Any], *, leaking: bool) -> dict[str, list[Drawn]]:
    """Draw and save what the tables allow: ``pictures``, ``answers``, ``recalibration``, each a list, maybe empty.

    Args:
        place: The folder.
        record: ``validation.json``.
        leaking: Whether its scores are marked.
    """
    quantiles = read_table(place.quantiles)
    drift = {row["name"]: row for row in read_table(place.drift).to_dicts()}
    return {
        "pictures": _pictures(place, quantiles, drift, leaking=leaking),
        "answers": _answers(place, quantiles, drift, record["bundle"]["threshold"], leaking=leaking),
        "recalibration": _recalibration(place, record, leaking=leaking),
    }


def _pictures(place: ValidationFolder, quantiles: pl.DataFrame, drift: dict[str, Any], *, leaking: bool) -> list[Drawn]:
    panels = []
    own = _by_part(quantiles, "pictures")
    for name, parts in own.items():
        found = {part: {level: value for value, level in rows} for part, rows in parts.items()}
        kept = {part: {level: values[level] for level in LEVELS} for part, values in found.items()}
        panels.append(Strips(drift[name]["title"], drift[name]["unit"], kept))
    said = "; ".join(f"{drift[name]['title']}: {drift[name]['judgement'] or 'not known'}" for name in own)
    alt = f"Pictures in training, on the test part at home, and here. {said}. The values stand in quantiles.csv."
    return [save_figure(drift_strips(panels, leaking=leaking), place.figures, "drift_pictures", alt)]


def _answers(
    place: ValidationFolder, quantiles: pl.DataFrame, drift: dict[str, Any], threshold: float | None, *, leaking: bool
) -> list[Drawn]:
    panels = {drift[name]["title"]: parts for name, parts in _by_part(quantiles, "answers").items()}
    figure = answer_curves(panels, threshold=threshold, leaking=leaking)
    alt = "Share of answers up to each probability, at home and here; the values stand in quantiles.csv."
    return [save_figure(figure, place.figures, "drift_answers", alt)]


def _by_part(quantiles: pl.DataFrame, of: str) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Return of each aspect, of each part's title, its values and their levels."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for name, part, value, level in quantiles.filter(of=of).select("name", "part", "value", "level").iter_rows():
        found.setdefault(name, {}).setdefault(PARTS[part], []).append((value, level))
    return found


def _recalibration(place: ValidationFolder, record: dict[str, Any], *, leaking: bool) -> list[Drawn]:
    if record["recalibration"] is None:
        return []
    table = read_table(place.reliability)
    states = {
        title: {"this model": table.filter(pl.col("state") == state).drop("state").to_dicts()}
        for state, title in STATES.items()
    }
    figure = reliability(states, chance=1 / len(record["bundle"]["classes"]["names"]), leaking=leaking)
    alt = "How often the rest were called rightly by how sure the model was; the values stand in reliability.csv."
    return [save_figure(figure, place.figures, "recalibration", alt)]
