"""Groups of classes in a run: those that the recipe names, or else those that the data set declares."""

from __future__ import annotations

from typing import Any

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.groups import ClassGroups, groups_from
from leukoscope.evaluation import lineage_errors, score_group
from leukoscope.evaluation.scoring import Resampling
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.schema import ClassSettings
from leukoscope.runs.preparation import description_of


def groups_of(settings: ClassSettings, cohort: Cohort) -> ClassGroups:
    """Return the groups and lineages to look at, as far as they can be told among the classes that are there.

    Args:
        settings: The recipe's ``classes``.
        cohort: The cohort.

    Raises:
        SettingsError: the recipe names a class that is not there, one of two lineages, or a group without class.
    """
    asked = groups_from(settings.groups, settings.lineages)
    asked.refuse_strangers(cohort.classes)
    described = description_of(cohort)
    declared = ClassGroups() if described is None else described.groups
    chosen = ClassGroups(asked.groups or declared.groups, asked.lineages or declared.lineages)
    return chosen.among(cohort.classes)


def group_scores(
    groups: ClassGroups, validation: Predictions | None, test: Predictions, how: Resampling | None = None
) -> dict[str, Any]:
    """Return what ``scores.json`` says of groups and lineages; empty where there are none.

    Args:
        groups: As far as they can be told among the classes.
        validation: Where each group's threshold is chosen; 0.5 where None.
        test: What is scored.
        how: How intervals are made; as ``evaluate`` does where None.

    Returns:
        ``class_groups``: ``groups``, a list of ``GroupScores`` as JSON, and ``lineages``, ``LineageErrors`` or None.
    """
    if not groups.groups and not groups.lineages:
        return {}
    scored = [score_group(group, validation, test, how).as_json() for group in groups.groups]
    lineages = lineage_errors(test, groups, how).as_json() if groups.lineages else None
    return {"class_groups": {"groups": scored, "lineages": lineages}}
