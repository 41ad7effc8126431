"""A bundle on another cohort: the order of the steps, and what is written."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.bundles.parts import CARD
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import SettingsError, counted
from leukoscope.evaluation import Scores, evaluate
from leukoscope.evaluation.scoring import Resampling
from leukoscope.files import replacing_folder, sha256, write_json, write_table
from leukoscope.inference.fact_tables import Facts
from leukoscope.inference.opening import opened, refuse_facts
from leukoscope.reports import write_report
from leukoscope.reports.validation_folder import ValidationFolder
from leukoscope.runs.folder import now, versions
from leukoscope.runs.looking import look
from leukoscope.runs.preparation import Linked, link
from leukoscope.validation.answering import Answers, answers_of
from leukoscope.validation.drifting import write_drift
from leukoscope.validation.home import bundle_of, home_of
from leukoscope.validation.mapping import GivenMap, Mapped, mapped
from leukoscope.validation.parting import parted
from leukoscope.validation.recalibrating import refuse_fixed
from leukoscope.validation.recalibration import Parting, recalibrate
from leukoscope.validation.sections import beside_home, referral_section, strangers_section
from leukoscope.validation.sheet import write_most_unlike
from leukoscope.validation.validation import Validation

FORMAT = 1


def validate(
    bundle: AnyBundle | Path | str,
    cohort: Cohort,
    out: Path | str,
    *,
    class_map: GivenMap = None,
    by: str | None = None,
    facts: Facts = None,
    recalibrate_share: float | None = None,
    seed: int = 0,
    replicates: int = 2000,
    batch: int = 64,
    device: str = "auto",
    command: str | None = None,
) -> Validation:
    """Hold a bundle against another cohort, and write what came out as a folder with a page.

    Every picture is looked at once for links, light, colour and size, and once more by the bundle. The scores are of
    the whole cohort, by the bundle as it is. What is recalibrated is measured on the rest alone.

    Args:
        bundle: A bundle of cells, patients or several models of cells; or the folder of it, or of its run.
        cohort: The other cohort, with labels.
        out: The folder; new, empty, or with an earlier validation, which is replaced.
        class_map: As of ``mapping.mapped``.
        by: As of ``mapping.mapped``.
        facts: The patients' facts, as of ``predict_patients``.
        recalibrate_share: The share of the cohort, above 0 and below 1, on which calibration, threshold and referral
            are fitted anew; None for no recalibration.
        seed: The seed of that draw, and of the intervals.
        replicates: Resamples of the intervals, 100 or more; 0 for none.
        batch: Pictures at a time.
        device: Where a bundle from a folder works: ``auto``, ``cpu``, ``cuda``.
        command: What was typed, for the record.

    Raises:
        SettingsError: a map that does not fit, a share that is none, a bundle that cannot be recalibrated, or the
            folder holds something else.
        DataError: nothing that has a label can be predicted, or too little is left on one side of a recalibration.
        BundleError: the bundle is damaged.
    """
    out, started, how = Path(out), now(), Resampling(replicates=replicates, seed=seed)
    _refuse_other(out)
    ready = opened(bundle_of(Path(bundle)) if isinstance(bundle, Path | str) else bundle, device)
    if ready.card.task == "cells":
        refuse_facts(facts)
    under = mapped(cohort, ready, class_map, by)
    if recalibrate_share is not None:
        refuse_fixed(ready)
    linked = link(look(under.cohort))
    parting = None
    if recalibrate_share is not None:
        table = parted(linked.intake.cohort, linked.groups, recalibrate_share, seed)
        parting = Parting(table, recalibrate_share, seed)
    with replacing_folder(out) as fresh:
        folder = ValidationFolder(fresh)
        head = {"format": FORMAT, "started": started, "command": command, "versions": versions()}
        found = _written(ready, under, linked, parting, folder=folder, facts=facts, batch=batch, how=how, head=head)
        scores = {"format": 1, "run": out.name, "leakage": found.scores.leakage, "warnings": [], "threshold": None}
        validated = {"bundle": ready.card.name, "data": cohort.name}
        write_json(folder.scores, {**scores, "validated": validated, "parts": {"all": found.scores.as_json()}})
        write_report(fresh)
    return replace(found, folder=out)


def _written(
    bundle: AnyBundle,
    under: Mapped,
    linked: Linked,
    parting: Parting | None,
    *,
    folder: ValidationFolder,
    facts: Facts,
    batch: int,
    how: Resampling,
    head: dict[str, Any],
) -> Validation:
    """Predict and measure; write everything but the scores and the page."""
    intake, home = linked.intake, home_of(bundle)
    write_table(folder.pictures, intake.pictures)
    said = answers_of(bundle, intake.cohort, linked.groups, folder, facts=facts, batch=batch)
    scores = evaluate(said.predictions, threshold=bundle.threshold, replicates=how.replicates, seed=how.seed)
    write_table(folder.beside, beside_home(bundle, scores))
    write_drift(home, intake, said.predictions, bundle.threshold, folder)
    write_most_unlike(bundle, intake.cohort, said.flags, folder)
    again = None
    if parting is not None:
        seen, data = intake.pictures.select("id", "sha256"), intake.cohort.name
        again = recalibrate(bundle, home, said.predictions, parting, data=data, seen=seen, folder=folder, how=how)
    notes = (*under.notes, *([home.note] if home.note else []), *intake.notes, *said.notes)
    record = {
        **head,
        **_of_whom(bundle, under, scores),
        "left_out": _left_out(intake.cohort),
        "referral": referral_section(bundle, said.predictions, how),
        "out_of_distribution": strangers_section(bundle, said.flags, bundle.classes, how),
        "recalibration": again,
        "warnings": _warnings(said, bundle),
        "notes": list(notes),
    }
    write_json(folder.record, record)
    return Validation(folder.path, scores, record, tuple(record["warnings"]), notes)


def _of_whom(bundle: AnyBundle, under: Mapped, scores: Scores) -> dict[str, Any]:
    """Return which bundle was held against whom."""
    card, cohort = bundle.card, under.cohort
    rows = counted(scores.cells, scores.unit)
    of = f" of {counted(scores.patients, 'patient')}" if scores.unit == "cell" and scores.patients else ""
    return {
        "bundle": {
            "name": card.name,
            "folder": str(bundle.folder),
            "sha256": sha256(bundle.folder / CARD),
            "task": card.task,
            "classes": card.classes.as_json(),
            "threshold": bundle.threshold,
            "trained_on": card.trained_on,
            "leakage": card.leakage,
        },
        "data": {"name": cohort.name, "root": str(cohort.root), "reader": cohort.reader},
        "map": {"by": under.by, "classes": under.classes},
        "absent": list(under.absent),
        "whom": rows + of,
        "interval": asdict(scores.interval),
    }


def _left_out(cohort: Cohort) -> dict[str, int]:
    """Return how many cells are excluded, by the beginning of the reason."""
    reasons = cohort.cells["excluded"].drop_nulls().str.extract(r"^([^:]+)").alias("reason")
    return dict(reasons.value_counts(sort=True).iter_rows())


def _warnings(said: Answers, bundle: AnyBundle) -> list[str]:
    """Return what whoever uses the scores must know, a sentence each."""
    card = bundle.card
    marked = f"The bundle is marked: LEAKAGE: {card.leakage}. Its scores at home may flatter." if card.leakage else None
    return [*([marked] if marked else []), *said.warnings]


def _refuse_other(out: Path) -> None:
    """Refuse a folder that holds anything but an earlier validation."""
    if out.is_dir() and not ValidationFolder(out).record.is_file() and any(out.iterdir()):
        raise SettingsError(
            "This folder holds something else than an external validation.", where=str(out), do="Name another --out."
        )
    if out.is_file():
        raise SettingsError("A folder is needed here, and this is a file.", where=str(out), do="Name another --out.")
