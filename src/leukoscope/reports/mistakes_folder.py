"""The folder of an error analysis: the name of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TABLES = (
    "missed",
    "how_many",
    "only_one",
    "only_one_cells",
    "pairs",
    "properties",
    "by_group",
    "associations",
    "label_errors",
    "confident_joint",
    "shown",
)
SHEETS = ("missed_by_all", "missed_by_one", "only_one_right", "most_confident", "label_errors")
"""The sheets of pictures in the order of the page."""


@dataclass(frozen=True)
class MistakesFolder:
    """Where an error analysis keeps what.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """Which models, which cells, what was measured: ``errors.json``."""
        return self.path / "errors.json"

    @property
    def page(self) -> Path:
        """The page that tells it all."""
        return self.path / "errors.html"

    @property
    def figures(self) -> Path:
        """Figures, SVG and PNG, and the sheets of pictures."""
        return self.path / "figures"

    def table(self, name: str) -> Path:
        """Return the csv file of one of ``TABLES``."""
        return self.path / f"{name}.csv"

    def sheet(self, name: str) -> Path:
        """Return the picture of one of ``SHEETS``; not there where the group is empty or no picture is at hand."""
        return self.figures / f"{name}.png"

    @property
    def own(self) -> frozenset[str]:
        """The names of all that the folder holds."""
        return frozenset({path.name for path in (self.record, self.page, self.figures, *map(self.table, TABLES))})
