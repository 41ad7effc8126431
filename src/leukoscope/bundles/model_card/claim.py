"""CLAIM, its update of 2024: the 44 items, in our words, and what a bundle answers.

Tejani AS, Klontzas ME, Gatti AA, et al. Checklist for Artificial Intelligence in Medical Imaging (CLAIM): 2024 update.
Radiology: Artificial Intelligence 6(4):e240300, 2024. doi:10.1148/ryai.240300.
"""

from __future__ import annotations

from leukoscope.bundles.model_card import of_data, of_model, of_scores
from leukoscope.bundles.model_card.answers import (
    code,
    demographics,
    goal,
    included,
    internal,
    left_out,
    limits_words,
    metrics,
    purpose,
    recipe,
    role,
    subgroups,
    whole_model,
)
from leukoscope.bundles.model_card.item import Item, always

MAPS = "heat maps can be made with leukoscope explain; they say where a network looks, not why"
FAILURES = "the run's report shows the most confidently wrong cells; leukoscope errors compares models on them"

CLAIM = (
    Item("1", "A title that names AI and its kind", of_model.network, "a title that says so"),
    Item("2", "A summary of design, methods, results, conclusions", ask="the abstract"),
    Item("3", "The background, and the part that AI is to play", purpose, "what is known so far, and the intended use"),
    Item("4", "Aims and hypotheses", of_model.question, "the study's aims and hypotheses"),
    Item("5", "Looking forward or back", ask="whether cells were gathered before or for the study"),
    Item("6", "The study's goal", goal),
    Item("7", "Where the data come from", of_data.sources, "who gathered them, where and when"),
    Item("8", "Whom and what was taken in, and left out", left_out, "by what patients and samples were chosen"),
    Item("9", "What is done to pictures beforehand", of_model.inputs),
    Item("10", "Which part of the data was taken", of_data.excluded, "why, where only a part was used"),
    Item("11", "How persons were made unrecognisable", ask="how patients' identities were removed"),
    Item("12", "What was done about missing data", left_out, "missing facts of patients, and why"),
    Item(
        "13", "How pictures were taken", of_data.acquisition, "slides, stain, microscope, objective, camera or scanner"
    ),
    Item("14", "How the truth was found", ask="by what method each cell or patient got its class"),
    Item("15", "Why this truth was chosen", ask="why this method, and what it misses"),
    Item("16", "Who labelled", ask="how many experts labelled, and their experience"),
    Item("17", "How the test part was labelled", ask="whether it was labelled as the training part, and blind to it"),
    Item("18", "How far those who labelled agree", ask="agreement within and between experts"),
    Item("19", "How cells were dealt to the parts", of_data.split_words),
    Item("20", "On what level the parts are disjoint", of_data.level),
    Item("21", "The intended size of the test", of_scores.size, "how this size was decided on"),
    Item("22", "The model in detail", whole_model),
    Item("23", "Software and its versions", of_model.versions),
    Item("24", "What the weights began with", of_model.all_weights),
    Item("25", "How it was trained", of_model.training),
    Item("26", "How the final model was chosen", of_model.selection),
    Item("27", "Several models together", of_model.ensembling),
    Item("28", "The measures of performance", metrics, "why these"),
    Item("29", "How uncertainty was measured", of_scores.intervals),
    Item("30", "Robustness", subgroups, "other stains, scanners and laboratories"),
    Item("31", "Explaining single answers", always(MAPS), "whether maps were checked by an expert"),
    Item("32", "Tested on data of the same origin", internal),
    Item("33", "Tested on data of another origin", of_scores.elsewhere, "scores on patients of other laboratories"),
    Item("34", "Registration as a clinical trial", ask="the register and number, or that there is none"),
    Item("35", "How many were taken in and left out", included, "a diagram of the flow of patients"),
    Item("36", "The patients of each part", demographics, "further clinical characteristics"),
    Item("37", "Performance, with its uncertainty", of_scores.headline),
    Item("38", "Diagnostic performance, with its precision", of_scores.classes_words),
    Item("39", "Where it fails", always(FAILURES), "what the failures have in common"),
    Item("40", "Limitations", limits_words, "those that only you know"),
    Item("41", "What it means for practice", role, "the intended use and its place in the laboratory"),
    Item("42", "The full protocol, or technical details", recipe, "where the protocol can be read"),
    Item("43", "Whether software, model and data can be had", code, "where they can be had, and under which licence"),
    Item("44", "Funding, and the funders' part", ask="sources of funding, and the funders' role"),
)
