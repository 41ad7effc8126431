"""Cohorts: cells, patients and classes, read from data sets as they are published, and divided into parts."""

from __future__ import annotations

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import READERS, Description, Reader, read_cohort
from leukoscope.cohort.storage import load_cohort, save_cohort

__all__ = ["READERS", "Classes", "Cohort", "Description", "Reader", "load_cohort", "read_cohort", "save_cohort"]
