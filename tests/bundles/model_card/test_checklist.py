from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt

from leukoscope.bundles.model_card import checklist
from leukoscope.bundles.model_card.checklist import LISTS
from leukoscope.bundles.model_card.claim import CLAIM
from leukoscope.bundles.model_card.item import Item
from leukoscope.bundles.model_card.tripod_ai import TRIPOD_AI

PARTS = {3: "abc", 5: "ab", 6: "abc", 8: "abc", 9: "abc", 12: "abcdefg", 18: "abcdef", 20: "abc", 23: "ab", 27: "abc"}
"""The items of TRIPOD+AI that have several parts."""


def rows(text: str) -> list[list[str]]:
    """Return the rows of all tables."""
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ") and "---" not in line]


def test_the_numbers_are_those_of_the_checklists() -> None:
    assert [item.number for item in CLAIM] == [str(number) for number in range(1, 45)]
    parts = [f"{number}{part}" for number in range(1, 28) for part in PARTS.get(number, [""])]
    assert [item.number for item in TRIPOD_AI] == parts
    assert len(parts) == 52


def test_every_item_is_known_or_asked_for_and_each_title_is_its_own() -> None:
    for _, _, items in LISTS:
        assert all(item.answer or item.ask for item in items)
        assert len({item.title for item in items}) == len(items)


@pytest.mark.parametrize("kind", ["earlier", "whole", "of_patients", "of_several"])
def test_every_item_has_a_row_that_says_something(kind: str, request: pytest.FixtureRequest) -> None:
    fields = request.getfixturevalue(kind)
    found = [row for row in rows(checklist(fields)) if row[0] != "item"]
    assert [row[0] for row in found] == [item.number for _, _, items in LISTS for item in items]
    assert all(len(row) == 3 and row[2] and "None" not in row[2] for row in found if "None: one" not in row[2])


def test_an_answer_and_what_is_left_to_fill_in_stand_in_one_row(whole: dict[str, Any]) -> None:
    said = {row[0]: row[2] for row in rows(checklist(whole).partition("## TRIPOD")[0])}
    assert said["7"] == "C-NMC 2019; Gupta A. TCIA, 2019. For you to fill in: who gathered them, where and when."
    assert said["11"] == "For you to fill in: how patients' identities were removed."
    assert said["20"] == "6 \\| 40 patients, 0 shared."
    assert said["23"] == "leukoscope 0.1.0, torch 2.13.0."
    assert said["24"].endswith("data sets of blood cells that they saw: none is known; licence: MIT.")
    assert said["29"] == "95 %, patients resampled (39 linked groups of patients, 2,000 times)."
    assert said["37"] == "accuracy 0.900 (0.800 to 0.950); ROC AUC n/a (one class only)."
    assert said["27"] == "none: one model."
    groups = "groups of test patients by sex: F (25 patients), M (8 patients, too few to be scored)"
    assert said["30"].startswith(f"{groups}; their scores stand in MODEL_CARD.md.")


def test_what_a_bundle_does_not_say_is_not_known(earlier: dict[str, Any]) -> None:
    text = checklist(earlier)
    assert {row[0]: row[2] for row in rows(text.partition("## TRIPOD")[0])}["19"] == "not known"
    assert "Of 44 items: 7 answered, 10 in part, 20 for you to fill in, 7 not known." in text


def test_the_counts_are_those_of_the_states(whole: dict[str, Any]) -> None:
    item = Item("1", "x", lambda fields: fields.get("name"))
    assert (item.state(whole), item.state({})) == ("answered", "not known")
    asked = Item("1", "x", lambda fields: fields.get("name"), "it")
    assert (asked.state(whole), asked.state({})) == ("in part", "for you to fill in")
    assert asked.words({"name": "What?"}) == "What? For you to fill in: it."
    assert item.words({"name": "a"}) == "a."


def test_after_recalibration_the_model_was_updated(whole: dict[str, Any]) -> None:
    said = "Recalibrated on 12 patients of elsewhere."
    text = checklist(whole | {"recalibrated": {"statement": said, "data": "ward", "rest": {"cells": 0, "patients": 9}}})
    assert [row[2] for row in rows(text.partition("## TRIPOD")[2]) if row[0] in ("12f", "24")] == [said, said]
    assert "| 9 patients of ward, on whom nothing was fitted. For you to fill in: scores on patients of other" in text


def test_a_leak_stands_at_the_head_and_names_are_plain(earlier: dict[str, Any]) -> None:
    text = checklist(earlier | {"leakage": "x|y", "name": "<i>"})
    assert "> **LEAKAGE.** x\\|y." in text
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert "<h1>Checklist: &lt;i&gt;</h1>" in html
    assert html.count("<td>") == 3 * (44 + 52)
