"""Several models made into one: rules fitted on validation, scored on test once, and set beside the members."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.ensembles import RULES, Rule, parse_rules
from leukoscope.errors import SettingsError
from leukoscope.evaluation import Scores
from leukoscope.files import locked, read_formatted, write_json, write_table
from leukoscope.predictions.alignment import Aligned
from leukoscope.recipes.schema import ThresholdSettings
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.ensemble_page import write_ensemble_page
from leukoscope.reports.ensemble_tables import read_members_table
from leukoscope.runs.beside import write_beside
from leukoscope.runs.ensemble_bundle import refuse_unbundled, write_ensemble_bundle
from leukoscope.runs.ensemble_table import CHOSEN_BY, Scored, best_on_validation, members_table, scored_member
from leukoscope.runs.ensembled_rule import Task, write_rule
from leukoscope.runs.folder import RunFolder, now, versions
from leukoscope.runs.members import PARTS, Members, read_members
from leukoscope.runs.run import Run

FORMAT = 1
NAME = "ensemble"
GIVEN = ("name", "seed", "threshold", "fingerprint", "settings")
"""What makes two ensembles the same; a folder holds one."""


@dataclass(frozen=True)
class Ensemble:
    """What ``ensemble`` left behind.

    Args:
        folder: Its folder.

    Raises:
        DataError: the folder holds no ensemble.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))
        _ = self.record

    @property
    def record(self) -> dict[str, Any]:
        """Members, rules, what was fitted, notes (``ensemble.json``)."""
        return read_formatted(EnsembleFolder(self.folder).record, FORMAT, NAME, do="Name the --out of ensemble.")

    @property
    def table(self) -> pl.DataFrame:
        """One row a member and a rule, with their scores (``members.csv``)."""
        return read_members_table(EnsembleFolder(self.folder).table)

    def rule(self, name: str) -> Path:
        """Return the folder of a rule; ``Run(folder)`` reads it where all members are runs."""
        return rule_folder(self.folder, name)

    def __repr__(self) -> str:
        record = self.record
        lines = [f"Ensemble {self.folder}: {len(record['members'])} models, {', '.join(record['rules'])}"]
        lines += [f"  LEAKAGE: {record['leakage']}"] if record["leakage"] else []
        mark = " LEAKAGE" if record["leakage"] else ""
        for row in self.table.iter_rows(named=True):
            said = ", ".join(f"{part} {_words(row, f'{part}_{CHOSEN_BY}')}" for part in PARTS)
            lines.append(f"  {row['kind']} {row['name']}: weighted F1 {said}{mark}")
        lines += [f"  note: {note}" for note in record["notes"]]
        return "\n".join([*lines, f"  page: {EnsembleFolder(self.folder).page}"])


def rule_folder(folder: Path, rule: str) -> Path:
    """Return the folder of a rule.

    Args:
        folder: The ensemble's folder.
        rule: The rule's name.
    """
    return EnsembleFolder(folder).rule(rule)


def ensemble(
    models: Sequence[Path | str],
    out: Path | str,
    *,
    rules: Sequence[str] | Mapping[str, Mapping[str, Any] | None] = (),
    threshold: ThresholdSettings | None = None,
    seed: int = 0,
    bundles: Sequence[str] = (),
    command: str | None = None,
) -> Ensemble:
    """Make one answer of what several models say, by one rule or several, and write tables and a page.

    Every rule is fitted on the validation part and scored on the test part once. What it says of the validation part,
    which chooses the operating threshold, comes from fits that did not see the patient.

    Args:
        models: Two or more run folders, or tables of predictions whose column ``part`` holds ``validation`` and
            ``test``; of the same classes, cells and split.
        out: The folder to write. Called again with the same arguments it leaves what is finished alone.
        rules: Names, or settings by name: ``{"genetic": {"generations": 50}}``; all rules where not given.
        threshold: How the operating threshold is chosen; as in the first run's recipe where not given.
        seed: Seed of the searches and of the folds.
        bundles: The rules, of those that are asked for, that are made a bundle each, ``rules/RULE/bundle``: all members
            must be runs of cells, and each bundle holds a copy of every member's.
        command: What was typed, for the record.

    Raises:
        SettingsError: fewer than two models, an unknown rule or setting, a bundle of a rule that is not asked for or
            that cannot be made, or a folder that holds something else.
        DataError: a folder holds no run, or the models' classes, cells, labels or splits differ.
    """
    wanted = rules if isinstance(rules, Mapping) else {name: {} for name in rules or RULES}
    parse_rules(wanted)
    _refuse_other_bundles(bundles, wanted)
    members = read_members(models)
    if bundles:
        refuse_unbundled(members)
    place = EnsembleFolder(Path(out))
    with locked(place.path):
        _refuse_strange(place)
        settings = threshold or _threshold_of(members)
        found = write_ensembles(members, place.path, wanted, threshold=settings, seed=seed, command=command)
        for rule in bundles:
            own = RunFolder(place.rule(rule))
            write_ensemble_bundle(members, own, own.bundle, name=f"{place.path.resolve().name}, {rule}")
        write_ensemble_page(place.path)
    return found


def write_ensembles(
    members: Members,
    folder: Path,
    rules: Mapping[str, Mapping[str, Any] | None],
    *,
    threshold: ThresholdSettings,
    seed: int,
    name: str = NAME,
    command: str | None = None,
    published: Mapping[str, Mapping[str, Any]] | None = None,
) -> Ensemble:
    """Fit and score rules, and write their folders, ``ensemble.json`` and the tables beside it; no page.

    Stopped at any point and called again it goes on; what is finished is left alone, byte for byte. The caller holds
    the folder's lock.

    Args:
        members: The models.
        folder: Where to; it may hold other things.
        rules: Each rule's settings by its name; None or nothing for its defaults.
        threshold: How the operating threshold is chosen, on what each rule says of validation out of fold.
        seed: Seed of the searches and of the folds.
        name: What the ensemble is called in records and tables: the recipe's name.
        command: What was typed, for the record.
        published: Of a rule's name ``{"paper", "protocol", "figures"}``, to stand beside its scores.

    Raises:
        SettingsError: an unknown rule or setting, or the folder holds another ensemble.
        DataError: the members differ, a rule cannot be fitted, or no threshold can be chosen.
    """
    place, fitted = EnsembleFolder(folder), parse_rules(rules)
    task = _task(members, Task(*_aligned(members), members.runs, threshold, seed, name, command, published or {}))
    record = _begun(place, _head(members, task, fitted))
    scored = [scored_member(member) for member in members.members]
    for rule in fitted:
        kept = write_rule(rule, task, place.rule(rule.name))
        parts = {part: Scores.from_json(kept["parts"][part]) for part in PARTS}
        scored.append(Scored(rule.name, "rule", parts, f"rules/{rule.name}"))
        record["rules"][rule.name] = _described(rule, kept)
    write_table(place.table, members_table(scored))
    write_beside(place, task, scored)
    write_json(place.record, record | _found(scored, record["rules"]))
    return Ensemble(folder)


def _aligned(members: Members) -> tuple[Aligned, Aligned]:
    validation, test = (members.part(part) for part in PARTS)
    return validation, test


def _task(members: Members, task: Task) -> Task:
    """Return the task with the leakage of any member on all that is said."""
    reasons = [task.validation.leakage, task.test.leakage]
    reasons += [run.record.get("leakage") for run in members.runs or []]
    leakage = "; ".join(dict.fromkeys(reason for reason in reasons if reason)) or None
    return replace(task, validation=replace(task.validation, leakage=leakage), test=replace(task.test, leakage=leakage))


def _head(members: Members, task: Task, rules: Sequence[Rule]) -> dict[str, Any]:
    known = task.test.classes
    return {
        "format": FORMAT,
        "status": "running",
        "name": task.name,
        "started": now(),
        "command": task.command,
        "versions": versions(),
        "seed": task.seed,
        "threshold": task.threshold.model_dump(mode="json"),
        "leakage": task.leakage,
        "unit": task.test.unit,
        "classes": {"names": list(known.names), "titles": list(known.titles), "positive": known.positive},
        "members": [
            {"name": member.name, "folder": None if member.run is None else str(member.run.folder.resolve())}
            for member in members.members
        ],
        "fingerprint": _fingerprint(task),
        "settings": {rule.name: rule.model_dump(mode="json") for rule in rules},
        "published": {member.name: figure for member in members.members if (figure := _figure(member.run)) is not None}
        | {rule: said["figures"][CHOSEN_BY] for rule, said in task.published.items() if CHOSEN_BY in said["figures"]},
        "rules": {},
        "notes": [],
    }


def _figure(run: Run | None) -> Any:  # noqa: ANN401 - as a recipe writes it
    """Return what the recipe of a run has as published weighted F1; None where it has none."""
    return None if run is None else ((run.scores.get("published") or {}).get("figures") or {}).get(CHOSEN_BY)


def _fingerprint(task: Task) -> str:
    """Return a sum over all that the members say, by which the same members are known again."""
    found = hashlib.sha256("\n".join(task.test.names).encode())
    for said in (task.validation, task.test):
        found.update("\n".join(said.table["id"].to_list()).encode())
        found.update(said.truth.tobytes())
        found.update(said.probabilities.tobytes())
    return found.hexdigest()


def _begun(place: EnsembleFolder, head: dict[str, Any]) -> dict[str, Any]:
    """Return the record to go on with: the folder's own where it holds this very ensemble."""
    if not place.record.is_file():
        write_json(place.record, head)
        return head
    kept = Ensemble(place.path).record
    other = [name for name in GIVEN if kept.get(name) != head[name]]
    if other:
        words = {"fingerprint": "models", "settings": "rules"}
        what = f"This folder holds another ensemble: its {', '.join(words.get(name, name) for name in other)} differ."
        raise SettingsError(what, where=str(place.path), do="Name another --out.")
    return kept


def _described(rule: Rule, kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": rule.title,
        "about": rule.about,
        "learns": rule.learns,
        "threshold": kept["threshold"],
        **{name: value for name, value in kept["ensemble"].items() if name != "rule"},
    }


def _found(scored: Sequence[Scored], rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is only known at the end: sizes, the best on validation, notes."""
    first = scored[-1].parts
    sizes = {part: {name: getattr(first[part], name) for name in ("cells", "patients", "groups")} for part in PARTS}
    notes = [rule["out_of_fold"]["note"] for rule in rules.values() if rule["out_of_fold"]["note"]]
    best = {
        "best_on_validation": best_on_validation(scored, "rule"),
        "best_member_on_validation": best_on_validation(scored, "member"),
    }
    return {"status": "finished", "parts": sizes, **best, "notes": notes}


def _threshold_of(members: Members) -> ThresholdSettings:
    runs = members.runs
    asked = {} if runs is None else runs[0].record["asked"].get("threshold") or {}
    return ThresholdSettings.model_validate(asked)


def _refuse_other_bundles(bundles: Sequence[str], rules: Mapping[str, object]) -> None:
    other = [name for name in bundles if name not in rules]
    if other:
        what = f"A bundle is asked for of {other[0]!r}, which is none of the rules: {', '.join(rules)}."
        raise SettingsError(what, where="--bundle", more=len(other) - 1, do="Name one of them, or ask for its --rule.")


def _refuse_strange(place: EnsembleFolder) -> None:
    if not place.record.is_file() and any(not entry.name.startswith(".") for entry in place.path.iterdir()):
        what = "This folder is not empty, and holds no ensemble."
        raise SettingsError(what, where=str(place.path), do="Name another --out.")


def _words(row: Mapping[str, Any], name: str) -> str:
    value, low, high = (row[f"{name}{ending}"] for ending in ("", "_low", "_high"))
    if value is None:
        return "n/a"
    return f"{value:.3f}" if low is None else f"{value:.3f} ({low:.3f} to {high:.3f})"
