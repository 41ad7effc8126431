from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.reports import write_audit_page
from leukoscope.reports.audit_folder import SHOWN_COLUMNS
from leukoscope.reports.thumbnails import as_jpeg

EVIL = "<img src=x onerror=alert(1)>"
VOID = {"meta", "img", "br", "path", "circle", "use", "rect", "link"}
Json = dict[str, Any]


class Reader(HTMLParser):
    """What a page is made of: ids, links, tags, what has no name; and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.open: list[str] = []
        self.nameless: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.ids += [str(found["id"])] if "id" in found else []
        self.links += [str(found[name]) for name in ("href", "src") if name in found]
        if tag == "img" and not found.get("alt"):
            self.nameless.append(tag)
        if tag == "svg" and found.get("aria-hidden") != "true" and not found.get("aria-label"):
            self.nameless.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def finding(code: str, severity: str, do: str | None = None, **tables: Any) -> Json:
    return {"code": code, "severity": severity, "sentence": f"What {code} says.", "do": do, "count": 1, **tables}


def tile(name: str, place: int, **others: Any) -> Json:
    row = dict.fromkeys(SHOWN_COLUMNS) | {"group": 0, "place": 0, "view": "as it is", "patient": "P1", "label": "all"}
    return row | {"finding": name, "place": place, "id": f"cell {place}"} | others


@pytest.fixture
def audit_folder(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes an audit's folder: ``audit_folder(findings, rows_of_pictures)``."""

    def write(findings: list[Json], shown: list[Json] | None = None, *, patients: int | None = 3) -> Path:
        folder = tmp_path / "audit"
        (folder / "tables").mkdir(parents=True)
        (folder / "pictures").mkdir()
        classes = [
            {"class": "hem", "title": "normal cell", "cells": 1300, "patients": 2, "own": 0},
            {"class": "all", "title": "leukaemic blast", "cells": 7, "patients": 1, "own": 0},
        ]
        numbers = {"cells": 1310, "usable": 1307, "excluded": 3, "unlabelled": 0, "unreadable": 2, "identical_pairs": 1}
        counts = {**numbers, "patients": patients, "classes": classes}
        record = {"format": 1, "cohort": "bench", "counts": counts, "findings": findings}
        (folder / "audit.json").write_text(json.dumps(record), encoding="utf-8")
        if shown is not None:
            pl.DataFrame(shown, schema=SHOWN_COLUMNS, orient="row").write_csv(folder / "pictures.csv")
        for row in shown or []:
            if row["file"]:
                (folder / row["file"]).write_bytes(as_jpeg(np.full((8, 8, 3), 90, np.uint8)))
        return folder

    return write


def page_of(folder: Path) -> str:
    return write_audit_page(folder).read_text(encoding="utf-8")


def test_a_page_is_whole_and_asks_for_nothing(audit_folder: Callable[..., Path]) -> None:
    size = {"statistic": "size", "kind": "picture", "auc": 0.87, "low": 0.8, "high": 0.9}
    statistics = [size, {"statistic": "order", "kind": "file", "auc": 0.5, "low": None, "high": None}]
    findings = [finding("shortcut", "warning", statistics=statistics), finding("twins", "error", pairs=[{"id_a": "x"}])]
    pair = [tile("twins", place, file=f"pictures/{place}.jpg", correlation=0.99) for place in range(2)]
    text = page_of(audit_folder(findings, pair))
    page = Reader(text)
    assert page.open == []
    assert page.nameless == []
    assert [name for name, times in Counter(page.ids).items() if times > 1] == []
    assert page.tags["script"] == page.tags["link"] == page.tags["iframe"] == 0
    assert {link for link in page.links if not link.startswith(("#", "data:image/"))} == set()
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert not re.search(r"https?://|@import", text)
    assert page.tags["img"] == 2
    assert 'aria-label="AUC of each statistic alone: size 0.87; order 0.50."' in text


def test_the_first_screen_says_what_was_looked_at_and_what_was_found(audit_folder: Callable[..., Path]) -> None:
    findings = [finding("a", "note"), finding("b", "error"), finding("c", "warning"), finding("d", "error")]
    head = re.sub(
        r"<[^>]+>|\s+", " ", page_of(audit_folder(findings)).partition("<header")[2].partition("</header>")[0]
    )
    said = re.sub(r"\s+", " ", head)
    assert "Research use only; not a medical device" in said
    assert "3 findings need attention before anything is trained on these pictures." in said
    assert "normal cell 1,300 2 leukaemic blast 7 1 All usable cells 1,307 3" in said
    assert "1,310 pictures in all; 3 left out, 2 of them unreadable; 1 pair of identical pictures." in said
    assert re.search(r"2 errors .* B D 1 warning .* C 1 note .* A", said)


def test_what_is_worse_comes_first(audit_folder: Callable[..., Path]) -> None:
    findings = [finding("a", "note"), finding("b", "warning"), finding("c", "error"), finding("b", "warning")]
    text = page_of(audit_folder(findings))
    assert re.findall(r'<section class="finding (\w+)" id="([\w-]+)"', text) == [
        ("error", "c"),
        ("warning", "b"),
        ("warning", "b-2"),
        ("note", "a"),
    ]


def test_without_findings_it_is_said_that_nothing_was_found(audit_folder: Callable[..., Path]) -> None:
    text = page_of(audit_folder([], patients=None))
    assert "Nothing was found that flatters or spoils a score." in text
    assert "not known" in text
    assert Reader(text).open == []


def test_a_table_is_short_and_the_whole_one_is_linked(audit_folder: Callable[..., Path]) -> None:
    rows = [{"id": f"c{number}", "path": f"folder/c{number}.png"} for number in range(30)]
    folder = audit_folder([finding("odd", "warning", cells=rows)])
    (folder / "tables" / "odd.cells.csv").write_text("id,path\n", encoding="utf-8")
    text = page_of(folder)
    assert "<td>c7</td>" in text
    assert "<td>c8</td>" not in text
    assert "folder/c0.png" not in text
    assert '22 more rows in <a href="tables/odd.cells.csv">tables/odd.cells.csv</a>' in text


def test_whatever_a_table_says_is_escaped(audit_folder: Callable[..., Path]) -> None:
    found = finding("odd", "error", EVIL, cells=[{"id": EVIL, EVIL: 1}])
    found["sentence"] = EVIL
    shown = [tile("odd", 0, id=EVIL, patient=EVIL, file="pictures/0.jpg"), tile("odd", 1, problem=EVIL)]
    page = Reader(page_of(audit_folder([found], shown)))
    assert page.open == []
    assert page.tags["img"] == 1


def test_the_same_tables_give_the_same_page(audit_folder: Callable[..., Path]) -> None:
    folder = audit_folder([finding("a", "error", cells=[{"id": "x", "share": 0.5}])], [])
    assert write_audit_page(folder).read_bytes() == write_audit_page(folder).read_bytes()


def test_no_figure_without_several_statistics(audit_folder: Callable[..., Path]) -> None:
    findings = [
        finding("a", "note", statistics=[{"statistic": "size", "p": 0.1}, {"statistic": "colour", "p": 0.2}]),
        finding("b", "note", statistics=[{"statistic": "size", "auc": None}, {"statistic": "colour", "auc": 0.7}]),
        finding("c", "note", cells=[{"statistic": "size", "auc": 0.7}, {"statistic": "colour", "auc": 0.6}]),
    ]
    folder = audit_folder(findings)
    assert "<figure" not in page_of(folder)
    assert not (folder / "figures").exists()


def test_a_finding_has_its_title_and_classes_have_theirs(audit_folder: Callable[..., Path]) -> None:
    pairs = [{"id_a": "a", "id_b": "b", "label_a": "all", "label_b": "hem", "correlation": 0.99961}]
    text = page_of(audit_folder([finding("near_across_classes", "error", pairs=pairs)]))
    assert text.count("Pictures of one cell, under different classes") == 2
    assert "<td>leukaemic blast</td>" in text
    assert '<td class="number">0.999</td>' in text
    assert "0 without" not in text


def test_the_readers_notes_stand_there_once(audit_folder: Callable[..., Path]) -> None:
    notes = finding("reader_notes", "note", notes=[{"note": "Ages are guessed."}])
    text = page_of(audit_folder([notes | {"sentence": "The reader noted: Ages are guessed."}]))
    assert text.count("Ages are guessed.") == 1


def test_a_folder_without_an_audit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        write_audit_page(tmp_path)
    assert str(caught.value) == (
        f"This folder holds no audit.\n  where: {tmp_path}\n  what to do: Name the --out of an audit."
    )
    (tmp_path / "audit.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(DataError, match=r"^This audit's record is not of format 1\.\n"):
        write_audit_page(tmp_path)
