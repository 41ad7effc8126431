"""An item of a checklist: what it asks for, and what of that a bundle knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from leukoscope.bundles.model_card.known import Fields

State = Literal["answered", "in part", "for you to fill in", "not known"]
STATES: tuple[State, ...] = ("answered", "in part", "for you to fill in", "not known")


@dataclass(frozen=True)
class Item:
    """What a checklist asks for.

    Args:
        number: Its number there: ``7``, ``12a``.
        title: What it asks for, in our words.
        answer: What gives the bundle's answer, or None where the bundle does not know it; None where no bundle can.
        ask: What whoever reports a study adds to it; empty where nothing is left to add.
    """

    number: str
    title: str
    answer: Callable[[Fields], str | None] | None = None
    ask: str = ""

    def state(self, fields: Fields) -> State:
        """Return how far the bundle answers it."""
        known = self.answer is not None and self.answer(fields) is not None
        if known:
            return "in part" if self.ask else "answered"
        return "for you to fill in" if self.ask else "not known"

    def words(self, fields: Fields) -> str:
        """Return the answer, and what is to be filled in.

        Args:
            fields: All of a ``bundle.json``.
        """
        known = None if self.answer is None else self.answer(fields)
        yours = f"For you to fill in: {self.ask}." if self.ask else None
        if known is None:
            return yours or "not known"
        ended = known if known.endswith((".", "?")) else f"{known}."
        return f"{ended} {yours}" if yours else ended


def always(words: str) -> Callable[[Fields], str | None]:
    """Return an answer that is the same for every bundle."""
    return lambda _: words
