"""The folder of an ensemble: the name of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class EnsembleFolder:
    """Where an ensemble keeps what.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """The members, the rules with what was fitted, the course of each search, and notes (``ensemble.json``)."""
        return self.path / "ensemble.json"

    @property
    def table(self) -> Path:
        """One row a member and a rule, with scores of both parts and their intervals (``members.csv``)."""
        return self.path / "members.csv"

    @property
    def calibration(self) -> Path:
        """How sure each is and how often right, before and after calibration (``calibration.csv``)."""
        return self.path / "calibration.csv"

    @property
    def reliability(self) -> Path:
        """The bins of the reliability curves (``reliability.csv``)."""
        return self.path / "reliability.csv"

    @property
    def against_average(self) -> Path:
        """Each rule less the plain mean of the members, paired (``against_average.csv``)."""
        return self.path / "against_average.csv"

    @property
    def rates(self) -> Path:
        """What each misses at equal rates of false alarms; two classes (``rates.csv``)."""
        return self.path / "rates.csv"

    @property
    def curves(self) -> Path:
        """ROC curves; two classes (``curves.csv``)."""
        return self.path / "curves.csv"

    @property
    def costs(self) -> Path:
        """Size and time of each, where all members are runs (``costs.csv``)."""
        return self.path / "costs.csv"

    @property
    def bagging(self) -> Path:
        """What each bagged model sees of each class; where all members are runs (``bagging.csv``)."""
        return self.path / "bagging.csv"

    @property
    def rules(self) -> Path:
        """One folder a rule: predictions and scores; where all members are runs, laid out as a run's."""
        return self.path / "rules"

    @property
    def bundle(self) -> Path:
        """The bundle of a recipe's first rule; ``leukoscope ensemble`` puts bundles into the rules' folders."""
        return self.path / "bundle"

    @property
    def figures(self) -> Path:
        """Figures, SVG and PNG."""
        return self.path / "figures"

    @property
    def page(self) -> Path:
        """The page that tells it all (``ensemble.html``)."""
        return self.path / "ensemble.html"

    def rule(self, name: str) -> Path:
        """Return the folder of one rule."""
        return self.rules / name
