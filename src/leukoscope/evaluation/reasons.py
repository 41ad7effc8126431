"""Why a score has no value, in words."""

from __future__ import annotations

from leukoscope.evaluation.names import PROBABILISTIC, RANKED, Key
from leukoscope.evaluation.tallies import Material

CALLS_ONLY = "the predictions are called classes without probabilities"


def why_undefined(key: Key, material: Material) -> str:
    """Return why a score is not defined.

    Args:
        key: A score whose value is NaN.
        material: What it would be made from.

    Example:
        ``why_undefined(("eo", "precision"), material)`` is "nothing was called 'eo'".
    """
    name, score = key
    if material.probabilities is None and score in (*RANKED, *PROBABILISTIC):
        return CALLS_ONLY
    present = [name for name, support in zip(material.classes.names, material.support, strict=True) if support]
    if name is None and score in ("sensitivity", "specificity"):
        name, score = material.classes.positive, "recall" if score == "sensitivity" else "specificity"
    if name is None:
        return f"every one is {present[0]!r}" if len(present) == 1 else "all were called the same class"
    if score == "precision":
        return f"nothing was called {name!r}"
    return f"none is {name!r}" if name not in present else f"every one is {name!r}"
