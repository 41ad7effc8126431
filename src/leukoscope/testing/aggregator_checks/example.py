"""What an aggregator is tried on: bags of random rows, and ways to ask it for what it promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import torch
from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.bags import Bags
from leukoscope.randomness import integer
from leukoscope.testing.contract import require

FEATURES = 5
SPREAD = 2.0
SHIFT = 0.5
NOISE = 0.3
RAGGED = (3, 1, 200, 2, 40, 1)

Result = TypeVar("Result")
MakeAggregator = Callable[[int, int, int], Aggregator]
"""Of the length of a feature vector, the columns, and a seed."""
Asked = Literal["value", "evidence", "weights"]


@dataclass(frozen=True)
class Rows:
    """Instances of some bags.

    Args:
        values: (n, c), what is aggregated.
        features: (n, d), what ``project`` is given.
        sizes: The rows of each bag.
    """

    values: Tensor
    features: Tensor
    sizes: tuple[int, ...]

    @property
    def bags(self) -> Bags:
        """Which rows belong together."""
        return Bags(torch.tensor(self.sizes))

    def taken(self, rows: Tensor, sizes: Sequence[int]) -> Rows:
        """Return some rows, by their places, as bags of these sizes."""
        return Rows(self.values[rows], self.features[rows], tuple(sizes))

    def to(self, dtype: torch.dtype) -> Rows:
        """Return the rows in another dtype."""
        return Rows(self.values.to(dtype), self.features.to(dtype), self.sizes)


@dataclass(frozen=True)
class Example:
    """An aggregator to be tried.

    Args:
        make: Makes it, anew each time.
        columns: Columns of what it aggregates.
    """

    make: MakeAggregator
    columns: int

    def made(self, seed: int = 0) -> Aggregator:
        """Return a new one, as made.

        Raises:
            AssertionError: what is made is no aggregator.
        """
        made = told(
            lambda: self.make(FEATURES, self.columns, seed),
            f"Making an aggregator of {FEATURES} features, {self.columns} columns and a seed",
        )
        require(
            isinstance(made, Aggregator),
            "An aggregator derives from leukoscope.models.aggregators.Aggregator; this one is of the class "
            f"{type(made).__name__}.",
        )
        return made

    def used(self, dtype: torch.dtype = torch.float64) -> Aggregator:
        """Return one that has been trained for a step, in evaluation mode.

        Its parameters are moved off where they start, for a zero there would hide faults, and what it learns of a
        batch in training mode (running statistics) is learnt.
        """
        aggregator = self.made().double()
        generator = torch.Generator().manual_seed(integer(0, "parameters"))
        with torch.no_grad():
            for parameter in aggregator.parameters():
                parameter.add_(NOISE * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        self.ask(aggregator.train(), self.rows((4, 30, 6), "step"))
        return aggregator.to(dtype).eval()

    def rows(self, sizes: Sequence[int] = RAGGED, purpose: str = "rows") -> Rows:
        """Return random rows for bags of these sizes, float64, no two values alike."""
        generator = torch.Generator().manual_seed(integer(0, purpose, self.columns))
        shape = (sum(sizes), self.columns + FEATURES)
        both = torch.randn(shape, generator=generator, dtype=torch.float64) * SPREAD + SHIFT
        return Rows(both[:, : self.columns], both[:, self.columns :], tuple(sizes))

    @staticmethod
    def ask(aggregator: Aggregator, rows: Rows, what: Asked = "value") -> Tensor | None:
        """Return a bag's values, (b, c); or evidence or weights, (n, c) or None.

        Raises:
            AssertionError: the aggregator stopped, or returned something of another kind.
        """
        method: Callable[[Tensor, Bags, Tensor], Tensor | None]
        method = {"value": aggregator.__call__, "evidence": aggregator.evidence, "weights": aggregator.weights}[what]
        name = "forward" if what == "value" else what
        mode = "training" if aggregator.training else "evaluation"
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            found = told(
                lambda: method(rows.values, rows.bags, aggregator.project(rows.features)),
                f"{name}, in {mode} mode, of bags of {', '.join(map(str, rows.sizes))} instances",
            )
        wanted = "a tensor" if what == "value" else "a tensor, or None where there is no such thing"
        allowed = isinstance(found, Tensor) or (found is None and what != "value")
        require(allowed, f"{name} returns {wanted}; it returned {type(found).__name__}.")
        return found

    def value(self, aggregator: Aggregator, rows: Rows) -> Tensor:
        """Return the bags' values, (b, c)."""
        value = self.ask(aggregator, rows)
        assert value is not None
        return value


def told(action: Callable[[], Result], what: str) -> Result:
    """Do something; where it stops, say what was done and why it stopped.

    Raises:
        AssertionError: it stopped with an error.
    """
    try:
        return action()
    except Exception as error:
        said = str(error).splitlines()[0] if str(error) else "no message"
        raise AssertionError(f"{what} stopped with {type(error).__name__}: {said}") from error
