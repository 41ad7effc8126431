"""The folder of an external validation: the name of everything in it but what every evaluation has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ValidationFolder:
    """Where a validation keeps what.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """Which bundle, on which data set, by which map, recalibrated on whom (``validation.json``)."""
        return self.path / "validation.json"

    @property
    def scores(self) -> Path:
        """All scores with their intervals, as of any evaluation (``scores.json``)."""
        return self.path / "scores.json"

    @property
    def predictions(self) -> Path:
        """What the bundle said of each cell, or patient, with its linked group (``predictions.parquet``)."""
        return self.path / "predictions.parquet"

    @property
    def left_out(self) -> Path:
        """What could not be predicted, or was left out, and why (``left_out.csv``)."""
        return self.path / "left_out.csv"

    @property
    def pictures(self) -> Path:
        """What was measured of each picture (``pictures.parquet``)."""
        return self.path / "pictures.parquet"

    @property
    def beside(self) -> Path:
        """One row a score: at home, here, and the difference (``beside.csv``)."""
        return self.path / "beside.csv"

    @property
    def drift(self) -> Path:
        """One row an aspect of pictures or answers: how far it has moved (``drift.csv``)."""
        return self.path / "drift.csv"

    @property
    def quantiles(self) -> Path:
        """Their distributions, at home and here (``quantiles.csv``)."""
        return self.path / "quantiles.csv"

    @property
    def shares(self) -> Path:
        """Shares of files, labels and calls, at home and here (``shares.csv``)."""
        return self.path / "shares.csv"

    @property
    def unlike(self) -> Path:
        """The cells that are most unlike the training cells (``unlike.csv``)."""
        return self.path / "unlike.csv"

    @property
    def parts(self) -> Path:
        """Who was recalibrated on, and who is the rest (``parts.csv``)."""
        return self.path / "parts.csv"

    @property
    def recalibration(self) -> Path:
        """One row a score of the rest: before, after, the difference (``recalibration.csv``)."""
        return self.path / "recalibration.csv"

    @property
    def reliability(self) -> Path:
        """How often the rest were called rightly, by how sure the model was, before and after (``reliability.csv``)."""
        return self.path / "reliability.csv"

    @property
    def bundle(self) -> Path:
        """The recalibrated bundle."""
        return self.path / "bundle"

    @property
    def figures(self) -> Path:
        """Figures, SVG and PNG."""
        return self.path / "figures"

    @property
    def page(self) -> Path:
        """The page that tells it all."""
        return self.path / "report.html"
