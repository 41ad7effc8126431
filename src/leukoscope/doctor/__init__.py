"""The doctor: what this machine has, what Leukoscope misses on it, and the commands that help."""

from __future__ import annotations

from leukoscope.doctor.examination import Examination, examine
from leukoscope.doctor.row import Row

__all__ = ["Examination", "Row", "examine"]
