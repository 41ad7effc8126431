"""The audit: what is in a data set, and what would spoil or flatter a score, found before anything is trained."""

from __future__ import annotations

from leukoscope.audit.auditing import Audit, audit
from leukoscope.audit.checks import CHECKS
from leukoscope.audit.finding import Finding

__all__ = ["CHECKS", "Audit", "Finding", "audit"]
