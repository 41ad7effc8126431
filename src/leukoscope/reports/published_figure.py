"""A figure that a paper published, in whatever form a recipe gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from leukoscope.reports.words import decimal

DIGITS = 4
OF_CLASSES = "classes"
"""Where ``about.published`` of a recipe has figures class by class: ``{classes: {NGB: {recall: [0.59, 0.16]}}}``."""


@dataclass(frozen=True)
class PublishedFigure:
    """What a paper says of a score over its runs.

    Args:
        mean: The mean over runs, or the value of the one run.
        deviation: The standard deviation over runs; None where none was published.
        min: The smallest run's value; None where none was published.
        max: The largest run's value; None where none was published.
    """

    mean: float
    deviation: float | None = None
    min: float | None = None
    max: float | None = None

    @property
    def words(self) -> str:
        """The figure as it stands in a table.

        Example:
            >>> PublishedFigure(0.8789, 0.009, 0.8628, 0.8981).words
            '0.8789 ± 0.0090 (0.8628 to 0.8981)'
        """
        spread = "" if self.deviation is None else f" ± {_said(self.deviation)}"
        known = self.min is not None and self.max is not None
        ends = f" ({_said(self.min)} to {_said(self.max)})" if known else ""
        return _said(self.mean) + spread + ends


NAMES = tuple(field.name for field in fields(PublishedFigure))


def published_figure(said: Any) -> PublishedFigure | None:  # noqa: ANN401 - as a recipe writes it
    """Return a published figure, whichever of its forms it has.

    Args:
        said: A number; ``[mean]``; ``[mean, deviation]``; or some of ``mean``, ``deviation``, ``min``, ``max`` by name,
            the mean among them.

    Returns:
        The figure; None for anything else, which is no figure to compare with.

    Example:
        >>> published_figure([0.8789, 0.009])
        PublishedFigure(mean=0.8789, deviation=0.009, min=None, max=None)
        >>> published_figure({"mean": 0.8789}).words, published_figure("about 0.9")
        ('0.8789', None)
    """
    if isinstance(said, Mapping):
        named = dict(said)
    else:
        values = said if isinstance(said, list | tuple) else [said]
        if len(values) > len(("mean", "deviation")):
            return None
        named = dict(zip(NAMES, values, strict=False))
    right = "mean" in named and set(named) <= set(NAMES) and all(_is_number(value) for value in named.values())
    return PublishedFigure(**{name: float(value) for name, value in named.items()}) if right else None


def _said(value: float | None) -> str:
    return "" if value is None else decimal(value, DIGITS)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
