"""The page of an error analysis, from tables that were written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.files import read_json, write_json, write_table
from leukoscope.mistakes.association import SCHEMA as ASSOCIATIONS
from leukoscope.mistakes.diversity import SCHEMA as PAIRS
from leukoscope.mistakes.label_errors import JOINT_SCHEMA, SCHEMA
from leukoscope.mistakes.rates import SCHEMA as RATES
from leukoscope.mistakes.shown import SCHEMA as SHOWN
from leukoscope.reports.mistakes_folder import MistakesFolder
from leukoscope.reports.mistakes_page import mistakes_sections, write_mistakes_page
from leukoscope.reports.mistakes_tables import read_mistakes
from leukoscope.reports.sheets import picture_sheet
from leukoscope.reports.templates import environment

MODELS = ("007", "<b>other</b>")


def frame(rows: list[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


@pytest.fixture
def place(tmp_path: Path) -> MistakesFolder:
    place = MistakesFolder(tmp_path)
    record = {
        "format": 1, "leukoscope": "0.1.0", "part": "test", "cells": 40, "patients": 7, "classes": ["hem", "all"],
        "titles": ["normal <cell>", "blast"], "leakage": None, "label_parts": ["validation", "test"], "pictures": None,
        "models": [
            {"name": MODELS[0], "source": "a", "threshold": 0.25},
            {"name": MODELS[1], "source": "b", "threshold": None},
        ],
        "interval": {"level": 0.95, "replicates": 2000, "seed": 0, "unit": "linked group of patients", "clusters": 6},
        "notes": ["Few <patients>."],
    }  # fmt: skip
    write_json(place.record, record)
    counts = [(label, number) for label in (None, "hem", "all") for number in range(3)]
    rows = [
        {"label": label, "missed_by": number, "cells": 3 + number, "of": 12, "patients": 2} for label, number in counts
    ]
    schema = {"label": pl.String, "missed_by": pl.Int64, "cells": pl.Int64, "of": pl.Int64, "patients": pl.Int64}
    write_table(place.table("how_many"), frame(rows, schema))
    alone = [
        {"model": model, "alone": kind, "label": label, "cells": 77, "patients": None}
        for model in MODELS for kind in ("right", "wrong") for label in (None, "hem", "all")
    ]  # fmt: skip
    head = {"model": pl.String, "alone": pl.String, "label": pl.String, "cells": pl.Int64, "patients": pl.Int64}
    write_table(place.table("only_one"), frame(alone, head))
    pair = {"first": MODELS[0], "second": MODELS[1], "only_first_right": 1234, "only_second_right": 2, "both_right": 3,
            "both_wrong": 4, "disagreement": 0.3, "disagreement_low": 0.2, "disagreement_high": 0.41,
            "double_fault": 0.1, "no_yule_q": "no <cell>", "kappa": 0.52}  # fmt: skip
    write_table(place.table("pairs"), frame([pair], PAIRS))
    base = {"cells": 9, "patients": 3, "wrong": 2, "error_rate": 0.22, "low": 0.1, "high": 0.4}
    rates = [
        {**base, "model": model, "property": name, "group": group, "from": first, "to": 2 * (first or 0)}
        for model in MODELS
        for name, group, first in (
            ("every", "cell", None), ("class", "all", None), ("patient", "007", None), ("area", "low", 8000.0),
            ("area", "high", 19000.0),
        )
    ]  # fmt: skip
    rates[-1] |= {"low": None, "high": None, "no_interval": "it rests on a single <patient>"}
    write_table(place.table("by_group"), frame(rates, RATES))
    told = {"model": MODELS[0], "property": "area", "cells": 40, "missed": 9, "patients_with_missed": 4, "auc": 0.7,
            "low": 0.6, "high": 0.8, "beyond_chance": True}  # fmt: skip
    unsure = told | {"label": "all", "low": 0.4, "beyond_chance": False}
    write_table(place.table("associations"), frame([told, unsure], ASSOCIATIONS))
    again = {"place": 1, "id": "<i>c1</i>", "patient": "007", "part": "test", "label": "hem", "looks_like": "all",
             "probability_of_label": 0.02, "probability_of_look": 0.98, "margin": -0.96, "missed_by": 2}  # fmt: skip
    write_table(place.table("label_errors"), frame([again], SCHEMA))
    joint = [
        {"label": one, "threshold": 0.875, "looks_like": other, "cells": 31, "share": 0.25}
        for one in ("hem", "all") for other in ("hem", "all")
    ]  # fmt: skip
    write_table(place.table("confident_joint"), frame(joint, JOINT_SCHEMA))
    shown = {"sheet": "missed_by_all", "place": 1, "id": "c1", "part": "test", "is": "is: x",
             "said": "", "how_sure": "", "of": 41}  # fmt: skip
    write_table(place.table("shown"), frame([shown, shown | {"sheet": "label_errors"}], SHOWN))
    picture_sheet(np.zeros((1, 8, 8, 3), np.uint8), ["one"], place.sheet("missed_by_all"))
    return place


def test_everything_in_the_tables_stands_on_the_page_escaped(place: MistakesFolder) -> None:
    page = write_mistakes_page(place.path).read_text(encoding="utf-8")
    for said in (
        "What 2 models get wrong",
        "40 cells of the test part, 7 patients", "Few &lt;patients&gt;.", "normal &lt;cell&gt;",
        "&lt;b&gt;other&lt;/b&gt;", "1,234", "0.30 (0.20 to 0.41)", "no &lt;cell&gt;", "0.52",
        "22\N{NO-BREAK SPACE}% (10 to 40)", "8000 to 16.0k", "no interval: it rests on a single &lt;patient&gt;",
        "Missed cells are larger.", "Not shown.", "2 questions were asked", "linked groups of patients anew, 6 of them",
        "&lt;i&gt;c1&lt;/i&gt;", "-0.96", "0.88", "1 cell to look at again.", "1 of 41.", "validation and test parts",
        "0.250", "Research use only; not a medical device",
    ):  # fmt: skip
        assert said in page, said
    for wrong in ("<b>other", "<i>c1", "<cell>", "Without pictures", "leakage", "<script", 'http-equiv="refresh'):
        assert wrong not in page, wrong
    assert page.count("data:image/png") == 1, "a sheet that is not there is left out"


def test_a_leaking_split_is_marked_on_every_table_and_figure(place: MistakesFolder) -> None:
    record = {**_record(place), "leakage": "as <published>"}
    write_json(place.record, record)
    page = write_mistakes_page(place.path).read_text(encoding="utf-8")
    assert "as &lt;published&gt; No error rate here is one on unseen patients." in page
    assert page.count('<strong class="leak">leakage</strong>') > 8
    assert page.count("LEAKAGE: not a score on unseen patients") == 2
    assert "<title>Errors: Leukoscope, LEAKAGE</title>" in page


def test_missing_pictures_and_a_single_model_leave_their_sections_out(place: MistakesFolder) -> None:
    record = _record(place)
    write_json(place.record, {**record, "models": record["models"][:1], "pictures": "They were <moved>."})
    place.sheet("missed_by_all").unlink()
    for name in ("only_one", "pairs", "by_group", "associations"):
        keys = {"by_group": ("every", "class", "patient")}
        rows = [
            row
            for row in read_mistakes(place, name)
            if row.get("property") in keys.get(name, ()) and row["model"] == "007"
        ]
        write_table(place.table(name), frame(rows, RATES if name == "by_group" else {"model": pl.String}))
    page = write_mistakes_page(place.path).read_text(encoding="utf-8")
    assert "What 007 gets wrong" in page
    assert "<strong>Without pictures:</strong> They were &lt;moved&gt;." in page
    for absent in (
        "How alike two models err",
        "On which cells one",
        "Are missed cells different?",
        'id="errors-pictures"',
    ):
        assert absent not in page, absent


def test_the_sections_can_be_included_in_another_page(place: MistakesFolder) -> None:
    text = '{% import "mistakes_sections.html" as mistakes %}<main>{{ mistakes.sections(found) }}</main>'
    said = environment().from_string(text).render(found=mistakes_sections(place.path))
    assert said.count("<section ") == 5
    assert said.count('id="errors-') == len({part.split('"')[0] for part in said.split('id="errors-')[1:]})


def test_a_folder_without_analysis_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        write_mistakes_page(tmp_path)
    assert str(raised.value) == (
        f"This folder holds no error analysis.\n  where: {tmp_path}\n  what to do: Name the --out of errors."
    )


def test_text_in_the_place_of_a_number_is_refused(place: MistakesFolder) -> None:
    path = place.table("label_errors")
    path.write_text(path.read_text(encoding="utf-8").replace("-0.96", "low"), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read_mistakes(place, "label_errors")
    assert str(raised.value) == f"This table has text where a number must be.\n  where: {path}"


def test_names_stay_text_and_numbers_become_numbers(place: MistakesFolder) -> None:
    row = read_mistakes(place, "label_errors")[0]
    assert (row["patient"], row["margin"], row["place"]) == ("007", -0.96, 1)


def _record(place: MistakesFolder) -> dict[str, Any]:
    return dict(read_json(place.record))
