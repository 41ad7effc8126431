from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.evaluation import evaluate
from leukoscope.predictions.table import Predictions
from leukoscope.reports import drawing, write_report
from leukoscope.reports.tables import read_tables

VOID = {"meta", "img", "br", "path", "circle", "use", "rect", "link"}
SECTIONS = ("confusion", "curves", "learning", "patients", "calibration", "facts", "joint", "bagging")
REASON = "<script>alert('the paper splits by cell')</script>"


class Reader(HTMLParser):
    """What a page is made of: ids, links, tags; and whether every tag is closed."""

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
        self.links += re.findall(r"url\(([^)]*)\)", found.get("style") or "")
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


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing: drawing is what takes the time."""
    monkeypatch.setattr("leukoscope.reports.page.draw_figures", lambda _tables: {name: [] for name in SECTIONS})


def page_of(folder: Path) -> str:
    return write_report(folder).read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [{}, {"binary": False}, {"leakage": REASON}, {"patients": 130}])
def test_a_page_is_whole_and_asks_for_nothing(example: Callable[..., Path], options: dict[str, object]) -> None:
    text = page_of(example(**options))
    page = Reader(text)
    assert page.open == []
    assert page.nameless == []
    assert [name for name, times in Counter(page.ids).items() if times > 1] == []
    assert page.tags["script"] == page.tags["link"] == page.tags["iframe"] == 0
    assert {link for link in page.links if not link.startswith(("#", "data:image/"))} == set()
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert not re.search(r"https?://|@import", text)
    assert len(text.encode()) < 3_000_000


def test_the_same_tables_give_the_same_page_and_figures(example: Callable[..., Path]) -> None:
    folder = example()
    first = {path.name: path.read_bytes() for path in [write_report(folder), *(folder / "figures").iterdir()]}
    second = {path.name: path.read_bytes() for path in [write_report(folder), *(folder / "figures").iterdir()]}
    assert first == second


def test_a_page_says_what_an_epoch_shows_where_classes_are_balanced(
    example: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = example()
    learning = drawing._learning(read_tables(folder))
    figures = {name: learning if name == "learning" else [] for name in SECTIONS}
    monkeypatch.setattr("leukoscope.reports.page.draw_figures", lambda _tables: figures)
    assert "an epoch shows every training cell once." in page_of(folder)
    rows = ["2,all,689,689,0,0,500", "2,hem,311,311,0,0,500", "3,all,689,689,0,0,40", "3,hem,311,311,0,0,40"]
    (folder / "composition.csv").write_text("\n".join(["stages,class,cells,kept,left_out,copies,seen", *rows]))
    text = page_of(folder)
    assert 'an epoch shows as many cells of each class as <a href="#record">the record</a> says.' in text
    assert "One epoch of stage 2 shows 1,000 pictures. One epoch of stage 3 shows 80 pictures. A stage that is " in text
    (folder / "composition.csv").write_text("class,cells,kept,left_out,copies,seen\nall,689,551,138,0,551\n")
    text = page_of(folder)
    assert "One epoch shows 551 pictures." in text
    assert "A stage that is not named here" not in text


def test_sections_stand_in_order(example: Callable[..., Path]) -> None:
    found = re.findall(r'<section id="(\w+)"', page_of(example()))
    assert found == [
        "done",
        "scores",
        "confusion",
        "curves",
        "learning",
        "patients",
        "calibration",
        "network",
        "augmentation",
        "wrong",
        "audit",
        "record",
    ]


@pytest.mark.usefixtures("without_figures")
def test_it_is_said_that_this_is_no_medical_device(example: Callable[..., Path], evaluation: Path) -> None:
    for folder in (example(), evaluation):
        assert page_of(folder).count("Research use only; not a medical device") == 2


def test_a_leak_marks_every_score_in_red(example: Callable[..., Path]) -> None:
    text = page_of(example(leakage=REASON))
    assert '<div class="alarm" role="alert">' in text
    mark = re.escape(' <strong class="leak">leakage</strong>')
    values = re.findall(rf'<span class="value">[-\d.]+</span>(?!{mark})', text)
    values += re.findall(rf'<p class="number">[\d.]+(?!{mark}|[\d.])', text)
    assert values == []
    assert len(re.findall(mark, text)) > 60
    # The figures can be copied from the page; they carry the mark too.
    assert text.count("LEAKAGE: not a score on unseen patients") == 8
    assert "<title>cnmc: Leukoscope report, LEAKAGE</title>" in text


def test_without_a_leak_nothing_is_marked(example: Callable[..., Path]) -> None:
    assert not re.search('class="leak"|class="alarm"|LEAKING', page_of(example()))


def test_whatever_a_table_says_is_escaped(example: Callable[..., Path]) -> None:
    folder = example(leakage=REASON)
    evil = "<img src=x onerror=alert(1)> $x^2$ & co"
    for name in ("scores.json", "run.json", "audit.json"):
        text = (folder / name).read_text()
        for word in ("normal cell (HEM)", "Recognised as cnmc by its folders.", "24 pictures are", "quick"):
            text = text.replace(word, evil)
        (folder / name).write_text(text)
    (folder / "recipe.yaml").write_text(f"name: 'a </pre>{evil}'\n")
    wrong = pl.read_csv(folder / "wrong.csv")
    wrong.with_columns(pl.lit(evil).alias("id"), pl.lit(evil).alias("patient")).write_csv(folder / "wrong.csv")
    text = page_of(folder)
    page = Reader(text)
    assert page.open == []
    assert page.tags["img"] == 2
    assert page.tags["script"] == 0
    assert "&lt;script&gt;alert(&#39;the paper splits by cell&#39;)&lt;/script&gt;" in text
    assert text.count("&lt;img src=x onerror=alert(1)&gt; $x^2$ &amp; co") > 10


@pytest.mark.usefixtures("without_figures")
def test_the_page_says_what_the_tables_say(example: Callable[..., Path]) -> None:
    folder = example()
    text = page_of(folder)
    part = json.loads((folder / "scores.json").read_text())["parts"]["test"]
    for score in part["scores"].values():
        assert f'<span class="value">{score["value"]:.3f}</span>' in text
        assert f"{score['low']:.3f} to {score['high']:.3f}" in text
    assert "31 patients in train | 8 patients in validation | 12 patients in test, 0 shared, 0 linked" in text
    assert "419,073 parameters were trained in the last stage of training, 74,592 were held fixed in it." in text
    assert "0.8789 ± 0.0090" in text
    assert "a grouped split keeps them together" in text


def test_what_is_not_available_says_why(evaluation: Path) -> None:
    text = write_report(evaluation).read_text(encoding="utf-8")
    assert text.count("needs probabilities; these predictions are labels only") > 8
    assert re.findall(r'<section id="(\w+)"', text) == ["scores", "confusion", "patients"]
    assert Reader(text).open == []


@pytest.mark.parametrize(
    "name",
    ["run.json", "audit.json", "recipe.yaml", "history.csv", "network.csv", "wrong.csv", "figures/wrong.png"],
)
@pytest.mark.usefixtures("without_figures")
def test_each_table_may_be_missing(example: Callable[..., Path], name: str) -> None:
    folder = example()
    (folder / name).unlink()
    page = Reader(page_of(folder))
    assert page.open == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


@pytest.mark.usefixtures("without_figures")
def test_a_warning_stands_on_the_first_screen(example: Callable[..., Path]) -> None:
    head = page_of(example(binary=False)).partition("<main>")[0]
    warning = "<strong>Warning:</strong> No patients are known: cells of one patient may be on both sides."
    assert head.count(warning) == 1


def test_scores_of_the_evaluation_can_be_reported(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = []
    for patient in range(8):
        label = ("hem", "all")[patient % 2]
        for cell in range(6):
            chance = float(1 / (1 + np.exp(-random.normal(2 * (patient % 2) - 1, 1))))
            rows.append((f"{patient}_{cell}", str(patient), label, 1 - chance, chance))
    table = pl.DataFrame(rows, schema=["id", "patient", "label", "p_hem", "p_all"], orient="row")
    scores = evaluate(Predictions(table, Classes(("hem", "all"))), replicates=100)
    written = {"format": 1, "leakage": None, "warnings": [], "threshold": None, "parts": {"all": scores.as_json()}}
    (tmp_path / "scores.json").write_text(json.dumps(written))
    text = page_of(tmp_path)
    assert Reader(text).open == []
    assert re.findall(r'<section id="(\w+)"', text) == ["scores", "confusion", "curves", "patients", "calibration"]
    assert f'<span class="value">{scores["roc_auc"].value:.3f}</span>' in text
    assert "(8 patients, resampled 100 times)" in text


def test_a_folder_without_scores_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^This folder has no scores to report\."):
        write_report(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("without_figures")
def test_what_a_few_numbers_tell_stands_beside_the_network(example: Callable[..., Path]) -> None:
    folder = example()
    assert "without looking at the cell" not in page_of(folder)
    scores = json.loads((folder / "scores.json").read_text())
    known = {"roc_auc": {"value": 0.91, "low": 0.8, "high": 0.95}}
    scores["baselines"] = {"best_statistic": {"title": "the number of non-black pixels alone", "scores": known}}
    (folder / "scores.json").write_text(json.dumps(scores))
    text = page_of(folder)
    assert Reader(text).open == []
    assert "Beats a simple rule: not clearly." in text
    table = text.partition('<table class="rules">')[2].partition("</table>")[0]
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", table))
    assert "The network 0.931 0.901 to 0.961" in said
    assert "The number of non-black pixels alone the best single rule 0.910 0.800 to 0.950" in said


def said(text: str) -> str:
    """Return the words of a page."""
    plain = re.sub(r"<[^>]+>", " ", re.sub(r"<(style|svg).*?</\1>", " ", text, flags=re.DOTALL))
    return re.sub(r"\s+", " ", plain)


def test_a_page_of_patients_has_their_sections(patients_run: Path) -> None:
    text = page_of(patients_run)
    page = Reader(text)
    assert page.open == []
    assert page.nameless == []
    assert [name for name, times in Counter(page.ids).items() if times > 1] == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert {link for link in page.links if not link.startswith(("#", "data:image/"))} == {
        "patients/index.html",
        "patients/P_3-0a.html",
    }
    found = re.findall(r'<section id="(\w+)"', text)
    assert found[:7] == ["done", "scores", "facts", "referral", "calibrated", "pages", "confusion"]
    assert (patients_run / "figures" / "facts_alone.svg").is_file()
    assert text.count("Research use only; not a medical device") == 2


@pytest.mark.usefixtures("without_figures")
def test_a_page_of_patients_counts_patients(patients_run: Path) -> None:
    words = said(page_of(patients_run))
    assert "Test part: 40 patients" in words
    assert "All patients together" in words
    assert "Beats the strongest fact alone: yes." in words
    assert "Table of these patients" in words
    assert "0.8140 peeking" in words
    assert "Called wrong" not in words.partition("Most confidently wrong")[0]
    scores = words.partition("Test part: 40 patients")[2].partition("What the facts alone tell")[0]
    # What is left of cells is what cells are: how many there were, and the pictures of them.
    assert "cell" not in scores
    assert "patients that truly are of a class" in words or "confusion" not in words


@pytest.mark.usefixtures("without_figures")
def test_a_protocol_without_peeking_is_not_marked(patients_run: Path) -> None:
    text = (patients_run / "scores.json").read_text().replace(" (peeking)", "")
    (patients_run / "scores.json").write_text(text)
    assert "peeking" not in said(page_of(patients_run))


@pytest.mark.usefixtures("without_figures")
def test_a_leak_marks_the_patients_sections_too(patients_run: Path) -> None:
    scores = json.loads((patients_run / "scores.json").read_text()) | {"leakage": REASON}
    (patients_run / "scores.json").write_text(json.dumps(scores))
    section = page_of(patients_run).partition('<section id="facts">')[2].partition("</section>")[0]
    mark = re.escape(' <strong class="leak">leakage</strong>')
    assert not re.findall(rf'<span class="value">[-\d.]+</span>(?!{mark})', section)
    assert section.count("leakage") == 6 * 2 + 1


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("name", ["ablations", "referral", "operating_points", "calibration", "verdict", "facts"])
def test_each_section_of_patients_may_be_missing(patients_run: Path, name: str) -> None:
    scores = json.loads((patients_run / "scores.json").read_text())
    del scores[name]
    (patients_run / "scores.json").write_text(json.dumps(scores))
    page = Reader(page_of(patients_run))
    assert page.open == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_cells_of_each_class_stand_in_the_row_of_their_class(example: Callable[..., Path]) -> None:
    folder = example(binary=False)
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for first, part in enumerate(("train", "validation", "test"), start=1):
        names = list(record["split"]["counts"][part]["classes"])
        record["split"]["counts"][part]["classes"] = {name: 100 * first + place for place, name in enumerate(names)}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    table = page_of(folder).split("Cells of each class</caption>")[1].split("</table>")[0]
    rows = [re.findall(r">(\d+)</td>", row) for row in table.split("<tr>")[2:]]
    assert rows == [[str(100 * part + place) for part in (1, 2, 3)] for place in range(8)]
