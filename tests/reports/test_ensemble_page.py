"""The page of an ensemble, from tables that were written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.files import read_json, write_json, write_table
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.ensemble_page import write_ensemble_page
from leukoscope.reports.ensemble_tables import ensemble_section, read_members_table
from leukoscope.reports.words import NOTHING

SCORES = ("weighted_f1", "roc_auc", "sensitivity", "specificity", "precision_hem", "recall_hem", "precision_all",
          "recall_all", "f1_hem", "f1_all", "patient_roc_auc")  # fmt: skip


def row(name: str, kind: str, value: float) -> dict[str, Any]:
    """Return a row of ``members.csv``."""
    found: dict[str, Any] = {"name": name, "kind": kind, "folder": None, "threshold": 0.5}
    for part, shift in (("validation", 0.05), ("test", 0.0)):
        found |= {f"{part}_cells": 400, f"{part}_patients": 20, f"{part}_support_hem": 260, f"{part}_support_all": 140}
        for score in SCORES:
            known = None if score == "patient_roc_auc" else value + shift
            found |= {f"{part}_{score}": known, f"{part}_{score}_low": known and known - 0.02}
            found[f"{part}_{score}_high"] = known and known + 0.02
    return found


def rule(title: str, fitted: dict[str, Any], *, learns: bool = True, kept: str | None = "patient") -> dict[str, Any]:
    """Return a rule's entry of ``ensemble.json``."""
    apart = {"folds": 5 if kept else 0, "kept_together": kept, "note": None, "weighted_f1": 0.875}
    threshold = {"value": 0.25, "rule": "the largest balanced accuracy", "achieved": 0.9}
    about = f"What {title} <does>."
    return {"title": title, "about": about, "learns": learns, "threshold": threshold, "fitted": fitted,
            "in_sample": 0.925, "out_of_fold": apart}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> EnsembleFolder:
    place = EnsembleFolder(tmp_path)
    course = {"best": [[0.8, 0.85, 0.925], [0.8, 0.8, 0.81]], "mean": [[0.7, 0.8, 0.9], [0.6, 0.7, 0.8]]}
    genetic = {"weights": {"007": 0.125, "<b>net": 0.875}, "course": course, "restart": 0, "fitness": 0.925,
               "fitness_of_equal_weights": 0.8}  # fmt: skip
    regression = {"names": ["007", "<b>net"], "coefficients": [[1.5, -0.25]], "intercepts": [0.125], "strength": 0.3}
    rules = {
        "average": rule("average", {"weights": {"007": 0.5, "<b>net": 0.5}}, learns=False, kept=None),
        "genetic": rule("genetic weights", genetic),
        "stacked": rule("stacked regression", {"regression": regression}, kept=None),
    }
    sizes = {"cells": 400, "patients": 20, "groups": 19}
    record = {
        "format": 1, "status": "finished", "name": "both", "started": "2026-11-21T10:00:00+00:00", "command": "typed",
        "versions": {"leukoscope": "0.1.0"}, "seed": 3, "leakage": None, "unit": "cell",
        "classes": {"names": ["hem", "all"], "titles": ["normal", "blast"], "positive": "all"},
        "members": [{"name": "007", "folder": "/runs/007"}, {"name": "<b>net", "folder": None}], "rules": rules,
        "parts": {"validation": sizes, "test": sizes}, "best_on_validation": "genetic", "notes": ["Too <few>."],
    }  # fmt: skip
    write_json(place.record, record)
    rows = [row("007", "member", 0.9), row("<b>net", "member", 0.8), *(row(name, "rule", 0.91) for name in rules)]
    write_table(place.table, pl.DataFrame(rows, infer_schema_length=None))
    return place


def test_the_table_comes_back_as_it_was_written(place: EnsembleFolder) -> None:
    table = read_members_table(place.table)
    assert table["name"].to_list() == ["007", "<b>net", "average", "genetic", "stacked"]
    assert (table.schema["test_cells"], table.schema["test_weighted_f1"]) == (pl.Int64(), pl.Float64())
    assert table["test_weighted_f1"][0] == 0.9


def test_everything_in_the_tables_stands_on_the_page_escaped(place: EnsembleFolder) -> None:
    page = write_ensemble_page(place.path).read_text(encoding="utf-8")
    for said in (
        "2 models, one answer", "400 cells of 20 patients (19 linked groups)",
        '<span class="range">0.900</span> <span class="range">(0.880 to 0.920)</span>', "&lt;b&gt;net",
        "What genetic weights &lt;does&gt;.", "Too &lt;few&gt;.", "0.925 on what it was fitted on, 0.875 out of fold",
        "0.925, on the very rows that it was fitted on", "0.250; the largest balanced accuracy", "-0.250",
        "(genetic weights has the largest weighted F1 of the rules there)", "a table of predictions",
        ">Blast: 140 cells<", ">F1<",
        "No rule was fitted or picked by this part", "The course of the genetic search", "Research use only",
    ):  # fmt: skip
        assert said in page, said
    assert "<b>net" not in page
    assert "ROC AUC of patients" not in page, "a score that nobody has gets no column"
    assert 'class="alarm"' not in page
    assert {path.name for path in place.figures.iterdir()} == {
        "ensemble_weights.svg", "ensemble_weights.png", "genetic_course.svg", "genetic_course.png"
    }  # fmt: skip
    again = write_ensemble_page(place.path).read_text(encoding="utf-8")
    assert again == page


def test_what_bagged_models_were_shown_has_a_section_where_there_is_such_a_table(place: EnsembleFolder) -> None:
    assert "What each model was shown" not in write_ensemble_page(place.path).read_text(encoding="utf-8")
    rows = [("<b>net", "hem", None, None, 1600, 1600, 900), ("<b>net", "all", 0, 9, 1250, 0, 1250)]
    columns = ["model", "class", "part", "groups", "cells", "whole", "copies"]
    write_table(place.bagging, pl.DataFrame(rows, schema=columns, orient="row"))
    page = write_ensemble_page(place.path).read_text(encoding="utf-8")
    section = page.split("<h3>What each model was shown</h3>")[1].split("<h3>")[0]
    table = section.split("<table")[1]
    assert "&lt;b&gt;net" in table
    cells = [part.split("</td>")[0] for part in table.split('<td class="number">')[1:]]
    assert cells == ["all", "n/a", "1,600", "1,600", "900", "0", "9", "1,250", "0", "1,250"]
    assert "bagging.csv" in section
    assert section.count("<svg") == 1
    assert (place.figures / "ensemble_bagging.png").is_file()


def test_a_published_figure_stands_behind_our_own_of_the_test_part_alone(place: EnsembleFolder) -> None:
    assert "Published weighted F1" not in write_ensemble_page(place.path).read_text(encoding="utf-8")
    write_json(place.record, read_json(place.record) | {"published": {"007": 0.84, "average": [0.8789, 0.009]}})
    test, validation = ensemble_section(place.path)["parts"]
    assert test["head"][:3] == ["Weighted F1", "Published weighted F1", "ROC AUC"]
    assert [row["cells"][1] for row in test["rows"][:3]] == ["0.8400", NOTHING, "0.8789 ± 0.0090"]
    assert [len(row["cells"]) for row in test["rows"]] == [len(test["head"])] * 5
    assert "Published weighted F1" not in validation["head"]


def test_a_bundle_is_linked_with_what_one_types_to_use_it(place: EnsembleFolder) -> None:
    page = write_ensemble_page(place.path).read_text(encoding="utf-8")
    assert "Use it on new pictures" not in page, "a table of predictions has no model to put into a bundle"
    members = [one | {"folder": "/runs/one"} for one in read_json(place.record)["members"]]
    write_json(place.record, read_json(place.record) | {"members": members})
    page = write_ensemble_page(place.path).read_text(encoding="utf-8")
    assert "<code>leukoscope ensemble</code>, typed as before with <code>--bundle RULE</code>, adds one" in page
    write_json(place.bundle / "bundle.json", {"rule": "genetic"})
    write_json(place.rule("average") / "bundle" / "bundle.json", {"rule": "average"})
    page = write_ensemble_page(place.path).read_text(encoding="utf-8")
    name = place.path.name
    for link, title in (("bundle/", "genetic weights"), ("rules/average/bundle/", "average")):
        command = f"leukoscope predict {name}/{link[:-1]} PICTURES --out said.csv"
        assert f'<a href="{link}">{link}</a> ({title}): <code>{command}</code>' in page
    assert "adds one" not in page


def test_a_leaking_split_is_marked_everywhere(place: EnsembleFolder) -> None:
    write_json(place.record, {**read_json(place.record), "leakage": "as <published>"})
    page = write_ensemble_page(place.path).read_text(encoding="utf-8")
    assert "LEAKAGE" in page.split("</title>")[0]
    assert "as &lt;published&gt;" in page
    assert page.count('class="leak"') == 4, "each table of scores"
    assert page.count("LEAKAGE: not a score on unseen patients") == 2, "each figure"


def test_rules_without_weights_and_course_have_no_figure(place: EnsembleFolder) -> None:
    record = read_json(place.record)
    write_json(place.record, {**record, "rules": {"stacked": record["rules"]["stacked"]}, "best_on_validation": None})
    table = read_members_table(place.table)
    write_table(place.table, table.filter(~pl.col("name").is_in(["average", "genetic"])))
    page = write_ensemble_page(place.path).read_text(encoding="utf-8")
    assert "How much each model weighs" not in page
    assert "The course of the genetic search" not in page
    assert not place.figures.exists()
    assert ensemble_section(place.path)["weights"] == {"head": [], "rows": []}


def test_an_unfinished_or_missing_ensemble_is_refused(place: EnsembleFolder) -> None:
    write_json(place.record, {**read_json(place.record), "status": "running"})
    with pytest.raises(DataError) as caught:
        write_ensemble_page(place.path)
    assert str(caught.value) == (
        f"This ensemble is not finished.\n  where: {place.path}\n  what to do: Type its command again."
    )
    place.record.unlink()
    with pytest.raises(DataError) as caught:
        write_ensemble_page(place.path)
    assert str(caught.value) == (
        f"This folder holds no ensemble.\n  where: {place.path}\n  what to do: Name the --out of ensemble."
    )
