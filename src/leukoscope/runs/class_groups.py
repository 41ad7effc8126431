"""Groups of classes to score: those that somebody named, or else those that the data set declares."""

from __future__ import annotations

from typing import Any

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.groups import ClassGroups, groups_from
from leukoscope.cohort.readers import READERS
from leukoscope.errors import SettingsError, nearest
from leukoscope.evaluation import lineage_errors, score_group
from leukoscope.evaluation.scoring import Resampling
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.schema import ClassSettings
from leukoscope.runs.preparation import description_of


def groups_of(settings: ClassSettings, cohort: Cohort) -> ClassGroups:
    """Return a run's groups and lineages: those that the recipe names, or else those that the data set declares.

    What is declared is taken as far as it can be told among the classes that are there.

    Args:
        settings: The recipe's ``classes``.
        cohort: The cohort.

    Raises:
        SettingsError: what the recipe names makes no sense, or cannot be told (``ClassGroups.checked``).
    """
    asked = groups_from(settings.groups, settings.lineages).checked(cohort.classes)
    described = description_of(cohort)
    declared = ClassGroups() if described is None else described.groups
    chosen = ClassGroups(asked.groups or declared.groups, asked.lineages or declared.lineages)
    return chosen.among(cohort.classes)


def asked_groups(named: ClassGroups | str | None, classes: Classes) -> ClassGroups:
    """Return groups that were asked for by themselves, where no recipe names them.

    Args:
        named: Groups of these very classes; or the name of a data set, whose groups are taken as far as they can be
            told among these classes; or None for none.
        classes: The classes of what is scored.

    Raises:
        SettingsError: groups cannot be told (``ClassGroups.checked``); there is no such data set, it declares no
            groups, or none of them can be told.
    """
    if named is None:
        return ClassGroups()
    if not isinstance(named, str):
        return named.checked(classes)
    declared = {name: reader.description.groups for name, reader in READERS.items() if reader.description.groups}
    if named not in READERS:
        raise SettingsError(f"There is no data set {named!r}.", do=nearest(named, declared))
    if named not in declared:
        what = f"The data set {named!r} declares no groups of classes."
        raise SettingsError(what, do=f"These do: {', '.join(declared)}. Others are named in a YAML file.")
    told = declared[named].among(classes)
    if not told:
        what = f"No group of {named!r} can be told among these classes: {', '.join(classes.names)}."
        raise SettingsError(what, do="Groups need three classes or more, some of their own among them.")
    return told


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
    if not groups:
        return {}
    scored = [score_group(group, validation, test, how).as_json() for group in groups.groups]
    lineages = lineage_errors(test, groups, how).as_json() if groups.lineages else None
    return {"class_groups": {"groups": scored, "lineages": lineages}}
