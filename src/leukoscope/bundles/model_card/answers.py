"""Answers that items of both checklists share, made of what the model card says."""

from __future__ import annotations

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.model_card import of_data, of_model, of_scores
from leukoscope.bundles.model_card.known import Fields, at, joined, settings_words
from leukoscope.bundles.model_card.limits import limits
from leukoscope.errors import counted
from leukoscope.evaluation.names import score_title


def purpose(fields: Fields) -> str | None:
    """Return what its recipe is for."""
    said: str | None = at(fields, "about", "purpose")
    return said


def role(_: Fields) -> str:
    """Return what it may be used for."""
    return RESEARCH_USE_ONLY


def goal(fields: Fields) -> str:
    """Return what was done."""
    leak = ", which the training part leaks into" if fields.get("leakage") else ""
    return f"a model was made, and scored on a held-out test part{leak}"


def sizes(fields: Fields) -> str | None:
    """Return how much it learnt from, and was tested on."""
    learnt, tested = of_data.trained_on(fields), of_scores.size(fields)
    return joined([learnt and f"learnt from {learnt}", tested and f"tested on {tested}"])


def internal(fields: Fields) -> str | None:
    """Return how much of the same data it was tested on."""
    return joined([of_scores.size(fields), of_data.level(fields)])


def included(fields: Fields) -> str | None:
    """Return what each part holds, and what was left out."""
    return joined([of_data.parts_words(fields), of_data.excluded(fields)])


def left_out(fields: Fields) -> str | None:
    """Return what is done with pictures that cannot be used."""
    known = of_data.excluded(fields)
    return known and f"{known}; cells and patients without a class are in no part"


def preparation(fields: Fields) -> str | None:
    """Return how pictures are prepared, and what their audit found."""
    found = of_data.audit(fields)
    return joined([of_model.inputs(fields), found and f"the audit of the data: {found}"])


def predictors(fields: Fields) -> str:
    """Return what it may go by."""
    return f"{of_model.inputs(fields)}; what counts in a picture was learnt, not chosen"


def whole_model(fields: Fields) -> str:
    """Return the model, from the picture to the answer."""
    return f"{of_model.network(fields)}; sees {of_model.inputs(fields)}; gives {of_model.output(fields)}"


def given_away(_: Fields) -> str:
    """Return where the full model is."""
    return "this bundle is the full model: weights, each step from picture to answer, and a self-test"


def code(fields: Fields) -> str:
    """Return the code and the model."""
    licences = of_data.licences(fields)
    version = fields["versions"].get("leukoscope", "of unknown version")
    data = f"; licence of the data: {licences}" if licences else ""
    return f"the model is this bundle; the code is Leukoscope {version}{data}"


def recipe(fields: Fields) -> str | None:
    """Return how it was made, in one line."""
    return joined([of_model.made(fields), of_model.network(fields), of_model.training(fields)])


def metrics(fields: Fields) -> str | None:
    """Return the scores by name."""
    return joined((score_title(name) for name in fields.get("scores") or {}), ", ")


def output(fields: Fields) -> str:
    """Return what it puts out, when a class is called, and when nobody is."""
    return f"{of_model.output(fields)}; {of_model.operating_point(fields)}; refers: {of_model.referral(fields)}"


def imbalance(fields: Fields) -> str | None:
    """Return what was done about classes of unequal size."""
    known = at(fields, "about", "training")
    if known is None:
        return None
    balanced = known.get("balance")
    return f"balance: {settings_words(balanced)}" if balanced else "nothing was done about it"


def updating(fields: Fields) -> str | None:
    """Return whether anything was fitted once the test part had been scored."""
    if of_model.recalibrated(fields) is not None:
        return of_model.recalibrated(fields)
    if at(fields, "about", "test") is None:
        return None
    return "no: what was fitted of threshold, calibration and referral was fitted on validation, before testing"


def demographics(fields: Fields) -> str | None:
    """Return sex and age of the patients of each part."""
    return of_data.facts_words(fields)


def subgroups(fields: Fields) -> str | None:
    """Return the groups of patients that were scored apart."""
    known = of_scores.groups_words(fields)
    return known and f"groups of test patients {known}; their scores stand in MODEL_CARD.md"


def performance(fields: Fields) -> str | None:
    """Return all scores, and which groups of patients were scored apart."""
    return joined([of_scores.headline(fields), subgroups(fields)])


def input_quality(fields: Fields) -> str:
    """Return what is done with pictures that are damaged or of another kind."""
    return (
        "pictures that cannot be read are listed and get no answer; pictures of another kind: "
        f"{of_model.strangers(fields)}; unsure cases: {of_model.referral(fields)}"
    )


def limits_words(fields: Fields) -> str:
    """Return how many limits the bundle knows of, and the gravest."""
    known = limits(fields)
    return f"{counted(len(known), 'limit')} in MODEL_CARD.md; the first: {known[0]}"
