"""When to refer a cell, and what each wanted accuracy costs: the rows of their tables."""

from __future__ import annotations

from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.words import (
    NOTHING,
    decimal,
    kind_of,
    no_interval_words,
    percent_level,
    score_words,
)

OF_CELLS = "cells"


def is_of_cells(found: dict[str, Any] | None) -> bool:
    """Return whether the section ``referral`` of ``scores.json`` is one of cells.

    Example:
        >>> is_of_cells({"of": "cells"}), is_of_cells({"promised": 0.9}), is_of_cells(None)
        (True, False, False)
    """
    return bool(found) and (found or {}).get("of") == OF_CELLS


def cell_referral(scores: dict[str, Any], part: dict[str, Any]) -> dict[str, Any] | None:
    """Return the section on referring cells; None where no accuracy was asked for.

    Args:
        scores: ``scores.json`` with ``referral``.
        part: Its main part, for the classes' titles.

    Returns:
        ``wanted`` (as written), ``rule`` and ``reached`` (sentences), ``shares`` (name and words), ``levels`` (rows of
        ``wanted``, ``least``, ``referred``, ``accuracy``), ``patients`` (whether they are known), ``notes``.
    """
    found = scores.get("referral")
    if found is None or not is_of_cells(found):
        return None
    kinds = {name: kind_of(title) for name, title in zip(part["classes"], part["titles"], strict=True)}
    return {
        "wanted": percent_level(found["wanted"]),
        "rule": _rule(found),
        "reached": _reached(found),
        "shares": _shares(found, kinds),
        "levels": [_level(row) for row in found["levels"]],
        "patients": found["patients"] is not None,
        "cells": counted(found["cells"], "test cell"),
        "notes": found["notes"],
    }


def _rule(found: dict[str, Any]) -> str:
    if found["least"] is None:
        return "Every cell is referred: the wanted accuracy could not be reached on validation."
    if found["least"] == 0:
        return "No cell is referred: the wanted accuracy was reached on validation as it is."
    return f"A cell is called where its class is at least {decimal(found['least'])} probable, and else referred."


def _reached(found: dict[str, Any]) -> str:
    own = found["validation"]
    of = "" if own["patients"] is None else f" of {counted(own['patients'], 'patient')}"
    on = f"{counted(own['cells'], 'cell')}{of}"
    if found["least"] is None:
        return f"It was fitted on {on}."
    return (
        f"It was fitted on {on}: {100 * own['kept']:.1f} % of them were called, with an accuracy of "
        f"{decimal(own['reached'])}."
    )


def _shares(found: dict[str, Any], kinds: dict[str, str]) -> list[tuple[str, str]]:
    rows = [("Referred", found["referred"])]
    rows += [(f"Referred of {kinds[name]}", share) for name, share in found["referred_of"].items()]
    rows += [("Called rightly, of the rest", found["accuracy"])]
    rows += [("The same if none were referred", found["accuracy_of_all"])]
    rows += [(f"Called rightly of {kinds[name]}, not referred", share) for name, share in found["accuracy_of"].items()]
    return [(title, _words(share)) for title, share in rows]


def _words(share: dict[str, Any]) -> str:
    if share["value"] is None:
        return f"n/a: {share['reason']}"
    why = no_interval_words(share)
    return score_words(share) + (f" ({why})" if why else "")


def _level(row: dict[str, Any]) -> dict[str, str]:
    return {
        "wanted": decimal(row["wanted"], 2),
        "least": NOTHING if row["least"] is None else decimal(row["least"]),
        "referred": _words(row["referred"]),
        "accuracy": _words(row["accuracy"]),
    }
