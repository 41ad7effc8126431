"""The scales on which scores are near enough to normal: logit between two bounds, log above one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from leukoscope.evaluation.units import Floats

# Sums of weights such as 14/13 miss 0 and 1 by rounding; so near a bound a share stands on it.
TINY = 1e-9


@dataclass(frozen=True)
class Scale:
    """The range of a score and the way to the whole line and back.

    Args:
        low: The smallest value.
        high: The largest; infinite for the log scale.

    Example:
        >>> scale = Scale(-1, 1)
        >>> round(float(scale.back(scale.place(0.2))), 6)
        0.2
    """

    low: float
    high: float

    def line(self, values: Floats) -> Floats:
        """Return values on the line; those at a bound stand half as far from it as the nearest other value.

        Args:
            values: (b,), within the range, NaN where not defined.
        """
        if math.isinf(self.high):
            return np.log(_off_zero(values - self.low))
        shares = (values - self.low) / (self.high - self.low)
        return np.asarray(np.log(_off_zero(shares)) - np.log(_off_zero(1 - shares)))

    def place(self, value: float) -> float:
        """Return the place on the line of a value between the bounds."""
        return float(self.line(np.array([value]))[0])

    def slope(self, value: float) -> float:
        """Return by how much the place on the line changes where the value changes, at a value between the bounds."""
        if math.isinf(self.high):
            return 1 / (value - self.low)
        return (self.high - self.low) / ((value - self.low) * (self.high - value))

    def back(self, place: Floats | float) -> Floats:
        """Return the value at a place of the line."""
        if math.isinf(self.high):
            return np.asarray(self.low + np.exp(place))
        return np.asarray(self.low + (self.high - self.low) * special.expit(place))


def _off_zero(values: Floats) -> Floats:
    above = values[values > TINY]
    return np.maximum(values, above.min() / 2 if len(above) else TINY)
