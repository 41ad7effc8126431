"""Which runs of two sides are pairs: one seed, one fold, and exactly the same rows."""

from __future__ import annotations

from dataclasses import dataclass

from leukoscope.errors import counted
from leukoscope.studies.comparison.scored_run import ScoredRun
from leukoscope.studies.comparison.sides import Side


@dataclass(frozen=True)
class Pair:
    """A run of each side, scored on the same rows.

    Args:
        first: The first side's.
        second: The second side's.
    """

    first: ScoredRun
    second: ScoredRun

    @property
    def runs(self) -> tuple[ScoredRun, ScoredRun]:
        """Both runs."""
        return self.first, self.second

    def values(self, score: str) -> tuple[float | None, float | None]:
        """Return the score of both; None where one is not defined."""
        return self.first.value(score), self.second.value(score)


@dataclass(frozen=True)
class Pairing:
    """The pairs of two sides.

    Args:
        pairs: In the order of the first side's runs.
        why: Why there are not more; None where every run has its partner.
    """

    pairs: tuple[Pair, ...]
    why: str | None


def paired_runs(first: Side, second: Side) -> Pairing:
    """Pair the runs of two sides.

    Two runs are a pair if they have one seed (and, of folds, one fold) and were scored on the same rows with the same
    labels. Of two single runs the seeds may differ: the rows alone make them a pair.

    Args:
        first: The first side.
        second: The second.
    """
    single = len(first.runs) == len(second.runs) == 1
    partners = {(run.seed, run.fold): run for run in second.runs}
    known = [(run, second.runs[0] if single else partners.get((run.seed, run.fold))) for run in first.runs]
    candidates = [(run, other) for run, other in known if other is not None]
    pairs = tuple(Pair(run, other) for run, other in candidates if run.fingerprint == other.fingerprint)
    return Pairing(pairs, _why(first, second, len(candidates), len(pairs)))


def shared_rows(first: Side, second: Side) -> tuple[int, int, int]:
    """Return how many rows of the first side, of the second, and of both there are, over all their runs."""
    one, other = (frozenset[str]().union(*(run.cell_ids for run in side.runs)) for side in (first, second))
    return len(one), len(other), len(one & other)


def _why(first: Side, second: Side, candidates: int, pairs: int) -> str | None:
    if pairs == len(first.runs) == len(second.runs):
        return None
    same = "seed" if all(run.fold is None for side in (first, second) for run in side.runs) else "seed and fold"
    if not candidates:
        return f"the sides have no {same} in common"
    if pairs < candidates:
        return f"of {counted(candidates, 'pair')} of runs {candidates - pairs} were scored on other rows"
    return f"of {len(first.runs)} and {len(second.runs)} runs {candidates} have a partner of the same {same}"
