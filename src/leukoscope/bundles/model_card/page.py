"""``MODEL_CARD.md``: what a bundle is for, what it learnt from, how good it is, and what its limits are."""

from __future__ import annotations

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.model_card import of_data, of_model, of_scores
from leukoscope.bundles.model_card.known import Fields, at, of_patients
from leukoscope.bundles.model_card.limits import limits
from leukoscope.bundles.model_card.markdown import bullets, page, plain, table

MADE = (
    "Made by Leukoscope from `bundle.json` in this folder. A change here changes nothing of the model; "
    "`leukoscope report BUNDLE` writes this page anew."
)
UNKNOWN_GROUPS = "Not known: the data set does not say it of the test patients."


def model_card(fields: Fields) -> str:
    """Return the model card of a bundle.

    Args:
        fields: All of its ``bundle.json``.
    """
    leak = fields.get("leakage")
    return page(
        [
            f"# Model card: {plain(fields['name'])}",
            f"**{RESEARCH_USE_ONLY}**",
            MADE,
            f"> **LEAKAGE.** {plain(leak)}. The scores below say nothing of new patients." if leak else "",
            *_purpose(fields),
            *_scores(fields),
            *_groups(fields),
            *_elsewhere(fields),
            "## Limits",
            bullets(("", limit) for limit in limits(fields)),
            *_data(fields),
            *_making(fields),
        ]
    )


def _purpose(fields: Fields) -> list[str]:
    return [
        "## What it is for",
        bullets(
            [
                ("Purpose", at(fields, "about", "purpose")),
                ("Question", of_model.question(fields)),
                ("It looks at", of_model.inputs(fields)),
                *_recalibrated(fields),
                ("It answers with", of_model.output(fields)),
                ("Operating point", of_model.operating_point(fields)),
                ("It refers to a person", of_model.referral(fields)),
                ("Pictures of another kind", of_model.strangers(fields)),
                ("Not for", "diagnosis, treatment, or any use on patients; see the limits"),
            ]
        ),
    ]


def _recalibrated(fields: Fields) -> list[tuple[str, str]]:
    said = of_model.recalibrated(fields)
    return [] if said is None else [("Recalibrated", f"{said}; the scores of the test part are those from before")]


def _elsewhere(fields: Fields) -> list[str]:
    """Return what recalibrating changed on those who were not recalibrated on."""
    rows = of_scores.elsewhere_rows(fields)
    if not rows:
        return []
    head = f"Measured on {of_scores.elsewhere(fields)}; without intervals, which the validation's own folder holds."
    return ["### Before and after recalibration", plain(head), table(["score", "before", "after"], rows)]


def _scores(fields: Fields) -> list[str]:
    leak = ": LEAKAGE" if fields.get("leakage") else ""
    rows, patients = of_scores.score_rows(fields.get("scores")), at(fields, "about", "test", "patient_scores")
    what = "patients" if of_patients(fields) else "cells"
    blocks = [
        f"## How good it is{leak}",
        bullets([("Tested on", of_scores.size(fields)), ("Intervals", of_scores.intervals(fields))]),
        table([f"score of {what}", "value", "interval"], rows) if rows else "No scores are known.",
    ]
    if patients:
        blocks.append(
            table(["score of patients, from their cells", "value", "interval"], of_scores.score_rows(patients))
        )
    classes = of_scores.class_rows(fields)
    if classes:
        blocks.append(table(["class", what, "recall (interval)", "precision (interval)"], classes))
    said = [
        ("Calibration", of_scores.calibration(fields)),
        ("Referring", of_scores.referred(fields)),
        ("Flagged as unlike the training cells", of_scores.flagged(fields)),
        ("Beside the facts alone", at(fields, "about", "verdict")),
    ]
    return [*blocks, bullets((name, value) for name, value in said if value)]


def _groups(fields: Fields) -> list[str]:
    blocks = []
    for fact in of_scores.FACTS:
        rows = of_scores.group_rows(fields, fact)
        blocks += [f"### By {fact}", table(of_scores.group_head(fields, fact), rows) if rows else UNKNOWN_GROUPS]
    return blocks


def _data(fields: Fields) -> list[str]:
    parts, facts = of_data.part_rows(fields), of_data.fact_rows(fields)
    blocks = [
        "## The data",
        bullets(
            [
                ("Data", of_data.sources(fields)),
                ("Licence of the data", of_data.licences(fields)),
                ("How pictures were taken", of_data.acquisition(fields)),
                ("Stain, microscope, camera", None),
                ("Learnt from", of_data.trained_on(fields)),
                ("Split", of_data.split_words(fields)),
                ("Left out", of_data.excluded(fields)),
                ("The audit found", of_data.audit(fields)),
            ]
        ),
    ]
    if parts:
        blocks.append(table(["part", "cells", "patients", "cells of each class", "patients of each class"], parts))
    if facts:
        blocks.append(table(["part", "sex (patients)", "age (years)"], facts))
    odd = of_data.oddities(fields)
    return [
        *blocks,
        *(["Known to be odd in the data as published:", bullets(("", said) for said in odd)] if odd else []),
    ]


def _making(fields: Fields) -> list[str]:
    weights: list[tuple[str, object]] = [
        (one["name"] or "First weights", of_model.weights_words(one)) for one in of_model.first_weights(fields)
    ]
    return [
        "## Weights and their licence",
        bullets(
            [
                *(weights or [("First weights", None)]),
                (
                    "Licence of these weights",
                    "for whoever gives them away to state; those of the first weights and of the data may bind them",
                ),
            ]
        ),
        "## How it was made",
        bullets(
            [
                ("Made by", of_model.made(fields)),
                ("Network", of_model.network(fields)),
                ("Training", of_model.training(fields)),
                ("Weights kept", of_model.selection(fields)),
                ("Views of a cell", of_model.views(fields)),
                ("Paper that it repeats", at(fields, "about", "paper") or "none is named"),
                ("Versions", of_model.versions(fields)),
            ]
        ),
    ]
