"""Comparing runs, variants and studies: over seeds, over patients, and in the calls; with what differs besides."""

from leukoscope.studies.comparison.comparing import compare
from leukoscope.studies.comparison.comparison import Comparison

__all__ = ["Comparison", "compare"]
