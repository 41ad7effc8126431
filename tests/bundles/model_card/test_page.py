from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.model_card import model_card

EARLIER = f"""# Model card: first

**{RESEARCH_USE_ONLY}**

Made by Leukoscope from `bundle.json` in this folder. A change here changes nothing of the model; `leukoscope report \
BUNDLE` writes this page anew.

## What it is for

- **Purpose:** not known
- **Question:** What is this cell: normal cell (hem), blast (all)?
- **It looks at:** RGB pictures of single cells, brought to 32 x 32 px (center_crop 48, resize 32)
- **It answers with:** a probability for each class, not calibrated
- **Operating point:** blast (all) is called from a probability of 0.400 on
- **It refers to a person:** no: every cell is called, however unsure the answer
- **Pictures of another kind:** not flagged: a photograph gets an answer, too
- **Not for:** diagnosis, treatment, or any use on patients; see the limits

## How good it is

- **Tested on:** not known
- **Intervals:** not known

| score of cells | value | interval |
| --- | --- | --- |
| accuracy | 0.900 | 0.800 to 0.950 |
| ROC AUC | n/a | one class only |

### By sex

Not known: the data set does not say it of the test patients.

### By age

Not known: the data set does not say it of the test patients.

## Limits

- On how many patients it was tested is not known.
- It was tested on pictures of the data set drawn alone: no other laboratory, stain, microscope or scanner was tried.
- Patients of other ages, origins or illnesses than those of the data may be answered wrongly.
- How good it is by sex and by age is not known.
- Its probabilities are not calibrated: 0.9 need not come true nine times of ten.
- It cannot tell pictures that it was never meant for: a photograph gets an answer, too.
- It never refers: a cell is called however unsure it is.

## The data

- **Data:** drawn
- **Licence of the data:** not known
- **How pictures were taken:** not known
- **Stain, microscope, camera:** not known
- **Learnt from:** 120 cells of 6 patients: blast (all) 50, normal cell (hem) 70
- **Split:** not known
- **Left out:** not known
- **The audit found:** not known

## Weights and their licence

- **First weights:** random numbers: nothing was learnt before, and no licence binds them
- **Licence of these weights:** for whoever gives them away to state; those of the first weights and of the data may \
bind them

## How it was made

- **Made by:** not known
- **Network:** resnet18 up to layer3, head linear
- **Training:** not known
- **Weights kept:** not known
- **Views of a cell:** one: the picture as it is
- **Paper that it repeats:** none is named
- **Versions:** leukoscope 0.1.0, torch 2.13.0
"""

WHOLE = """## How good it is

- **Tested on:** 400 cells of 40 patients
- **Intervals:** 95 %, patients resampled (39 linked groups of patients, 2,000 times)

| score of cells | value | interval |
| --- | --- | --- |
| accuracy | 0.900 | 0.800 to 0.950 |
| ROC AUC | n/a | one class only |

| score of patients, from their cells | value | interval |
| --- | --- | --- |
| accuracy | 0.925 | 0.800 to 0.970 |

| class | cells | recall (interval) | precision (interval) |
| --- | --- | --- | --- |
| normal cell (hem) | 300 | 0.700 (0.600 to 0.800) | 0.750 (0.700 to 0.800) |

- **Calibration:** calibration error (ECE) 0.080 before, 0.030 after calibrating (platt)
- **Referring:** share of cells referred: 0.200 (0.100 to 0.300); accuracy of the rest: 0.960 (0.900 to 0.990) \
(0.95 wanted)
- **Flagged as unlike the training cells:** share of test cells: 0.010 (0.000 to 0.030)

### By sex

| sex | patients | cells | sensitivity | specificity | ROC AUC |
| --- | --- | --- | --- | --- | --- |
| F | 25 | 200 | 0.900 (0.800 to 0.950) | 0.900 (0.800 to 0.950) | 0.900 (0.800 to 0.950) |
| M | 8 | 200 | too few patients (8; 10 or more are needed) |  |  |

### By age

Not known: the data set does not say it of the test patients.

## Limits

- It was tested on pictures of the data set cnmc alone: no other laboratory, stain, microscope or scanner was tried.
- Patients of other ages, origins or illnesses than those of the data may be answered wrongly.
- How good it is by age is not known.
- Groups with fewer than 10 test patients were not scored: sex M.
- It never refers: a cell is called however unsure it is.
- A note.

## The data

- **Data:** C-NMC 2019; Gupta A. TCIA, 2019
- **Licence of the data:** cnmc: CC BY 3.0
- **How pictures were taken:** cnmc: cells cut out on black
- **Stain, microscope, camera:** not known
- **Learnt from:** 120 cells of 6 patients: blast (all) 50, normal cell (hem) 70
- **Split:** leave one out, by patient, seed 3; 6 \\| 40 patients, 0 shared
- **Left out:** 2 pictures left out: unreadable, contradictory or set apart
- **The audit found:** error: Identical pictures (7)

| part | cells | patients | cells of each class | patients of each class |
| --- | --- | --- | --- | --- |
| train | 120 | 6 | hem 70, all 50 | hem 3, all 3 |
| test | 120 | 6 | hem 70, all 50 | hem 3, all 3 |

| part | sex (patients) | age (years) |
| --- | --- | --- |
| train | F 2, M 4 | known of 6 of 6: too few to sum up |
| test | not known | median 34, middle half 12 to 61; known of 40 of 41 |

Known to be odd in the data as published:

- The text says 154 in one place and 118 in another.

## Weights and their licence

- **First weights:** net.bin; trained on: ImageNet-1k; data sets of blood cells that they saw: none is known; \
licence: MIT
- **Licence of these weights:** for whoever gives them away to state; those of the first weights and of the data may \
bind them

## How it was made

- **Made by:** recipe quick, begun on 2026-11-21 (UTC), seed 3
- **Network:** resnet18 up to layer3, head linear
- **Training:** stage 1: epochs 5, rates head 0.001; balance: loss_weights balanced
- **Weights kept:** epoch 4, the best on validation by weighted f1; the test part was not used
- **Views of a cell:** one: the picture as it is
- **Paper that it repeats:** none is named
- **Versions:** leukoscope 0.1.0, torch 2.13.0
"""


def test_an_earlier_bundle_s_card_says_what_is_not_known(earlier: dict[str, Any]) -> None:
    assert model_card(earlier) == EARLIER


def test_a_card_says_all_that_the_run_knew(whole: dict[str, Any]) -> None:
    text = model_card(whole)
    assert text.partition("## How good it is")[2] == WHOLE.partition("## How good it is")[2]
    assert "- **Purpose:** A first score." in text
    assert "- **It answers with:** a probability for each class, calibrated (platt) on validation" in text
    assert "from a probability of 0.400 on (largest balanced accuracy, on validation)" in text
    assert "- **Pictures of another kind:** cells that are further from the training cells than" in text


def test_a_leak_stands_at_the_head_and_on_the_scores(earlier: dict[str, Any]) -> None:
    text = model_card(earlier | {"leakage": "to <see>"})
    assert "> **LEAKAGE.** to &lt;see&gt;. The scores below say nothing of new patients." in text
    assert "## How good it is: LEAKAGE\n" in text
    assert text.partition("## Limits\n\n")[2].startswith("- LEAKAGE: to &lt;see&gt;. The scores say nothing")


def test_a_threshold_that_was_given_was_not_chosen_on_validation(whole: dict[str, Any]) -> None:
    whole["about"]["threshold"]["rule"] = "given by the recipe"
    assert "from a probability of 0.400 on (given by the recipe)\n" in model_card(whole)


def test_where_nothing_was_left_out_it_says_so(whole: dict[str, Any]) -> None:
    whole["about"] |= {"excluded": 0, "audit": []}
    text = model_card(whole)
    assert "- **Left out:** no picture was left out\n" in text
    assert "- **The audit found:** nothing that can spoil or flatter a score\n" in text


def test_patients_are_told_with_their_facts_and_band(of_patients: dict[str, Any]) -> None:
    text = model_card(of_patients)
    assert "- **Question:** What does this patient have: normal cell (hem), blast (all)?" in text
    assert "all pictures of a patient's cells at hand: RGB pictures of single cells" in text
    assert "; facts: age, sex\n" in text
    assert "hold the true class of 90 % of patients" in text
    assert "from cells to a patient: top_k k 10 over cells" in text
    assert "| score of patients | value | interval |" in text
    assert "It never refers" not in text


def test_several_models_are_told_one_by_one(of_several: dict[str, Any]) -> None:
    text = model_card(of_several)
    assert "2 models whose answers the rule average combines: small: resnet18 up to layer3, head linear; large:" in text
    assert "- **small:** net.bin; trained on: not known; data sets of blood cells that they saw: none is known;" in text
    assert "- **Made by:** recipe both, begun on 2026-11-21 (UTC), seed 0" in text


def test_whether_any_of_several_models_flags_strangers_is_told(of_several: dict[str, Any]) -> None:
    photograph = "It cannot tell pictures that it was never meant for: a photograph gets an answer, too."
    assert photograph not in model_card(of_several)  # as earlier versions saved it: nobody knows
    for member in of_several["about"]["members"]:
        member["flags"] = False
    none = model_card(of_several)
    assert "- **Pictures of another kind:** not flagged: a photograph gets an answer, too\n" in none
    assert photograph in none
    of_several["about"]["members"][1]["flags"] = True
    one = model_card(of_several)
    assert "- **Pictures of another kind:** flagged where most members that can tell say so; each member's own" in one
    assert photograph not in one


def test_who_recalibrated_it_is_told(whole: dict[str, Any]) -> None:
    whole["about"]["calibration"]["notes"] = ["Fitted on few cells."]
    assert "Fitted on few cells." in model_card(whole)
    rest = {
        "data": "ward",
        "rest": {"cells": 80, "patients": 9},
        "scores_of_rest": {"ece": {"before": 0.2, "after": None}},
    }
    text = model_card(whole | {"recalibrated": {"statement": "recalibrated on 12 patients", **rest}})
    before = "the scores of the test part are those from before"
    assert f"- **Recalibrated:** recalibrated on 12 patients; {before}\n" in text
    assert "Measured on 80 cells of 9 patients of ward, on whom nothing was fitted; without intervals" in text
    assert "| score | before | after |\n| --- | --- | --- |\n| ECE | 0.200 | n/a |\n" in text
    assert "pictures of the data sets cnmc, ward alone" in text
    assert "calibrated (platt) on other data, see above" in text
    assert "(largest balanced accuracy, on validation)" not in text
    assert "- **Calibration:** before recalibration: calibration error (ECE) 0.080 before, 0.030 after" in text
    assert "Fitted on few cells." not in text


@pytest.mark.parametrize("name", ["a|b\n# c", "<b>x</b>", "[x](y)"])
def test_names_do_not_break_the_page(whole: dict[str, Any], name: str) -> None:
    whole["classes"] = {"names": ["hem", "all"], "titles": [name, name], "positive": "all"}
    whole["about"]["subgroups"]["sex"][0]["name"] = name
    html = MarkdownIt("commonmark").enable("table").render(model_card(whole | {"name": name}))
    plain = MarkdownIt("commonmark").enable("table").render(model_card(whole | {"name": "x"}))
    assert html.count("<h1>") == 1
    assert html.count("<td>") == plain.count("<td>")
    assert "<b>" not in html.replace("<strong>", "")
    assert "<a " not in html
