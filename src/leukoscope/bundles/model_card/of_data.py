"""What the model was made of, in words: data sets, parts, patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leukoscope.bundles.model_card.known import Fields, at, joined, title_of
from leukoscope.errors import counted

PARTS = ("train", "validation", "test")
BACKGROUNDS = {"black": "cells cut out on black", "light": "the smear around the cell is in the picture"}
NOT_STATED = "not stated"
WORST = ("error", "warning")


def data_sets(fields: Fields) -> list[dict[str, Any]]:
    """Return the data sets; of a bundle of an earlier version, or of somebody's own data, the name alone."""
    name = at(fields, "trained_on", "data")
    return list(at(fields, "about", "data") or ([{"name": name}] if name else []))


def sources(fields: Fields) -> str | None:
    """Return which data sets these are, and where they were published."""
    named = [[one.get("title") or one["name"], *(one.get("sources") or [])] for one in data_sets(fields)]
    return joined(said.rstrip(".") for one in named for said in one)


def licences(fields: Fields) -> str | None:
    """Return under which licences the data were published."""
    found = [f"{one['name']}: {one['licence']}" for one in data_sets(fields) if one.get("licence")]
    return joined(found)


def acquisition(fields: Fields) -> str | None:
    """Return what the data sets' descriptions state of how pictures were taken; stain and microscope they do not."""
    found = [f"{one['name']}: {BACKGROUNDS[one['background']]}" for one in data_sets(fields) if one.get("background")]
    return joined(found)


def trained_on(fields: Fields) -> str | None:
    """Return from how many cells and patients it learnt."""
    known = fields.get("trained_on") or {}
    if known.get("cells") is None:
        return None
    classes = ", ".join(f"{title_of(fields, name)} {number:,}" for name, number in (known.get("classes") or {}).items())
    patients = counted(known["patients"], "patient") if known.get("patients") else "patients not known"
    return f"{counted(known['cells'], 'cell')} of {patients}" + (f": {classes}" if classes else "")


def part_rows(fields: Fields) -> list[list[str]]:
    """Return a row for each part: its name, cells, patients, cells of each class, patients of each class."""
    rows = []
    for part in PARTS:
        known = at(fields, "about", "parts", part)
        if known is not None:
            patients = "not known" if known["patients"] is None else f"{known['patients']:,}"
            rows.append(
                [part, f"{known['cells']:,}", patients, *(_numbers(known, of) for of in ("classes", "patients_of"))]
            )
    return rows


def fact_rows(fields: Fields) -> list[list[str]]:
    """Return a row for each part: its name, the patients' sexes, their ages; none where neither is known."""
    rows = []
    for part in PARTS:
        known = at(fields, "about", "parts", part) or {}
        if known.get("sex") or known.get("age"):
            rows.append([part, _numbers(known, "sex"), _ages(known.get("age"))])
    return rows


def _numbers(known: Mapping[str, Any], of: str) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in (known.get(of) or {}).items()) or "not known"


def _ages(ages: Mapping[str, Any] | None) -> str:
    if not ages or not ages["known"]:
        return "not known"
    said = f"known of {ages['known']:,} of {ages['of']:,}"
    if "median" not in ages:
        return f"{said}: too few to sum up"
    low, high = ages["quartiles"]
    return f"median {ages['median']:.0f}, middle half {low:.0f} to {high:.0f}; {said}"


def parts_words(fields: Fields) -> str | None:
    """Return the parts in one line."""
    return joined(f"{part}: {cells} cells, patients: {patients}" for part, cells, patients, *_ in part_rows(fields))


def facts_words(fields: Fields) -> str | None:
    """Return the patients' sexes and ages in one line."""
    return joined(f"{part}: sex {sexes}; age {ages}" for part, sexes, ages in fact_rows(fields))


def outcomes(fields: Fields) -> str | None:
    """Return the cells, and where they are known the patients, of each class by part, in one line."""
    rows = [
        f"{part}: cells {cells}" + ("" if patients == "not known" else f", patients {patients}")
        for part, _, _, cells, patients in part_rows(fields)
    ]
    return joined(rows)


def split_words(fields: Fields) -> str | None:
    """Return how cells were dealt to the parts, and the proof that no patient stands on two sides."""
    known = at(fields, "about", "split")
    if known is None:
        return None
    seed = "" if known["seed"] is None else f", seed {known['seed']}"
    return joined([f"{known['kind'].replace('_', ' ')}, by {known['by']}{seed}", level(fields)])


def level(fields: Fields) -> str | None:
    """Return the proof of the split; with what leaks, where something does."""
    leak = fields.get("leakage")
    return joined([at(fields, "about", "split", "statement"), f"LEAKAGE: {leak}" if leak else None])


def excluded(fields: Fields) -> str | None:
    """Return how many pictures were left out."""
    number = at(fields, "about", "excluded")
    if not number:
        return None if number is None else "no picture was left out"
    return f"{counted(number, 'picture')} left out: unreadable, contradictory or set apart"


def audit(fields: Fields) -> str | None:
    """Return what the audit of the data found that can spoil or flatter a score."""
    found = at(fields, "about", "audit")
    if found is None:
        return None
    return (
        joined(f"{one['severity']}: {one['title']} ({one['count']:,})" for one in found)
        or "nothing that can spoil or flatter a score"
    )


def oddities(fields: Fields) -> list[str]:
    """Return what is known to be contradictory in the data sets as published."""
    return [said for one in data_sets(fields) for said in one.get("contradictions") or []]
