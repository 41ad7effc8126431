"""What a patients' run says beyond its scores: the facts alone, calibration, operating points, referral."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import LeukoscopeWarning
from leukoscope.evaluation import (
    Band,
    Calibrator,
    OperatingPoint,
    Proportion,
    Referral,
    ReferralScores,
    carried_threshold,
    fit_band,
    fit_calibrator,
    operating_points,
    referral_scores,
)
from leukoscope.facts import FactsEncoder, Offer, circumstances_in, patient_facts
from leukoscope.facts.ablations import BOTH, IMAGES
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.schema import Recipe
from leukoscope.runs.ablation_rows import (
    Asked,
    ablation_rows,
    fact_verdict,
    facts_asked,
    own_threshold,
    usable_inputs,
)
from leukoscope.runs.calibration_section import calibration_section

WANTED = (0.90, 0.95, 0.99)


@dataclass(frozen=True)
class PatientSections:
    """What was found, and what was fitted for it on the validation patients.

    Args:
        found: The sections of ``scores.json``: ``unit``, ``ablations``, ``verdict``, ``calibration``,
            ``operating_points``, ``referral``, ``facts``.
        referral: Calibration, threshold and band as the bundle's card holds them; its threshold is on **calibrated**
            probabilities and calls as the given one does on the others.
    """

    found: dict[str, Any]
    referral: Referral

    @property
    def calibrator(self) -> Calibrator:
        """What is done to the probabilities."""
        return self.referral.calibrator

    @property
    def band(self) -> Band | None:
        """When a patient is referred; None for never."""
        return self.referral.band

    def as_json(self) -> dict[str, Any]:
        """Return the sections as plain JSON values, to be merged into ``scores.json``."""
        return self.found


def patients_in(cohort: Cohort, split: Split) -> pl.DataFrame:
    """Return the patients of a split: ``patient``, ``label``, their facts, and ``group``, the linked group."""
    groups = split.table.join(cohort.cells.select("id", "patient"), on="id").select("patient", "group")
    table = patient_facts(cohort).drop("group", strict=False)
    return table.join(groups.unique("patient"), on="patient", how="inner", maintain_order="left")


def patient_sections(
    *,
    patients: pl.DataFrame,
    train: Sequence[str],
    classes: Classes,
    recipe: Recipe,
    validation: Predictions,
    test: Predictions,
    threshold: float | None,
    seed: int,
    images: Predictions | None = None,
    images_validation: Predictions | None = None,
    offered: Iterable[Offer] = (),
) -> PatientSections:
    """Compute all that a patients' run says beyond its scores; once, so that the page computes nothing.

    Args:
        patients: The patients of all parts: ``patient``, ``label``, the facts, ``group`` (``patients_in``).
        train: The training patients.
        classes: The classes.
        recipe: The recipe.
        validation: What the model says of the validation patients, not calibrated.
        test: What it says of the test patients, likewise.
        threshold: The operating threshold on those probabilities; None for more than two classes.
        seed: Of everything that is drawn.
        images: Where facts are fused, what the pictures alone say of the test patients; None where that is not known.
        images_validation: The same of the validation patients, for a threshold; 0.5 where it is not given.
        offered: The facts that the cohort offers (``inputs_offered``). They stand alone in the table where the recipe
            has no inputs: a network of pictures must be held against the count too.

    Raises:
        DataError: a class has no labelled validation patient; a declared fact cannot be read.
    """
    own = recipe.facts.model_dump()["inputs"]
    named = own or {offer.name: offer.kind for offer in offered if offer.kind is not None}
    learnt = patients.filter(pl.col("patient").is_in(list(train)) & pl.col("label").is_not_null())
    inputs, left_out = usable_inputs(learnt, named)
    with warnings.catch_warnings():
        # What they warn of stands in the sections: notes of the calibrator and of the band.
        warnings.simplefilter("ignore", LeukoscopeWarning)
        referral = _referral(recipe, classes, validation, threshold)
        parts = (referral.calibrator.apply(validation), referral.calibrator.apply(test))
        points = operating_points(*parts, sensitivities=WANTED, seed=seed) if classes.binary else ()
    beside = facts_asked(
        patients, inputs, train=train, validation=validation, test=test, settings=recipe.threshold, seed=seed
    )
    carried = None if referral.threshold is None else referral.threshold.value
    fused = bool(own) and recipe.facts.fusion != "none"
    if fused and images is not None:
        beside[IMAGES] = Asked(images, own_threshold(images_validation, recipe.threshold))
    model = Asked(test, threshold)
    rows = ablation_rows(model, beside, title=BOTH if fused else IMAGES, seed=seed) if beside else []
    found = {
        "unit": "patient",
        "ablations": rows,
        "verdict": fact_verdict(model, beside, rows),
        "calibration": calibration_section(referral.calibrator, test, carried),
        "operating_points": [_point(point) for point in points],
        "referral": _referred(referral, test),
        "facts": {"inputs": list(own), "left_out": left_out, **_remarks(learnt, patients, test, inputs)},
    }
    return PatientSections(found, referral)


def _referral(recipe: Recipe, classes: Classes, validation: Predictions, threshold: float | None) -> Referral:
    calibrator = fit_calibrator(validation, recipe.refer.calibrate)
    coverage = recipe.refer.coverage
    band = None if coverage is None else fit_band(calibrator.apply(validation), coverage)
    if threshold is None:
        return Referral(classes, calibrator, None, band)
    # The calls are those of the scores, so the threshold is carried over and not chosen a second time.
    return Referral(classes, calibrator, carried_threshold(threshold, calibrator, classes), band)


def _point(point: OperatingPoint) -> dict[str, Any]:
    reached = {
        part: {"sensitivity": asdict(sensitivity), "specificity": asdict(specificity)}
        for part, (sensitivity, specificity) in point.reached.items()
    }
    return {"wanted": point.wanted, "threshold": point.threshold.value, **reached}


def _referred(referral: Referral, test: Predictions) -> dict[str, Any] | None:
    if referral.band is None:
        return None
    scores = referral_scores(referral, test)
    shares = {
        name: None if share is None else _share(share)
        for name in ("referred", "covered", "unlike_any", "sensitivity", "specificity")
        for share in [getattr(scores, name)]
    }
    return {
        "promised": scores.promised,
        "by": referral.band.by,
        "patients": scores.patients,
        "fitted_on": dict(referral.band.patients),
        **shares,
        **_by_class(scores),
        "notes": [*referral.band.notes, *scores.notes],
    }


def _by_class(scores: ReferralScores) -> dict[str, Any]:
    named: Mapping[str, Mapping[str, Proportion]] = {
        "referred_of": scores.referred_of,
        "covered_of": scores.covered_of,
        "recall": scores.recall,
    }
    return {name: {of: _share(share) for of, share in shares.items()} for name, shares in named.items()}


def _share(share: Proportion) -> dict[str, Any]:
    return {"value": share.value, **asdict(share)}


def _remarks(
    learnt: pl.DataFrame, patients: pl.DataFrame, test: Predictions, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    there = patients.filter(pl.col("patient").is_in(test.table["patient"].to_list()))
    remarks = FactsEncoder.fit(learnt, inputs).remarks(there) if inputs else ()
    return {"remarks": [asdict(remark) for remark in remarks], "circumstances": list(circumstances_in(inputs))}
