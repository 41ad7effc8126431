"""What a stranger's part of Leukoscope must keep to, as checks that need no test runner."""

from __future__ import annotations

from leukoscope.testing.check_aggregator import check_aggregator
from leukoscope.testing.check_model import check_model
from leukoscope.testing.check_reader import check_reader

__all__ = ["check_aggregator", "check_model", "check_reader"]
