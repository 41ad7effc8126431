"""One line of what the doctor finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Row:
    """What was found about one thing.

    Args:
        topic: The heading that it stands under.
        name: What was looked at.
        value: What was found, in words.
        verdict: ``ok``; ``note`` where something may be wanting; ``problem`` where Leukoscope can't work.
        do: What to do, a command where there is one; None where there is nothing to do.
        facts: The same for programs.
    """

    topic: str
    name: str
    value: str
    verdict: Verdict = "ok"
    do: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        return asdict(self)
