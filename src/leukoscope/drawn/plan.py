"""Who has what: the patients of a drawn cohort, their facts, and the class of each of their cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from leukoscope.drawn.schemes import Scheme, kind_in, scheme_of
from leukoscope.errors import SettingsError, nearest
from leukoscope.randomness import generator as generator_for

NORMAL, MALIGNANT = "hem", "all"
_TWO = 2
_SHARE_DEVIATION, _OF_SHARE = 0.12, 0.25
_SMALLEST_SHARE = 0.02
# Median lymphocytes of a patient's blood (10^9/l) without and with leukaemia, and the deviation of their logarithm.
_COUNT = {False: 5.0, True: 11.0}
_COUNT_DEVIATION = 0.6
_CELL_SCHEMA = {
    "id": pl.String,
    "label": pl.String,
    "patient": pl.String,
    "malignant": pl.Boolean,
    "kind": pl.String,
}


@dataclass(frozen=True)
class Plan:
    """What is to be drawn.

    Args:
        cells: One row a cell: ``id``, ``label``, ``patient``, ``malignant`` (null but in two classes), ``kind``.
        patients: One row a patient: ``patient``, ``label`` (null but in two classes), ``age`` (years), ``sex``
            (``F``, ``M``), ``lymphocyte_count`` (10^9/l).
    """

    cells: pl.DataFrame
    patients: pl.DataFrame


def make_plan(
    *, classes: int, patients: int, cells: int, counts: Mapping[str, int] | None, malignant_share: float, seed: int
) -> Plan:
    """Decide the patients and their cells; the settings are those of ``draw_cohort``.

    Raises:
        SettingsError: a setting out of range, or counts of a class that there is not.
    """
    scheme = scheme_of(classes)
    _refuse(patients, cells, malignant_share)
    totals = None if counts is None else _totals(scheme, counts)
    names = _names(patients)
    ill = _ill(names, seed) if classes == _TWO else None
    if ill is None:
        shares = _spread_evenly(totals or _equal(scheme, patients * cells), names)
    elif totals is None:
        shares = _bags(ill, cells, malignant_share, seed)
    else:
        shares = _counted_bags(ill, totals, malignant_share)
    facts = pl.DataFrame([_facts(name, None if ill is None else ill[name], seed) for name in names])
    return Plan(_cells(scheme, shares, seed), facts.cast({"label": pl.String}))


def _refuse(patients: int, cells: int, malignant_share: float) -> None:
    if patients < _TWO:
        raise SettingsError(f"A drawn cohort has at least 2 patients, not {patients}.")
    if cells < 1:
        raise SettingsError(f"A drawn patient has at least 1 cell, not {cells}.")
    if not 0 < malignant_share <= 1:
        raise SettingsError(f"The share of malignant cells must be above 0 and at most 1, not {malignant_share}.")


def _totals(scheme: Scheme, counts: Mapping[str, int]) -> dict[str, int]:
    for label, count in counts.items():
        if label not in scheme:
            raise SettingsError(f"There is no class {label!r} to draw cells of.", do=nearest(label, scheme))
        if count < 0:
            raise SettingsError(f"The number of cells of class {label!r} must not be below 0; it is {count}.")
    if not sum(counts.values()):
        raise SettingsError("The counts of all classes are 0: there is nothing to draw.")
    return {label: counts.get(label, 0) for label in scheme}


def _names(patients: int) -> list[str]:
    width = max(len(str(patients)), 2)
    return [f"P{number:0{width}d}" for number in range(1, patients + 1)]


def _ill(names: list[str], seed: int) -> dict[str, bool]:
    """Return who has leukaemia: half of the patients, whose names do not tell."""
    order = generator_for(seed, "ill").permutation(len(names))
    positive = set(order[: (len(names) + 1) // 2].tolist())
    return {name: number in positive for number, name in enumerate(names)}


def _bags(ill: dict[str, bool], cells: int, malignant_share: float, seed: int) -> dict[str, dict[str, int]]:
    """Return the cells of each class of each patient; the share of malignant ones varies from patient to patient."""
    shares = {}
    for name, positive in ill.items():
        deviation = min(_SHARE_DEVIATION, _OF_SHARE * malignant_share, (1 - malignant_share) / 2)
        drawn = malignant_share + deviation * float(
            np.clip(generator_for(seed, "share", name).standard_normal(), -2, 2)
        )
        malignant = max(round(cells * max(drawn, _SMALLEST_SHARE)), 1) if positive else 0
        shares[name] = {NORMAL: cells - malignant, MALIGNANT: malignant}
    return shares


def _counted_bags(ill: dict[str, bool], totals: dict[str, int], malignant_share: float) -> dict[str, dict[str, int]]:
    """Spread given totals: malignant cells over the positive patients, normal ones to their share and over the rest.

    At most half of the normal cells go to the positive patients, so that the others have cells too.
    """
    positive, negative = [name for name in ill if ill[name]], [name for name in ill if not ill[name]]
    beside = round(totals[MALIGNANT] * (1 - malignant_share) / malignant_share)
    beside = min(beside, totals[NORMAL] // 2)
    malignant = _spread(totals[MALIGNANT], positive)
    normal = _spread(beside, positive) | _spread(totals[NORMAL] - beside, negative)
    return {name: {NORMAL: normal[name], MALIGNANT: malignant.get(name, 0)} for name in ill}


def _equal(scheme: Scheme, total: int) -> dict[str, int]:
    return _spread(total, list(scheme))


def _spread(total: int, names: list[str]) -> dict[str, int]:
    """Divide a number as evenly as it goes; the first names have one more.

    Example:
        >>> _spread(5, ["a", "b"])
        {'a': 3, 'b': 2}
    """
    return {name: total // len(names) + (place < total % len(names)) for place, name in enumerate(names)}


def _spread_evenly(totals: dict[str, int], names: list[str]) -> dict[str, dict[str, int]]:
    """Divide each class over the patients; what is left over goes round, so that bags stay equally large."""
    shares: dict[str, dict[str, int]] = {name: {} for name in names}
    start = 0
    for label, total in totals.items():
        turned = names[start:] + names[:start]
        for name, count in _spread(total, turned).items():
            shares[name][label] = count
        start = (start + total) % len(names)
    return shares


def _cells(scheme: Scheme, shares: dict[str, dict[str, int]], seed: int) -> pl.DataFrame:
    rows = [row for name, counts in shares.items() for row in _bag(scheme, name, counts, seed)]
    return pl.DataFrame(rows, schema=_CELL_SCHEMA, orient="row")


def _bag(
    scheme: Scheme, patient: str, counts: dict[str, int], seed: int
) -> list[tuple[str, str, str, bool | None, str]]:
    labels = [label for label, count in counts.items() for _ in range(count)]
    # Shuffled, so that neither the number nor the place in the table tells the class.
    generator_for(seed, "order", patient).shuffle(labels)
    bag = []
    for number, label in enumerate(labels, start=1):
        name = f"{patient}-{number:04d}"
        kind = kind_in(scheme, label, generator_for(seed, "kind", name))
        bag.append((name, label, patient, label == MALIGNANT if len(scheme) == _TWO else None, kind.name))
    return bag


def _facts(patient: str, ill: bool | None, seed: int) -> dict[str, object]:
    """Return a patient's row: leukaemia of this kind is commonest in children, and raises the count."""
    generator = generator_for(seed, "facts", patient)
    child = generator.random() < (0.55 if ill else 0.35)
    age = generator.gamma(3.0, 2.2) + 1 if child else generator.uniform(16, 85)
    count = _COUNT[bool(ill)] * np.exp(_COUNT_DEVIATION * generator.standard_normal())
    return {
        "patient": patient,
        "label": None if ill is None else (MALIGNANT if ill else NORMAL),
        "age": int(min(age, 90)),
        "sex": "FM"[int(generator.integers(2))],
        "lymphocyte_count": round(float(count), 1),
    }
