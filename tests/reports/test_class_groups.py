from __future__ import annotations

from typing import Any

import pytest

from leukoscope.reports.class_groups import class_groups_section
from leukoscope.reports.words import NOTHING


def score(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "reason": None if value is not None else "nothing was called so"}


def scores(**changes: Any) -> dict[str, Any]:
    group = {
        "name": "blast",
        "title": "blasts",
        "classes": ["MYO", "MOB"],
        "absent": ["MOB"],
        "published": {"roc_auc": [0.991, 0.002]},
        "source": "A paper",
        "threshold": {"value": 0.31, "rule": "the largest balanced accuracy", "achieved": 0.9},
        "scores": {
            "cells": 1200,
            "threshold": 0.31,
            "scores": {"roc_auc": score(0.95, 0.9, 0.97), "sensitivity": score(0.8), "specificity": score(0.9)},
            "per_class": {"blast": {"support": 300, "precision": score(None)}, "other": {"support": 900}},
        },
    }
    lineages = {
        "names": ["granulocytic lineage", "smudge cell"],
        "table": [[900, 10], [5, 285]],
        "errors": 40,
        "within": 25,
        "share": score(0.625, 0.5, 0.7),
        "by_chance": 0.41,
    }
    found = {"groups": [group], "lineages": lineages} | changes
    return {
        "parts": {"test": {"classes": ["MYO", "KSC"], "titles": ["myeloblast", "smudge cell"]}},
        "class_groups": found,
    }


def test_a_group_has_its_classes_threshold_and_published_figure() -> None:
    section = class_groups_section(scores())
    assert section is not None
    (row,) = section["rows"]
    assert (row.title, row.classes) == ("blasts", "myeloblast (not here: MOB)")
    assert (row.support, row.threshold, row.published) == ("300 of 1,200", "0.310", "0.9910 ± 0.0020")
    assert [one.value for one in row.scores] == ["0.950", "0.800", "0.900", "n/a"]
    assert section["columns"] == ["ROC AUC", "Sensitivity", "Specificity", "Precision"]
    assert section["sources"] == "A paper"
    assert section["how"] == (
        "the probability of a group is the sum of those of its classes. From the threshold on, a cell is said to "
        "be of the group; the threshold was chosen on the validation part."
    )


def group(chosen: float | None, taken: float | None) -> dict[str, Any]:
    """Return the group above at another threshold: ``chosen`` on validation, ``taken`` for its scores."""
    (own,) = scores()["class_groups"]["groups"]
    rule = None if chosen is None else own["threshold"] | {"value": chosen}
    return own | {"threshold": rule, "scores": own["scores"] | {"threshold": taken}}


@pytest.mark.parametrize(
    ("cut", "words", "how"),
    [
        (
            [(None, 0.5)],
            ["0.500, not chosen"],
            "From 0.5 on, a cell is said to be of the group; no threshold was chosen.",
        ),
        (
            [(0.2, 0.2), (None, 0.5)],
            ["0.200", "0.500, not chosen"],
            "was chosen on the validation part. Where that has no cell of the group, or no other, 0.5 is taken.",
        ),
        (
            [(None, None)],
            [NOTHING],
            "A cell that was called one of its classes is said to be of the group.",
        ),
    ],
)
def test_what_was_not_chosen_on_validation_is_not_said_to_be(
    cut: list[tuple[float | None, float | None]], words: list[str], how: str
) -> None:
    section = class_groups_section(scores(groups=[group(*one) for one in cut]))
    assert section is not None
    assert [row.threshold for row in section["rows"]] == words
    assert section["how"].endswith(how)
    assert ("sum" in section["how"]) == (cut != [(None, None)])


def test_errors_within_a_lineage_stand_beside_what_chance_would_give() -> None:
    section = class_groups_section(scores())
    assert section is not None
    assert section["lineages"]["sentence"] == (
        "Of 40 errors, 25 stay within a lineage: a share of 0.625 (0.500 to 0.700). If errors fell on the other "
        "classes in proportion to how often each is called, the share would be 0.41."
    )
    assert section["lineages"]["rows"][0] == ("granulocytic lineage", [900, 10])


def test_a_single_error_and_a_share_without_interval_are_told_so() -> None:
    one = {"names": ["a", "b"], "table": [[3, 0], [0, 4]], "errors": 1, "within": 1, "by_chance": 0.4}
    alone = score(1.0) | {"reason": "it rests on a single patient"}
    section = class_groups_section(scores(lineages=one | {"share": alone}))
    assert section is not None
    assert section["lineages"]["sentence"].startswith(
        "Of 1 error, 1 stays within a lineage: a share of 1.000 (no interval: it rests on a single patient). If "
    )


def test_without_groups_there_is_no_section_and_without_errors_a_plain_sentence() -> None:
    assert class_groups_section({"parts": {}}) is None
    none = {"names": ["a", "b"], "table": [[3, 0], [0, 4]], "errors": 0, "within": 0, "share": score(None)}
    section = class_groups_section(scores(groups=[], lineages=none | {"by_chance": None}))
    assert section is not None
    assert section["rows"] == []
    assert section["how"] == ""
    assert section["lineages"]["sentence"] == "No cell was called wrong."
    of_patients = scores(groups=[], lineages=none | {"by_chance": None})
    of_patients["parts"]["test"]["unit"] = "patient"
    section = class_groups_section(of_patients)
    assert section is not None
    assert section["lineages"]["sentence"] == "No patient was called wrong."
    without = class_groups_section(scores(lineages=None))
    assert without is not None
    assert without["lineages"] is None
