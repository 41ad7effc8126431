"""The facts of a patient: which the bundle asks for, and whether what was sent can be such a fact."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle
from leukoscope.bundles.network import encoder_of
from leukoscope.errors import nearest
from leukoscope.facts.category import CategoryFact
from leukoscope.facts.circumstances import PICTURES
from leukoscope.facts.number import NumberFact
from leukoscope.service.refusal import Refusal

UNITS = {"age": "years", "lymphocyte_count": "10⁹/l"}
OLDEST = 130.0
FURTHER = 20.0
"""A number may be so many times as large as the largest of the training patients: more is a slip of the pen."""
FIELD = "facts"

Known = dict[str, float | str]


def asked_of(bundle: AnyBundle) -> tuple[NumberFact | CategoryFact, ...]:
    """Return the facts that a bundle takes of a patient, but for the number of pictures, which is counted."""
    encoder = None if isinstance(bundle, EnsembleBundle) else encoder_of(bundle.card)
    return () if encoder is None else tuple(fact for fact in encoder.facts if fact.name != PICTURES)


def described(fact: NumberFact | CategoryFact) -> dict[str, Any]:
    """Return a fact as ``/v1/bundle`` says it: the bounds are of what is taken, not of what training patients had."""
    common = {"name": fact.name, "title": fact.name.replace("_", " ").capitalize()}
    if isinstance(fact, CategoryFact):
        return {**common, "kind": "choice", "choices": list(fact.words)}
    low, high = bounds_of(fact)
    seen = {"training_low": fact.low, "training_high": fact.high}
    return {**common, "kind": "number", "low": low, "high": high, "unit": UNITS.get(fact.name), **seen}


def bounds_of(fact: NumberFact) -> tuple[float | None, float | None]:
    """Return between which values a fact is taken; None for no bound.

    Example:
        >>> bounds_of(NumberFact("age", False, 60.0, 60.0, 20.0, 24.0, 94.0))
        (0.0, 130.0)
    """
    if fact.name == "age":
        return 0.0, OLDEST
    low = 0.0 if fact.low >= 0 or fact.log else None
    return low, float(f"{FURTHER * fact.high:.2g}") if low is not None and fact.high > 0 else None


def read_facts(text: str | None, bundle: AnyBundle) -> Known:
    """Return the facts that a request states; those that it leaves out, or says null of, are not known.

    Args:
        text: A JSON object; None, or empty, for none.
        bundle: The bundle.

    Raises:
        Refusal: it is no JSON object, names a fact that the bundle does not take, or states what none can be.
    """
    stated = _parsed(text)
    known = {fact.name: fact for fact in asked_of(bundle)}
    for name in stated:
        if name not in known:
            raise _refused(f"The bundle takes no fact {name[:60]!r}.", name, do=nearest(name[:60], known))
    return {name: _checked(known[name], value) for name, value in stated.items() if value is not None}


def fact_columns(known: Mapping[str, Any], bundle: AnyBundle, pictures: int) -> dict[str, pl.Series]:
    """Return a patient's facts as columns of one row, those that are not known as null.

    Args:
        known: From ``read_facts``.
        bundle: The bundle.
        pictures: How many pictures can be read of the patient.
    """
    kinds = {fact.name: pl.String if isinstance(fact, CategoryFact) else pl.Float64 for fact in asked_of(bundle)}
    columns = {name: pl.Series(name, [known.get(name)], dtype=kind) for name, kind in kinds.items()}
    return columns | {PICTURES: pl.Series(PICTURES, [pictures], dtype=pl.Int64)}


def _parsed(text: str | None) -> dict[str, Any]:
    if text is None or not text.strip():
        return {}
    try:
        # int() is slow for numbers of thousands of digits, and no fact has them.
        stated = json.loads(text, parse_constant=_no_number, parse_int=float, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise _refused("The facts are no JSON object.", None, do='Write {"age": 61, "sex": "F"}.') from None
    if not isinstance(stated, dict):
        raise _refused("The facts are no JSON object.", None, do='Write {"age": 61, "sex": "F"}.')
    return stated


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _refused("A fact is stated twice.", None, do="State it once.")
    return found


def _no_number(name: str) -> NoReturn:
    raise _refused(f"{name} is no number.", None, do="Leave out what is not known.")


def _checked(fact: NumberFact | CategoryFact, value: object) -> float | str:
    if isinstance(fact, CategoryFact):
        if not isinstance(value, str):
            raise _refused(f"The fact {fact.name!r} is one of: {', '.join(fact.words)}.", fact.name)
        if value not in fact.words:
            what = f"The fact {fact.name!r} is one of: {', '.join(fact.words)}; not {value[:60]!r}."
            raise _refused(what, fact.name)
        return value
    if isinstance(value, bool) or not isinstance(value, float) or not math.isfinite(value):
        raise _refused(f"The fact {fact.name!r} is no number.", fact.name, do="Write it as a number, without quotes.")
    low, high = bounds_of(fact)
    if fact.log and value <= 0:
        raise _refused(f"The fact {fact.name!r} must be above 0; it is {value:g}.", fact.name)
    if (low is not None and value < low) or (high is not None and value > high):
        raise _refused(f"The fact {fact.name!r} is {value:g}, which no patient's can be.", fact.name)
    return value


def _refused(what: str, name: str | None, *, do: str | None = None) -> Refusal:
    where = FIELD if name is None else f"{FIELD}: {name[:60]}"
    return Refusal(422, "wrong_facts", what, where=where, do=do)
