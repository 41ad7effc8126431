"""What whoever uses a model must know before they trust it, as far as the bundle knows it."""

from __future__ import annotations

from leukoscope.bundles.model_card.known import Fields, at, of_patients
from leukoscope.bundles.model_card.of_data import data_sets
from leukoscope.bundles.model_card.of_model import first_weights, flags_strangers
from leukoscope.bundles.model_card.of_scores import FACTS, groups_words
from leukoscope.errors import counted
from leukoscope.evaluation.subgroups import FEWEST_PATIENTS

FEW = 30
"""With fewer patients in the test part a limit says so."""


def limits(fields: Fields) -> list[str]:
    """Return the limits, a sentence each, the gravest first."""
    return list(dict.fromkeys([*_of_scores(fields), *_of_reach(fields), *_of_answers(fields), *_told(fields)]))


def _of_scores(fields: Fields) -> list[str]:
    found, leak = [], fields.get("leakage")
    if leak:
        found.append(f"LEAKAGE: {leak}. The scores say nothing of new patients.")
    test = at(fields, "about", "test")
    if test is None:
        return [*found, "On how many patients it was tested is not known."]
    patients = test["patients"]
    if patients is None:
        found.append("Nobody knows whose cells these are: one person's may stand in training and test.")
    elif patients < FEW:
        found.append(f"The test part holds {counted(patients, 'patient')} only: read the intervals, not the numbers.")
    return found


def _of_reach(fields: Fields) -> list[str]:
    other = at(fields, "recalibrated", "data")
    names = [*(one["name"] for one in data_sets(fields)), *([other] if other else [])]
    which = f"the data {'sets' if len(names) > 1 else 'set'} {', '.join(names)}" if names else "one data set"
    found = [
        f"It was tested on pictures of {which} alone: no other laboratory, stain, microscope or scanner was tried.",
        "Patients of other ages, origins or illnesses than those of the data may be answered wrongly.",
    ]
    if groups_words(fields) is None:
        found.append("How good it is by sex and by age is not known.")
        return found
    unknown = [fact for fact in FACTS if not at(fields, "about", "subgroups", fact)]
    found += [f"How good it is by {fact} is not known." for fact in unknown]
    few = [
        f"{fact} {one['name']}"
        for fact in FACTS
        for one in at(fields, "about", "subgroups", fact) or []
        if one["reason"]
    ]
    if few:
        found.append(f"Groups with fewer than {FEWEST_PATIENTS} test patients were not scored: {', '.join(few)}.")
    return found


def _of_answers(fields: Fields) -> list[str]:
    found = []
    if "rule" not in fields and not fields.get("calibrator"):
        found.append("Its probabilities are not calibrated: 0.9 need not come true nine times of ten.")
    if not flags_strangers(fields):
        found.append("It cannot tell pictures that it was never meant for: a photograph gets an answer, too.")
    if not fields.get("confidence") and not fields.get("band"):
        found.append(
            f"It never refers: {'a patient' if of_patients(fields) else 'a cell'} is called however unsure it is."
        )
    return found


def _told(fields: Fields) -> list[str]:
    """Return what the run was told, or noted, itself."""
    cautions = [at(fields, "about", "caution"), *(one.get("caution") for one in first_weights(fields))]
    notes = [*(at(fields, "trained_on", "warnings") or []), *(at(fields, "about", "test", "notes") or [])]
    for section in () if at(fields, "recalibrated") else ("calibration", "referral"):
        notes += at(fields, "about", section, "notes") or []
    return [said for said in (*cautions, *notes) if said]
