"""From the smear: whole fields to a data set of single cells, each with its place."""

from leukoscope.extraction.extracting import extract
from leukoscope.extraction.extraction import Extraction

__all__ = ["Extraction", "extract"]
