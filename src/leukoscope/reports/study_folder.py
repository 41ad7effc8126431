"""The folder of a study: the name of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StudyFolder:
    """Where a study keeps what.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """The plan: recipe, seeds, settings that vary, the runs by name (``study.json``)."""
        return self.path / "study.json"

    @property
    def runs(self) -> Path:
        """The run folders, one a run."""
        return self.path / "runs"

    @property
    def data(self) -> Path:
        """The drawn cells of recipes that draw their own."""
        return self.path / "data"

    @property
    def pixels(self) -> Path:
        """The framed pictures of all runs, kept until the last one is finished."""
        return self.path / "pixels"

    @property
    def table(self) -> Path:
        """One row a run, failed ones too, with the scores of the test part (``study.csv``)."""
        return self.path / "study.csv"

    @property
    def summary(self) -> Path:
        """One row a variant and score: mean, deviation, extremes, interval over runs (``summary.csv``)."""
        return self.path / "summary.csv"

    @property
    def curves(self) -> Path:
        """One row a variant, validation metric and epoch: mean and deviation over runs (``curves.csv``)."""
        return self.path / "curves.csv"

    @property
    def patients(self) -> Path:
        """One row a test patient of each variant's best run: its cells, and those called right (``patients.csv``)."""
        return self.path / "patients.csv"

    @property
    def classes(self) -> Path:
        """One row a variant, class and score: mean and deviation over runs (``classes.csv``)."""
        return self.path / "classes.csv"

    @property
    def groups(self) -> Path:
        """One row a variant, group of classes and score: mean and deviation over runs (``groups.csv``)."""
        return self.path / "groups.csv"

    @property
    def pooled(self) -> Path:
        """Of folds: one row a variant, seed and score of all cells together (``pooled.csv``)."""
        return self.path / "pooled.csv"

    @property
    def timings(self) -> Path:
        """What each run cost: time, memory; apart from the rest, which is the same however often it was stopped."""
        return self.path / "timings.csv"

    @property
    def peeking(self) -> Path:
        """The trainings that were examined on the part they report, one folder each."""
        return self.path / "peeking"

    @property
    def peeking_table(self) -> Path:
        """One row a run and metric: the mean of the ten best values, chosen on the part it reports."""
        return self.path / "peeking.csv"

    @property
    def peeking_summary(self) -> Path:
        """One row a variant and metric: that mean over runs, beside the honest score."""
        return self.path / "peeking_summary.csv"

    @property
    def figures(self) -> Path:
        """Figures, SVG and PNG."""
        return self.path / "figures"

    @property
    def page(self) -> Path:
        """The page that tells it all."""
        return self.path / "study.html"

    def run(self, name: str) -> Path:
        """Return the folder of one run."""
        return self.runs / name
