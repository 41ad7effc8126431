"""What a bundle says of where its weights come from: what it learnt from, and what its own first weights were."""

from __future__ import annotations

from typing import Any

from leukoscope.errors import counted
from leukoscope.models.same_pictures import others_with_the_pictures_of

RANDOM = "random"
"""The source of weights that nothing was learnt with."""


def first_weights(card: dict[str, Any]) -> dict[str, Any]:
    """Return the note of the weights that a bundle's own training began with (``WeightsNote.as_json``).

    Args:
        card: From ``read_card``.
    """
    return card.get("weights") or {}


def words_of(card: dict[str, Any]) -> str:
    """Return what a bundle was trained on, and what the weights were that its training began with.

    Args:
        card: From ``read_card``.
    """
    known = card["trained_on"]
    counts = [counted(known[name], name[:-1]) for name in ("cells", "patients") if isinstance(known.get(name), int)]
    said = " ".join([str(known.get("data", "pictures not named")), *([f"({', '.join(counts)})"] if counts else [])])
    first = first_weights(card)
    source = first.get("source")
    if source in (None, RANDOM):
        return said
    return f"{said}, begun from {first.get('trained_on') or f'weights of unknown origin ({source})'}"


def sets_of(card: dict[str, Any]) -> tuple[str, ...]:
    """Return the data sets of blood cells that a bundle's weights saw, or may have seen, as a whole or in part.

    Those that it learnt from itself are not among them: ``seen.txt`` lists their pictures. Those that hold the same
    pictures in another form are.

    Args:
        card: From ``read_card``.
    """
    known = card["trained_on"] or {}
    # Earlier versions noted no sets, but mostly called a data set as its reader is called.
    learnt = known.get("sets") or [known.get("data")]
    return tuple(dict.fromkeys([*first_weights(card).get("sets", ()), *others_with_the_pictures_of(learnt)]))


def caution_of(card: dict[str, Any]) -> str:
    """Return what whoever tests a network that starts from a bundle must see to.

    Args:
        card: From ``read_card``.
    """
    # The bundle holds digests of pictures: whether one was among them can be seen, whether a patient was cannot.
    leak = f" Its scores are marked with leakage: {card['leakage']}" if card["leakage"] else ""
    return (
        f"The backbone was trained on {words_of(card)}; no patient of that training may be in the test part, "
        f"which cannot be checked from the bundle.{leak}"
    )
