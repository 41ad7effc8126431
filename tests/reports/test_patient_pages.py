from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from leukoscope.files import read_json, write_json, write_table
from leukoscope.reports.patient_pages import write_patient_pages

TILE, BETWEEN = 16, 2
EVIL = "<script>alert('P3')</script> & " + "long " * 60
STEMS = {"P1": "P1", "007": "007", EVIL: "evil-1"}


class Wellformed(HTMLParser):
    """Collects what a page refers to, and refuses tags that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.referred: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.referred += [str(value) for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(page: Path) -> tuple[str, Wellformed]:
    parser, text = Wellformed(), page.read_text(encoding="utf-8")
    parser.feed(text)
    assert parser.open == []
    return text, parser


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of three patients of 1, 3 and 4 cells; the third has evidence in one cell alone."""
    evidence = {"P1": [0.8], "007": [0.5, -0.02, -1.3], EVIL: [0.0002, 0.0, 0.0, 0.0]}
    cells, patients = [], []
    sheet = np.full((TILE * 4, 4 * (2 * TILE + BETWEEN), 3), 128, dtype=np.uint8)
    for number, (patient, values) in enumerate(evidence.items()):
        either_way = sum(map(abs, values))
        for place, value in enumerate(sorted(values, reverse=True)):
            shown = value != 0
            cells.append(
                {
                    "patient": patient,
                    "id": f"{number}_{place}",
                    "evidence": value,
                    "rank": place + 1,
                    "share": abs(value) / either_way,
                    "mean_logit": None if number == 1 else value,
                    "sheet_left": place * (2 * TILE + BETWEEN) if shown else None,
                    "sheet_top": 0 if shown else None,
                }
            )
        patients.append(
            {
                "patient": patient,
                "stem": STEMS[patient],
                "label": [None, "sick", "well"][number],
                "called": ["sick", "well", "well"][number],
                "referred": patient == EVIL,
                "reason": "reactive and tumoral remain possible" if patient == EVIL else None,
                "explained": "sick",
                "probability": [0.9, 0.31, 0.45][number],
                "low": [None, 0.2, 0.4][number],
                "high": [None, 0.5, 0.6][number],
                "cells": len(values),
                "logit": sum(values),
                "evidence": sum(values),
                "sums": number != 1,
            }
        )
        (tmp_path / "evidence").mkdir(exist_ok=True)
        Image.fromarray(sheet).save(tmp_path / "evidence" / f"{STEMS[patient]}.png")
    write_table(tmp_path / "evidence.parquet", pl.DataFrame(cells))
    write_table(tmp_path / "evidence_patients.csv", pl.DataFrame(patients))
    facts = {"fact": "lymphocyte_count", "value": "<8 & more"}
    moves = [{"patient": patient, **facts, "moved": moved} for patient, moved in (("P1", 2.0), ("007", -1.0))]
    write_table(tmp_path / "facts_moves.csv", pl.DataFrame(moves))
    classes = {"names": ["well", "sick"], "titles": ["reactive <b>", "tumoral"], "positive": "sick"}
    record = {
        "format": 1,
        "run": "night",
        "leakage": None,
        "classes": classes,
        "threshold": 0.5,
        "aggregator": "Mean",
        "assumption": "All cells count the same.",
        "instances": "pixels",
        "scale": 1.0,
        "tile": TILE,
        "between": BETWEEN,
        "interval_meaning": "With other cells it would lie here.",
        "found": None,
    }
    write_json(tmp_path / "evidence.json", record)
    return tmp_path


def changed(run: Path, **values: Any) -> None:
    write_json(run / "evidence.json", read_json(run / "evidence.json") | values)


def test_there_is_an_index_and_a_page_each(run: Path) -> None:
    index = write_patient_pages(run)
    assert index == run / "patients" / "index.html"
    assert {path.name for path in index.parent.iterdir()} == {"index.html", "P1.html", "007.html", "evil-1.html"}
    text, parser = read(index)
    links = [link for link in parser.referred if not link.startswith(("#", "data:"))]
    assert links == ["P1.html", "evil-1.html", "007.html"], "the highest probability first"
    assert "3 patients, and why each was answered so" in text


def test_pages_need_nothing_but_themselves_and_each_other(run: Path) -> None:
    folder = write_patient_pages(run).parent
    for page in folder.iterdir():
        text, parser = read(page)
        assert "default-src 'none'" in text
        assert "script" not in parser.tags
        others = [link for link in parser.referred if not link.startswith(("#", "data:image/"))]
        assert all((folder / link).is_file() for link in others)


def test_names_and_values_are_escaped_and_nothing_is_nan(run: Path) -> None:
    folder = write_patient_pages(run).parent
    for page in folder.iterdir():
        text, _ = read(page)
        assert "<script" not in text
        body = re.sub(r"data:image/[^\"]*", "", text.split("</style>")[1])
        assert not re.search(r"\b(nan|none|null|inf)\b", body, re.IGNORECASE)
    assert "&lt;8 &amp; more" in (folder / "P1.html").read_text(encoding="utf-8")
    assert "reactive &lt;b&gt;" in (folder / "007.html").read_text(encoding="utf-8")


def test_cells_for_come_first_then_the_strongest_against(run: Path) -> None:
    text, _ = read(write_patient_pages(run).parent / "007.html")
    shown = re.findall(r"<strong>([+−][\d.]+)</strong>", text)  # noqa: RUF001 - a true minus
    assert shown == ["+0.500", "−1.300", "−0.020"]  # noqa: RUF001
    assert "only say which way" in text


def test_a_single_cell_and_cells_that_add_nothing(run: Path) -> None:
    folder = write_patient_pages(run).parent
    one, _ = read(folder / "P1.html")
    assert "The contributions of 1 cell add up to +0.800" in one
    assert "no range: it cannot be told here" in one
    assert "No cell of this patient speaks against it." in one
    flat, _ = read(folder / "evil-1.html")
    assert "3 further cells add nothing either way." in flat


def test_answers_labels_and_referral_are_said(run: Path) -> None:
    folder = write_patient_pages(run).parent
    pages = {name: read(folder / f"{name}.html")[0] for name in ("P1", "007", "evil-1")}
    assert "reaches the threshold of 50\N{NO-BREAK SPACE}%" in pages["P1"]
    assert "The true class of this patient is not known here." in pages["P1"]
    assert "stays below the threshold of 50\N{NO-BREAK SPACE}%" in pages["007"]
    assert "the answer is wrong." in pages["007"]
    assert "; reactive and tumoral remain possible. A further test" in pages["evil-1"]
    assert all("Research use only" in page for page in pages.values())


def test_facts_are_drawn_to_their_side_on_one_scale(run: Path) -> None:
    folder = write_patient_pages(run).parent
    assert '<span class="for" style="--v:1.0000">' in read(folder / "P1.html")[0]
    assert '<span class="against" style="--v:0.5000">' in read(folder / "007.html")[0]
    assert 'id="facts"' not in read(folder / "evil-1.html")[0]
    (run / "facts_moves.csv").unlink()
    assert 'id="facts"' not in read(write_patient_pages(run).parent / "P1.html")[0]


def test_a_leak_stands_on_every_page(run: Path) -> None:
    changed(run, leakage="to <repeat> a paper")
    for page in write_patient_pages(run).parent.iterdir():
        assert "What is known of it: “to &lt;repeat&gt; a paper”" in read(page)[0]


def test_the_index_says_how_well_evidence_finds_malignant_cells(run: Path) -> None:
    score = {"value": 0.91, "low": 0.85, "high": 0.95, "reason": None}
    counts = {"patients": 1, "cells": 40, "known": 8}
    changed(run, found={"roc_auc": score, "of_logits": score | {"value": 0.7}, "within": 0.925, **counts})
    text, _ = read(write_patient_pages(run))
    assert "0.910 (0.850 to 0.950)" in text
    assert "8 malignant cells among 40 cells of 1 positive patient" in text
    nothing = {"value": None, "low": None, "high": None, "reason": "no positive patient has any known cell"}
    changed(run, found={"roc_auc": nothing, "of_logits": nothing, "within": None, **counts})
    assert "It cannot be told: no positive patient has any known cell." in read(write_patient_pages(run))[0]


def test_more_than_two_classes_have_no_threshold(run: Path) -> None:
    classes = {"names": ["well", "sick", "other"], "titles": ["well", "sick", "other"], "positive": None}
    changed(run, classes=classes, threshold=None)
    text, _ = read(write_patient_pages(run).parent / "P1.html")
    assert "Of all classes “sick” is the most probable one." in text
    assert "threshold" not in text.split("</style>")[1]


def test_written_again_it_is_byte_for_byte_the_same(run: Path) -> None:
    first = {path.name: path.read_bytes() for path in write_patient_pages(run).parent.iterdir()}
    assert {path.name: path.read_bytes() for path in write_patient_pages(run).parent.iterdir()} == first


def test_of_a_late_fusion_the_start_and_the_pictures_stand_beside_the_facts(run: Path) -> None:
    rows = [("age", "61", -0.5), ("average patient", None, 0.25), ("all pictures", None, 2.0)]
    table = pl.DataFrame([("P1", *row) for row in rows], orient="row", schema=["patient", "fact", "value", "moved"])
    write_table(run / "facts_moves.csv", table)
    text, _ = read(write_patient_pages(run).parent / "P1.html")
    assert "What the pictures and the clinic’s facts moved" in text  # noqa: RUF001
    said = re.findall(r'<tr><th scope="row">([a-z ]+)</th><td>(\d*)</td><td class="moves">', text)
    assert said == [("average patient", ""), ("all pictures", ""), ("age", "61")]


def test_whether_probabilities_are_calibrated_is_said(run: Path) -> None:
    text, _ = read(write_patient_pages(run).parent / "P1.html")
    assert "As the network states it: not calibrated." in text
    changed(run, calibration="platt")
    folder = write_patient_pages(run).parent
    said = "Calibrated by Platt&#39;s logistic map on other patients than these, as is the threshold"
    assert all(said in read(folder / page)[0] for page in ("P1.html", "index.html"))
    assert "which is that before calibration, +0.7 doubles" in read(folder / "P1.html")[0]


def test_pages_lead_back_to_the_report_of_a_run_that_has_one(run: Path) -> None:
    write_json(run / "scores.json", {})
    folder = write_patient_pages(run).parent
    assert all("../report.html" in read(page)[1].referred for page in folder.iterdir())


def test_facts_that_were_hidden_are_not_said_to_add_up(run: Path) -> None:
    text, _ = read(write_patient_pages(run).parent / "P1.html")
    assert "bars need not add up" in text
    (run / "facts_moves.csv").unlink()
    index, _ = read(write_patient_pages(run))
    assert "facts moved" not in index
