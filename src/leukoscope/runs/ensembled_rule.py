"""The folder of one rule: what it says of validation and test, scored as a run's predictions are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leukoscope.cohort.groups import ClassGroups
from leukoscope.ensembles import OutOfFold, Rows, Rule, out_of_fold
from leukoscope.evaluation import Scores, evaluate, point_scores
from leukoscope.files import read_json, write_bytes, write_json
from leukoscope.predictions.alignment import Aligned
from leukoscope.recipes.schema import ClassSettings, ThresholdSettings
from leukoscope.runs.class_groups import group_scores, groups_of
from leukoscope.runs.folder import FORMAT, RunFolder, now, versions
from leukoscope.runs.options import Options
from leukoscope.runs.run import Run
from leukoscope.runs.scoring import operating_point
from leukoscope.runs.subgroups import subgroups

FINISHED = "finished"


@dataclass(frozen=True, eq=False)
class Task:
    """What all rules of an ensemble share.

    Args:
        validation: What the members say of the validation part.
        test: What they say of the test part.
        runs: The members' runs; None where any comes from a table.
        threshold: How the operating threshold is chosen.
        seed: Seed of the searches and folds.
        name: The ensemble's name, for the column ``recipe``.
        command: What was typed, for the record.
        published: Published figures of a rule by its name, as ``scores.json`` has them.
    """

    validation: Aligned
    test: Aligned
    runs: list[Run] | None
    threshold: ThresholdSettings
    seed: int
    name: str
    command: str | None = None
    published: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def leakage(self) -> str | None:
        """The reasons that were given for leaking splits; None where nothing leaks."""
        return self.validation.leakage


def write_rule(rule: Rule, task: Task, path: Path) -> dict[str, Any]:
    """Fit a rule on validation and score what it says; a folder that is finished is left as it is.

    Args:
        rule: The rule.
        task: What it works on.
        path: The rule's folder.

    Returns:
        ``scores.json``.

    Raises:
        DataError: the rule cannot be fitted, or no threshold can be chosen.
    """
    folder = RunFolder(path)
    if folder.scores.is_file() and (task.runs is None or folder.read_record()["status"] == FINISHED):
        kept: dict[str, Any] = read_json(folder.scores)
        return kept
    rows = Rows(
        task.validation.names,
        task.validation.classes,
        task.validation.probabilities,
        task.validation.truth,
        task.validation.groups,
    )
    fitted, apart = rule.fit(rows, seed=task.seed), out_of_fold(rule, rows, seed=task.seed)
    _begin(folder, rule, task)
    validation = task.validation.said(apart.probabilities, run=rule.name)
    validation.save(folder.predictions("validation"))
    threshold = operating_point(task.threshold, validation)
    test = task.test.said(fitted.combine(task.test.probabilities), run=rule.name)
    test.save(folder.predictions("test"))
    value = None if threshold is None else threshold.value
    parts = {part: evaluate(said, threshold=value) for part, said in (("validation", validation), ("test", test))}
    in_sample = task.validation.said(fitted.combine(rows.probabilities), run=rule.name)
    about = {
        "rule": rule.name,
        "fitted": fitted.as_json(),
        "in_sample": point_scores(in_sample)["weighted_f1"],
        "out_of_fold": _told(apart) | {"weighted_f1": point_scores(validation)["weighted_f1"]},
    }
    chosen = None if threshold is None else threshold.as_json()
    further = {"threshold": chosen, "ensemble": about, **group_scores(_groups(task), validation, test)}
    if task.runs is not None:
        further |= subgroups(task.runs[0].cohort, test, value)
    scores = _scores(rule, task, parts, further, apart.note)
    write_json(folder.scores, scores)
    if task.runs is not None:
        folder.update(status=FINISHED, finished=now())
    return scores


def _groups(task: Task) -> ClassGroups:
    """Return the groups of classes of the first member's recipe, or of its data set; none of tables and patients."""
    if task.runs is None or task.test.unit == "patient":
        return ClassGroups()
    first = task.runs[0]
    return groups_of(ClassSettings.model_validate(first.record["asked"].get("classes") or {}), first.cohort)


def _told(apart: OutOfFold) -> dict[str, Any]:
    return {"folds": apart.folds, "kept_together": apart.kept, "note": apart.note}


def _scores(
    rule: Rule, task: Task, parts: Mapping[str, Scores], further: dict[str, Any], note: str | None
) -> dict[str, Any]:
    """Return ``scores.json``, laid out as ``leukoscope.runs.scoring.scores_of`` does."""
    published = task.published.get(rule.name) or {"paper": None, "protocol": None, "figures": {}}
    warnings = [] if task.runs is None else [said for run in task.runs for said in run.scores.get("warnings") or []]
    return {
        "format": 1,
        "run": rule.name,
        "recipe": task.name,
        "unit": task.test.unit,
        "leakage": task.leakage,
        "warnings": list(dict.fromkeys([*warnings, *([note] if note else [])])),
        "published": dict(published),
        "parts": {name: scores.as_json() for name, scores in parts.items()},
        **further,
    }


def _begin(folder: RunFolder, rule: Rule, task: Task) -> None:
    """Write what makes the folder a run's, where all members are runs: record, cohort, split."""
    if task.runs is None:
        return
    source = RunFolder(task.runs[0].folder)
    write_bytes(folder.cohort, source.cohort.read_bytes())
    write_bytes(folder.split, source.split.read_bytes())
    first = task.runs[0].record
    opened = folder.read_record()["test_opened"] if folder.record.is_file() else [now()]
    members = zip(task.validation.names, task.runs, strict=True)
    record = {
        "format": FORMAT,
        "status": "running",
        "name": rule.name,
        "recipe": task.name,
        "seed": task.seed,
        "command": task.command,
        "asked": _asked(rule, task),
        "options": Options(allow_leakage=task.leakage).as_json(),
        "versions": versions(),
        "leakage": task.leakage,
        "started": now(),
        "finished": None,
        "seconds": {},
        "test_opened": opened,
        "data": first["data"],
        "split": first.get("split"),
        "best_epoch": None,
        "weights": None,
        "out_of_fold": all(run.record.get("out_of_fold") for run in task.runs),
        "ensemble_of": [{"name": name, "folder": str(run.folder.resolve())} for name, run in members],
        "rule": rule.name,
    }
    write_json(folder.record, record)


def _asked(rule: Rule, task: Task) -> dict[str, Any]:
    """Return the settings that all members share, and the rule's own in the place of the others."""
    first, *others = [run.record["asked"] for run in task.runs or []]
    shared = {name: value for name, value in first.items() if all(value == one.get(name) for one in others)}
    own = {
        "name": task.name,
        "seed": task.seed,
        "threshold": task.threshold.model_dump(mode="json"),
        "members": ", ".join(task.validation.names),
        "rule": rule.name,
        "rule_settings": rule.model_dump(mode="json"),
    }
    return shared | own
