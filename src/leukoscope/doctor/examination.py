"""All questions, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.doctor.device import ask_device
from leukoscope.doctor.extras import ask_extras
from leukoscope.doctor.libraries import ask_libraries
from leukoscope.doctor.processor import ask_processor
from leukoscope.doctor.row import Row, Verdict
from leukoscope.doctor.space import ask_disk, ask_memory
from leukoscope.doctor.versions import ask_versions
from leukoscope.doctor.weights import ask_weights


@dataclass(frozen=True, repr=False)
class Examination:
    """What was found on this machine.

    Args:
        rows: One for each thing, in the order in which they are shown.
    """

    rows: tuple[Row, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of the rows' verdicts."""
        found = {row.verdict for row in self.rows}
        return "problem" if "problem" in found else "note" if "note" in found else "ok"

    def as_json(self) -> dict[str, Any]:
        """Return the examination as plain JSON values."""
        return {"verdict": self.verdict, "rows": [row.as_json() for row in self.rows]}

    def __repr__(self) -> str:
        return "\n".join(f"{row.verdict:8}{row.topic} | {row.name}: {row.value}" for row in self.rows)


def examine(weights: Path | None = None) -> Examination:
    """Look at this machine: versions, networks, device, processor, space, weights, extras.

    Where a library is missing or broken, what needs it is not asked.

    Args:
        weights: A folder (or a file) of weights to look into.

    Raises:
        WeightsError: there is no such folder.
    """
    rows = [*ask_versions(), *ask_libraries()]
    usable = all(row.verdict != "problem" for row in rows)
    rows += ask_device() if usable else []
    rows += [*ask_processor(), *ask_memory(), *ask_disk()]
    rows += ask_weights(weights) if usable else []
    return Examination((*rows, *ask_extras()))
