"""TRIPOD+AI: the 27 items with their 52 parts, in our words, and what a bundle answers.

Collins GS, Moons KGM, Dhiman P, et al. TRIPOD+AI statement: updated guidance for reporting clinical prediction models
that use regression or machine learning methods. BMJ 385:e078378, 2024. doi:10.1136/bmj-2023-078378.
"""

from __future__ import annotations

from leukoscope.bundles.model_card import of_data, of_model
from leukoscope.bundles.model_card.answers import (
    code,
    demographics,
    given_away,
    imbalance,
    included,
    input_quality,
    left_out,
    limits_words,
    metrics,
    output,
    performance,
    predictors,
    preparation,
    purpose,
    recipe,
    role,
    sizes,
    subgroups,
    updating,
)
from leukoscope.bundles.model_card.item import Item, always

USE = "whoever uses it picks the pictures, reads what was flagged or referred, and decides"
PREDICT = "leukoscope predict, or the bundle opened in Python; bundle.json states each step"

TRIPOD_AI = (
    Item("1", "A title that names model, patients and outcome", of_model.question, "a title that says so"),
    Item("2", "An abstract by its own checklist", ask="the abstract, by TRIPOD+AI for abstracts"),
    Item("3a", "The medical context, and why a model", purpose, "the context, and models that are there already"),
    Item("3b", "For whom, where in care, used by whom", role, "the patients aimed at and the intended users"),
    Item("3c", "Known inequalities between groups", ask="known inequalities in health between groups of people"),
    Item("4", "Objectives: made, tested, or both", always("a model was made and tested"), "the study's objectives"),
    Item("5a", "Where the data come from", of_data.sources, "why these data, and whom they represent"),
    Item("5b", "From when the data are", ask="the dates between which patients were taken in"),
    Item("6a", "The setting", ask="the kind of care, and number and place of centres"),
    Item("6b", "Who could take part", ask="by what patients were taken in or left out"),
    Item("6c", "Treatments", ask="whether patients were treated before the sample was taken"),
    Item("7", "Preparing and checking the data", preparation, "whether this was alike for all groups of people"),
    Item("8a", "The outcome", of_model.question, "how and when the class was found, and why this outcome"),
    Item("8b", "Who judged the outcome", ask="who judged it, and their qualification"),
    Item("8c", "Whether the outcome was judged blind", ask="what was done so that it was"),
    Item("9a", "How predictors were chosen", predictors, "why these"),
    Item("9b", "What the predictors are", of_model.inputs, "how and when they were measured"),
    Item("9c", "Who judged the predictors", ask="who took the pictures and picked the cells"),
    Item("10", "The size of the study", sizes, "why this is enough"),
    Item("11", "Missing data", left_out, "missing facts of patients, and why"),
    Item("12a", "What the data were used for", of_data.split_words),
    Item("12b", "How predictors were handled", of_model.inputs),
    Item("12c", "The kind of model, and how it was built", recipe, "why this kind, and what else was tried"),
    Item("12d", "Differences between centres", ask="whether centres differ, and how this was dealt with"),
    Item("12e", "The measures of performance", metrics, "why these"),
    Item("12f", "Whether the model was updated after testing", updating),
    Item("12g", "How predictions were computed", always(PREDICT)),
    Item("13", "Classes of unequal size", imbalance),
    Item("14", "Fairness", subgroups, "what was done so that no group is served worse"),
    Item("15", "What the model puts out, and its thresholds", output),
    Item("16", "How training and test differ", of_data.level, "differences of setting, patients, outcome"),
    Item("17", "Approval by an ethics committee", ask="the committee, and the patients' consent"),
    Item("18a", "Funding", ask="sources of funding, and the funders' role"),
    Item("18b", "Conflicts of interest", ask="those of all authors"),
    Item("18c", "The protocol", ask="where it can be read, or that there is none"),
    Item("18d", "Registration", ask="the register and number, or that there is none"),
    Item("18e", "Whether the data can be had", of_data.licences, "where they can be had"),
    Item("18f", "Whether the code can be had", code, "where they can be had"),
    Item("19", "Patients' and the public's part", ask="their part in the study, or that they had none"),
    Item("20a", "The flow of participants", included, "a diagram of it"),
    Item("20b", "The participants", demographics, "dates, treatments and further characteristics"),
    Item("20c", "Test patients beside those of training", demographics),
    Item("21", "Numbers in each analysis", of_data.outcomes),
    Item("22", "The full model", given_away, "where it can be had, and on what terms"),
    Item("23a", "Performance, with intervals, and of groups", performance),
    Item("23b", "How performance differs between centres", ask="differences between centres, where looked at"),
    Item("24", "Results of updating", updating),
    Item("25", "What the results mean", ask="an interpretation, fairness included"),
    Item("26", "Limitations", limits_words, "those that only you know"),
    Item("27a", "Poor or missing input", input_quality),
    Item("27b", "What users must do and know", always(USE), "the expertise that this takes"),
    Item("27c", "What should be done next", ask="next steps; patients of another laboratory first"),
)
