"""``CHECKLIST.md``: what two checklists for reports ask for, filled in as far as a bundle knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.model_card.claim import CLAIM
from leukoscope.bundles.model_card.item import STATES, Item
from leukoscope.bundles.model_card.known import Fields
from leukoscope.bundles.model_card.markdown import page, plain, table
from leukoscope.bundles.model_card.tripod_ai import TRIPOD_AI

MADE = (
    "Made by Leukoscope from `bundle.json` in this folder; `leukoscope report BUNDLE` writes it anew: fill in a copy. "
    "The items' numbers are those of the checklists, the titles are our words: report by the checklists "
    "themselves. *Not known* means that the bundle does not say it."
)
LISTS: tuple[tuple[str, str, tuple[Item, ...]], ...] = (
    ("CLAIM, update of 2024", "Tejani AS, et al. Radiology: Artificial Intelligence 2024;6(4):e240300", CLAIM),
    ("TRIPOD+AI", "Collins GS, et al. BMJ 2024;385:e078378", TRIPOD_AI),
)


def checklist(fields: Fields) -> str:
    """Return both checklists, filled in for a bundle.

    Args:
        fields: All of its ``bundle.json``.
    """
    leak = fields.get("leakage")
    head = [
        f"# Checklist: {plain(fields['name'])}",
        f"**{RESEARCH_USE_ONLY}**",
        MADE,
        f"> **LEAKAGE.** {plain(leak)}." if leak else "",
    ]
    lists = [block for name, source, items in LISTS for block in _list(name, source, items, fields)]
    return page([*head, *lists])


def _list(name: str, source: str, items: Sequence[Item], fields: Fields) -> list[str]:
    states = Counter(item.state(fields) for item in items)
    counts = ", ".join(f"{states[state]} {state}" for state in STATES)
    rows = [(item.number, item.title, item.words(fields)) for item in items]
    head = f"{plain(source)}. Of {len(items)} items: {counts}."
    return [f"## {plain(name)}", head, table(["item", "it asks for", "what is known"], rows)]
