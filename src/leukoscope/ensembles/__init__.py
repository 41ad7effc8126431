"""Ensembles: what several models say of the same rows, made into one answer.

A rule is one file here and one line in ``RULES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leukoscope.ensembles.average import Average
from leukoscope.ensembles.genetic import Genetic
from leukoscope.ensembles.greedy import Greedy
from leukoscope.ensembles.most_confident import MostConfident, SurestModel
from leukoscope.ensembles.out_of_fold import OutOfFold, out_of_fold
from leukoscope.ensembles.rows import Rows
from leukoscope.ensembles.rule import Fitted, Rule
from leukoscope.ensembles.stacked import Stacked, StackedModels
from leukoscope.ensembles.weighted import Weighted
from leukoscope.errors import SettingsError, nearest
from leukoscope.recipes.loading import parse_settings

__all__ = [
    "RULES",
    "Average",
    "Fitted",
    "Genetic",
    "Greedy",
    "MostConfident",
    "OutOfFold",
    "Rows",
    "Rule",
    "Stacked",
    "StackedModels",
    "SurestModel",
    "Weighted",
    "out_of_fold",
    "parse_rules",
]

RULES: dict[str, type[Rule]] = {rule.name: rule for rule in (Average, Genetic, Greedy, Stacked, MostConfident)}
"""The rules there are, by the name that recipes and ``--rule`` use."""


def parse_rules(settings: Mapping[str, Mapping[str, Any] | None]) -> tuple[Rule, ...]:
    """Read rules as recipes name them.

    Args:
        settings: Each rule's settings by its name; None or nothing for its defaults.

    Raises:
        SettingsError: no rule, an unknown one, or a wrong setting.

    Example:
        >>> [rule.name for rule in parse_rules({"average": {}, "genetic": {"generations": 20}})]
        ['average', 'genetic']
    """
    if not settings:
        raise SettingsError("An ensemble needs a rule.", do=nearest("", RULES))
    for name in settings:
        if name not in RULES:
            raise SettingsError(f"There is no rule {name!r} for ensembles.", do=nearest(name, RULES))
    return tuple(parse_settings(RULES[name], own or {}, where=f"rule {name}") for name, own in settings.items())
