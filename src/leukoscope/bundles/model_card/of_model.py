"""What the model is, in words: what it answers, what it sees, how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leukoscope.bundles.model_card.known import Fields, at, joined, of_patients, settings_words, title_of
from leukoscope.errors import counted
from leukoscope.evaluation.confidence import Confidence

ELSEWHERE = "each member's own card says it (members/NAME/MODEL_CARD.md)"
GIVEN = "given"
"""What the rule of a threshold begins with that was not chosen but named."""


def question(fields: Fields) -> str:
    """Return what it is asked."""
    classes = ", ".join(title_of(fields, name) for name in fields["classes"]["names"])
    asked = "What does this patient have" if of_patients(fields) else "What is this cell"
    return f"{asked}: {classes}?"


def positive(fields: Fields) -> str | None:
    """Return the class that is looked for; None where none is."""
    name = at(fields, "classes", "positive")
    return None if name is None else title_of(fields, name)


def inputs(fields: Fields) -> str:
    """Return what it looks at."""
    if "rule" in fields:
        return f"RGB pictures of single cells; how they are cut and resized, {ELSEWHERE}"
    size = fields["input"]
    steps = settings_words(fields["framing"])
    said = f"RGB pictures of single cells, brought to {size['height']} x {size['width']} px ({steps})"
    if not of_patients(fields):
        return said
    asked = at(fields, "facts", "inputs") if at(fields, "facts", "fusion") not in (None, "none") else None
    facts = f"; facts: {', '.join(asked)}" if asked else "; no facts of the patient"
    return f"all pictures of a patient's cells at hand: {said}{facts}"


def network(fields: Fields) -> str:
    """Return what computes the answer."""
    if "rule" in fields:
        names = [f"{one['name']}: {_network(one.get('model') or {})}" for one in at(fields, "about", "members") or []]
        which = "; ".join(names) or ", ".join(member["name"] for member in fields["members"])
        return f"{counted(len(fields['members']), 'model')} whose answers the rule {fields['rule']} combines: {which}"
    said = _network(fields["model"])
    aggregator = at(fields, "bag", "aggregator")
    if not of_patients(fields) or aggregator is None:
        return said
    return f"{said}; from cells to a patient: {settings_words(aggregator)} over {fields['bag']['instances']}"


def _network(model: Mapping[str, Any]) -> str:
    if not model:
        return "not known"
    branches = model.get("branches") or {}
    name = " + ".join(str(one["backbone"]) for one in branches.values()) if branches else str(model["backbone"])
    cut = f" up to {model['cut']}" if model.get("cut") else ""
    return f"{name}{cut}, head {model.get('head', 'linear')}"


def output(fields: Fields) -> str:
    """Return what it answers with."""
    calibrator = fields.get("calibrator")
    where = "on other data, see above" if recalibrated(fields) else "on validation"
    kind = f"calibrated ({calibrator['kind']}) {where}" if calibrator else "not calibrated"
    if "rule" in fields:
        kind = "as the rule makes them of its members'"
    return f"a probability for each class, {kind}"


def operating_point(fields: Fields) -> str:
    """Return when a class is called."""
    if fields.get("threshold") is None:
        return "the class of the largest probability is called"
    rule = at(fields, "about", "threshold", "rule")
    where = "" if str(rule).startswith(GIVEN) else ", on validation"
    chosen = f" ({rule}{where})" if rule and not recalibrated(fields) else ""
    return f"{positive(fields)} is called from a probability of {fields['threshold']:.3f} on{chosen}"


def recalibrated(fields: Fields) -> str | None:
    """Return on whom calibration, threshold and referral were fitted anew; None where they are those of the run."""
    said: str | None = at(fields, "recalibrated", "statement")
    return said


def referral(fields: Fields) -> str:
    """Return when it refers to a person instead of calling."""
    if fields.get("confidence"):
        return str(Confidence.from_json(fields["confidence"]))
    band = fields.get("band")
    if band:
        return (
            "a patient is referred where more than one class, or none, remains in a conformal band, which promises to "
            f"hold the true class of {100 * band['coverage']:g} % of patients"
        )
    return f"no: every {'patient' if of_patients(fields) else 'cell'} is called, however unsure the answer"


def strangers(fields: Fields) -> str:
    """Return whether it tells pictures that it was never meant for."""
    if not flags_strangers(fields):
        return "not flagged: a photograph gets an answer, too"
    if "rule" in fields:
        return f"flagged where most members that can tell say so; {ELSEWHERE}"
    return "cells that are further from the training cells than nearly all validation cells are flagged"


def flags_strangers(fields: Fields) -> bool:
    """Return whether it tells pictures that it was never meant for; of several models whether any member may."""
    if "rule" in fields:  # cards of earlier versions do not say it of their members
        return any(one.get("flags", True) for one in at(fields, "about", "members") or [])
    return bool(fields.get("out_of_distribution"))


def views(fields: Fields) -> str | None:
    """Return how many views of a cell are averaged."""
    asked = fields.get("test_time")
    if asked is None:
        return ELSEWHERE if "rule" in fields else None
    changed = {name: asked.get(name) for name in ("rotations", "flips", "crops")}
    usual = {"rotations": 1, "flips": "none", "crops": "none"}
    told = {name: value for name, value in changed.items() if value not in (None, usual[name])}
    return f"averaged: {settings_words(told)}" if told else "one: the picture as it is"


def first_weights(fields: Fields) -> list[dict[str, Any]]:
    """Return the weights that each network's training began with, by ``name`` (empty where there is one network)."""
    if "rule" not in fields:
        return [{"name": "", **(fields.get("weights") or {})}]
    return [{"name": one["name"], **(one.get("weights") or {})} for one in at(fields, "about", "members") or []]


def weights_words(one: Mapping[str, Any]) -> str:
    """Return where weights came from, what they saw, and their licence.

    Args:
        one: Of ``first_weights``.
    """
    source = one.get("source")
    if source is None:
        return "not known"
    if source == "random":
        return "random numbers: nothing was learnt before, and no licence binds them"
    saw = ", ".join(one.get("sets") or []) or "none is known"
    return (
        f"{source}; trained on: {one.get('trained_on') or 'not known'}; data sets of blood cells that they saw: {saw}; "
        f"licence: {one.get('licence') or 'not known'}"
    )


def all_weights(fields: Fields) -> str | None:
    """Return the words of all first weights in one line."""
    found = [joined([one["name"], weights_words(one)], ": ") for one in first_weights(fields)]
    return joined(found)


def training(fields: Fields) -> str | None:
    """Return how it was trained; None where that is not known."""
    known = at(fields, "about", "training")
    if known is None:
        return ELSEWHERE if "rule" in fields else None
    stages = [f"stage {place}: {settings_words(one)}" for place, one in enumerate(known.get("stages") or [], start=1)]
    blocks = [
        f"{name}: {settings_words(known[name])}" for name in ("augmentation", "balance", "loss") if known.get(name)
    ]
    return joined([*stages, *blocks])


def selection(fields: Fields) -> str | None:
    """Return how the final weights were chosen; None where that is not known."""
    best = at(fields, "about", "best_epoch")
    if best is None:
        return ELSEWHERE if "rule" in fields else None
    if best["epoch"] is None:
        return "fitted at once, not in epochs"
    metric = best["metric"].replace("_", " ")
    return f"epoch {best['epoch']}, the best on validation by {metric}; the test part was not used"


def ensembling(fields: Fields) -> str:
    """Return whether several models decide together."""
    return network(fields) if "rule" in fields else "none: one model"


def versions(fields: Fields) -> str:
    """Return the libraries that its answers depend on."""
    return ", ".join(f"{name} {number}" for name, number in fields["versions"].items())


def made(fields: Fields) -> str | None:
    """Return by which recipe, when and from which seed it was made."""
    recipe, date, seed = (at(fields, "about", name) for name in ("recipe", "date", "seed"))
    named, drawn = recipe and f"recipe {recipe}", None if seed is None else f"seed {seed}"
    return joined([named, date and f"begun on {date} (UTC)", drawn], ", ")
