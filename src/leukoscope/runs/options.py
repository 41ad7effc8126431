"""What a run is asked for besides its recipe and its cohort."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Options:
    """Where things are, and what is allowed.

    Args:
        weights: A folder or a file with pretrained weights.
        store: Folder of framed pictures that is kept; the run's own, removed at the end, where None.
        allow_leakage: The reason to go on with a leaking split.
        device: ``auto``, ``cpu`` or ``cuda``.
    """

    weights: Path | None = None
    store: Path | None = None
    allow_leakage: str | None = None
    device: str = "auto"

    def as_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values; paths are made absolute, so that a run resumes from anywhere."""
        return {
            "weights": None if self.weights is None else str(self.weights.resolve()),
            "store": None if self.store is None else str(self.store.resolve()),
            "allow_leakage": self.allow_leakage,
            "device": self.device,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Options:
        """Make options from what ``as_json`` returned."""
        weights, store = (Path(value[name]) if value[name] else None for name in ("weights", "store"))
        return cls(weights, store, value["allow_leakage"], value["device"])
