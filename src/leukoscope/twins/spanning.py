"""A spanning set: who is connected already, so that the pictures of one cell are not compared each with each."""

from __future__ import annotations


class Connected:
    """Groups of things that grow by joining two of them (a disjoint-set forest, Tarjan 1975).

    Args:
        count: How many things there are: 0 to ``count`` - 1, each alone at first.
    """

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def joined(self, one: int, two: int) -> bool:
        """Whether two things are in one group."""
        return self._top(one) == self._top(two)

    def join(self, one: int, two: int) -> bool:
        """Make one group of those of two things; return whether they were two before."""
        first, second = self._top(one), self._top(two)
        self._above[second] = first
        return first != second

    def _top(self, thing: int) -> int:
        while self._above[thing] != thing:
            self._above[thing] = self._above[self._above[thing]]
            thing = self._above[thing]
        return thing
