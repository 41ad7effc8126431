"""The folder of a comparison: the name of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ComparisonFolder:
    """Where a comparison keeps what.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """What was compared, with which cautions, in which families of tests (``comparison.json``)."""
        return self.path / "comparison.json"

    @property
    def table(self) -> Path:
        """One row a test, refused ones with their reason too (``comparison.csv``)."""
        return self.path / "comparison.csv"

    @property
    def differences(self) -> Path:
        """One row a setting that differs between the sides (``differences.csv``)."""
        return self.path / "differences.csv"

    @property
    def runs(self) -> Path:
        """One row a run, with its scores (``runs.csv``)."""
        return self.path / "runs.csv"

    @property
    def figures(self) -> Path:
        """Figures, SVG and PNG."""
        return self.path / "figures"

    @property
    def page(self) -> Path:
        """The page that tells it all."""
        return self.path / "comparison.html"
