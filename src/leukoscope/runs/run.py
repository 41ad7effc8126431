"""A finished run, as an object: its folder, its scores, its predictions, its bundle."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.storage import load_cohort
from leukoscope.errors import DataError, counted
from leukoscope.files import read_json
from leukoscope.predictions.table import Predictions
from leukoscope.runs.folder import RunFolder

SHOWN = ("weighted_f1", "accuracy", "balanced_accuracy", "roc_auc")


@dataclass(frozen=True)
class Run:
    """What a run left behind.

    Args:
        folder: The run's folder.

    Raises:
        DataError: the folder holds no run.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))
        RunFolder(self.folder).read_record()

    @property
    def record(self) -> dict[str, Any]:
        """What was done, with what and how long it took (``run.json``)."""
        return RunFolder(self.folder).read_record()

    @property
    def scores(self) -> dict[str, Any]:
        """All scores with their intervals, as in ``scores.json``."""
        self._refuse_unfinished()
        scores: dict[str, Any] = read_json(RunFolder(self.folder).scores)
        return scores

    @property
    def threshold(self) -> float | None:
        """The operating threshold on the positive class's probability; None for more than two classes."""
        chosen = self.scores["threshold"]
        return None if chosen is None else float(chosen["value"])

    @property
    def cohort(self) -> Cohort:
        """The cohort that the run worked on."""
        return load_cohort(RunFolder(self.folder).cohort)

    @property
    def bundle(self) -> Path:
        """The folder of the finished model.

        Raises:
            DataError: the run is not finished, or is an ensemble of others that was not made a bundle of.
        """
        self._refuse_unfinished()
        own = RunFolder(self.folder).bundle
        _refuse_unbundled(self.folder, self.record, own)
        return own

    @property
    def single_bundle(self) -> Path:
        """The folder of the finished model, of one network.

        Raises:
            DataError: the run is not finished, or is an ensemble of others.
        """
        self._refuse_unfinished()
        members = self.record.get("ensemble_of") or []
        if members:
            named = ", ".join(member["folder"] for member in members)
            what = f"This is an ensemble of {len(members)} runs; one model is needed here."
            raise DataError(what, where=str(self.folder), do=f"Name one of its members: {named}.")
        return RunFolder(self.folder).bundle

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        self._refuse_unfinished()
        return RunFolder(self.folder).report

    def predictions(self, part: str = "test") -> Predictions:
        """Return what the model said of the cells, or patients, of one part (``validation`` or ``test``)."""
        unit = self.scores.get("unit", "cell")
        return Predictions.load(RunFolder(self.folder).predictions(part), self.cohort.classes, unit)

    def __repr__(self) -> str:
        record = self.record
        lines = [f"Run {self.folder} ({record['status']}): {record['recipe']} on {record['data']['name']}"]
        source = record.get("rescored_from")
        lines += [f"  weights of {source['folder']}, scored again"] if source else []
        lines += [f"  LEAKAGE: {record['leakage']}"] if record.get("leakage") else []
        if record["status"] == "finished":
            lines += [f"  split: {record['split']['statement']}"]
            lines += [f"  {line}" for line in headline(self.scores)] + [f"  report: {self.report}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        colour = ' style="color:#b00020"' if self.record.get("leakage") else ""
        return f"<pre{colour}>{html.escape(repr(self))}</pre>"

    def _refuse_unfinished(self) -> None:
        status = self.record["status"]
        if status != "finished":
            way = f"leukoscope train --resume --out {self.folder}"
            raise DataError(f"This run is not finished (status: {status}).", where=str(self.folder), do=way)


def _refuse_unbundled(folder: Path, record: dict[str, Any], bundle: Path) -> None:
    """Refuse to name a bundle of a run that is made of others where none was written."""
    members = record.get("ensemble_of") or []
    if members and not bundle.is_dir():
        bundles = ", ".join(str(RunFolder(Path(member["folder"])).bundle) for member in members)
        what = f"This is an ensemble of {len(members)} runs, and has no bundle of its own."
        again = f"Call ensemble again with --bundle {record['rule']}, or predict" if "rule" in record else "Predict"
        raise DataError(what, where=str(folder), do=f"{again} with the bundles of its members: {bundles}.")


def headline(scores: dict[str, Any]) -> list[str]:
    """Return the test part's main scores as lines for people."""
    part = scores["parts"]["test"]
    mark = " LEAKAGE" if scores.get("leakage") else ""
    lines = [f"test: {_size(part)}{mark}"]
    for name in SHOWN:
        score = part["scores"].get(name)
        if score is not None:
            lines.append(f"{name.replace('_', ' ')}: {_with_interval(score)}{mark}")
    if part.get("patient_scores") and part["patient_scores"].get("roc_auc"):
        lines.append(f"patients told apart, roc auc: {_with_interval(part['patient_scores']['roc_auc'])}{mark}")
    return lines + [f"{line}{mark}" for line in _further(scores)]


def _size(part: dict[str, Any]) -> str:
    if part.get("unit") == "patient":
        return counted(part["cells"], "patient")
    patients = f"{part['patients']} patients" if part["patients"] else "patients unknown"
    return f"{part['cells']:,} cells, {patients}"


def _further(scores: dict[str, Any]) -> list[str]:
    """Return whether the model beats the strongest fact alone, and how many patients, or cells, it refers."""
    verdict, referral = scores.get("verdict"), scores.get("referral")
    lines = [f"verdict: {verdict['sentence']}"] if verdict else []
    if referral and referral.get("of") == "cells":
        lines.append(f"referred: {_with_interval(referral['referred'])} of the cells")
        lines.append(f"accuracy of the rest ({referral['wanted']:g} wanted): {_with_interval(referral['accuracy'])}")
    elif referral:
        away, kept = referral["referred"], referral["covered"]
        lines.append(
            f"referred: {away['count']} of {away['total']} patients; the truth was among what is left for "
            f"{kept['count']} of {kept['total']} (promised {100 * referral['promised']:g} %)"
        )
    return lines


def _with_interval(score: dict[str, Any]) -> str:
    if score["value"] is None:
        return f"n/a ({score['reason']})"
    if score["low"] is None:
        return f"{score['value']:.3f} (no interval: {score['reason']})"
    return f"{score['value']:.3f} (95 % interval {score['low']:.3f} to {score['high']:.3f})"
