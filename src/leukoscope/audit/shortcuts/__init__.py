"""Shortcuts: how well a class can be told from global statistics, without looking at the cell."""

from leukoscope.audit.shortcuts.baselines import baselines_of
from leukoscope.audit.shortcuts.by_hand import by_hand, held_against
from leukoscope.audit.shortcuts.probe import FEWEST_GROUPS, Told
from leukoscope.audit.shortcuts.survey import Survey, survey

__all__ = ["FEWEST_GROUPS", "Survey", "Told", "baselines_of", "by_hand", "held_against", "survey"]
