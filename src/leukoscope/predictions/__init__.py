"""Predictions: the table that models, other people's programs and evaluation share."""

from leukoscope.predictions.foreign import read_foreign
from leukoscope.predictions.table import Predictions, probability_column

__all__ = ["Predictions", "probability_column", "read_foreign"]
