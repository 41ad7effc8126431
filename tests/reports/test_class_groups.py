from __future__ import annotations

from typing import Any

from leukoscope.reports.class_groups import class_groups_section


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


def test_errors_within_a_lineage_stand_beside_what_chance_would_give() -> None:
    section = class_groups_section(scores())
    assert section is not None
    assert section["lineages"]["sentence"] == (
        "Of 40 errors, 25 stay within a lineage: a share of 0.625 (0.500 to 0.700). Errors that fell on other classes "
        "as often as these are called would give 0.410."
    )
    assert section["lineages"]["rows"][0] == ("granulocytic lineage", [900, 10])


def test_without_groups_there_is_no_section_and_without_errors_a_plain_sentence() -> None:
    assert class_groups_section({"parts": {}}) is None
    none = {"names": ["a", "b"], "table": [[3, 0], [0, 4]], "errors": 0, "within": 0, "share": score(None)}
    section = class_groups_section(scores(groups=[], lineages=none | {"by_chance": None}))
    assert section is not None
    assert section["rows"] == []
    assert section["lineages"]["sentence"] == "No cell was called wrong."
    without = class_groups_section(scores(lineages=None))
    assert without is not None
    assert without["lineages"] is None
