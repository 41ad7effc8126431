"""The folder of what networks see: the name of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SeeingFolder:
    """Where class maps are kept.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """Which models, cells, methods and settings, by which rule, and the sheets (``seeing.json``)."""
        return self.path / "seeing.json"

    @property
    def table(self) -> Path:
        """One row a map: cell, model, method, class, logit, the share that lies on the cell (``maps.csv``)."""
        return self.path / "maps.csv"

    @property
    def methods(self) -> Path:
        """One row a model and method: the mean share on the cell, the sanity check (``methods.csv``)."""
        return self.path / "methods.csv"

    @property
    def maps(self) -> Path:
        """The maps at their own resolution, under the names in the table's column ``map`` (``maps.npz``)."""
        return self.path / "maps.npz"

    @property
    def sheets(self) -> Path:
        """The sheets, png."""
        return self.path / "sheets"

    @property
    def page(self) -> Path:
        """The page that shows it all."""
        return self.path / "seeing.html"

    @property
    def own(self) -> frozenset[str]:
        """The names of all that may lie in it."""
        paths = (self.record, self.table, self.methods, self.maps, self.sheets, self.page)
        return frozenset(path.name for path in paths)
