"""Studies: many runs of a recipe, by seeds and by the values of its settings, and what they have in common."""

from leukoscope.studies.plan import Plan, Planned, plan
from leukoscope.studies.study import Study
from leukoscope.studies.sweeping import sweep

__all__ = ["Plan", "Planned", "Study", "plan", "sweep"]
