"""What is known of a bundle at home: of the pictures and answers of the run that made it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.bundles.parts import CARD
from leukoscope.evaluation.drift import answers_in_short
from leukoscope.files import read_table
from leukoscope.recipes.schema import ThresholdSettings
from leukoscope.runs.at_home import at_home
from leukoscope.runs.begun import saved_split
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.run import Run

UNKNOWN = (
    "The bundle was saved before bundles kept what their pictures and answers are like, so drift cannot be told; name "
    "its run's folder instead, if it is at hand."
)

RECALIBRATED = (
    "The bundle was recalibrated after its run: its answers 'at home' are those on the rest of {of}, and its run's "
    "scores, which are from before, are not set beside these, but for those that neither calibration nor threshold "
    "changes."
)


@dataclass(frozen=True)
class Home:
    """What a bundle's run had.

    Args:
        pictures: ``train`` and ``test`` in short, as far as they are known.
        answers: The test part's answers in short; None where not known.
        rule: The settings of the threshold; empty where not known.
        note: What a reader must know of it; None for nothing.
    """

    pictures: dict[str, Any]
    answers: dict[str, Any] | None
    rule: dict[str, Any]
    note: str | None = None


def bundle_of(named: Path) -> Path:
    """Return the folder of a bundle, named itself or by its run's folder.

    Raises:
        DataError: the run is not finished, or is an ensemble that has no bundle.
    """
    if not (named / CARD).is_file() and RunFolder(named).record.is_file():
        return Run(named).bundle
    return named


def home_of(bundle: AnyBundle) -> Home:
    """Return what is known of a bundle at home: by its card, or else by the run whose folder it lies in."""
    kept = bundle.card.home or {}
    of_members = ((model.card.home or {}).get("pictures") for model in models_of(bundle))
    pictures: dict[str, Any] = kept.get("pictures") or next(filter(None, of_members), {})
    if "answers" not in kept or not pictures:
        kept = {**_of_run(bundle), **kept}
        pictures = pictures or kept.get("pictures", {})
    note = None if pictures and kept.get("answers") else UNKNOWN
    if bundle.card.recalibrated:
        of = bundle.card.recalibrated.get("data") or "other data"
        note = " ".join(filter(None, [note, RECALIBRATED.format(of=of)]))
    return Home(pictures, kept.get("answers"), kept.get("threshold") or {}, note)


def _of_run(bundle: AnyBundle) -> dict[str, Any]:
    """Return what the run tells in whose folder a bundle lies; nothing where it lies elsewhere."""
    folder = RunFolder(bundle.folder.resolve().parent)
    if bundle.folder.name != folder.bundle.name or not folder.predictions("test").is_file():
        return {}
    run = Run(folder.path)
    if not isinstance(bundle, Bundle):
        return {"answers": answers_in_short(run.predictions(), bundle.threshold)}
    split = saved_split(folder)
    if split is None or not folder.pictures.is_file():
        return {}
    rule = ThresholdSettings.model_validate(run.record["asked"].get("threshold") or {}).model_dump(mode="json")
    pictures = read_table(folder.pictures)
    return at_home(run.cohort, pictures, split, run.predictions(), card=bundle.card, rule=rule)
