from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from leukoscope.doctor import examination
from leukoscope.doctor.examination import Examination, examine
from leukoscope.doctor.row import Row
from leukoscope.doctor.terminal import as_terminal

FINE = Row("one", "a", "works")
NOTE = Row("one", "b", "missing: x", "note", "pip install x", {"missing": ["x"]})
PROBLEM = Row("two", "torch", "can't be imported", "problem", "pip install torch")


def printed(found: Examination) -> str:
    console = Console(width=60, record=True, file=io.StringIO())
    console.print(as_terminal(found))
    return console.export_text()


@pytest.mark.parametrize(
    ("rows", "verdict", "last"),
    [
        ((FINE,), "ok", "Leukoscope works here."),
        ((FINE, NOTE), "note", "Leukoscope works here; 1 note above."),
        ((NOTE, PROBLEM), "problem", "Leukoscope can't work here yet: 1 problem."),
    ],
)
def test_the_worst_row_decides(rows: tuple[Row, ...], verdict: str, last: str) -> None:
    found = Examination(rows)
    assert found.verdict == verdict
    assert printed(found).splitlines()[-1].strip() == last


def test_the_terminal_shows_topic_verdict_and_what_to_do() -> None:
    lines = [line.rstrip() for line in printed(Examination((FINE, NOTE, PROBLEM))).splitlines()]
    assert lines[:8] == [
        "one",
        "  ok       a      works",
        "  note     b      missing: x",
        "                  pip install x",
        "",
        "two",
        "  problem  torch  can't be imported",
        "                  pip install torch",
    ]


def test_json_says_the_same() -> None:
    found = json.loads(json.dumps(Examination((NOTE,)).as_json()))
    assert found == {
        "verdict": "note",
        "rows": [
            {
                "topic": "one",
                "name": "b",
                "value": "missing: x",
                "verdict": "note",
                "do": "pip install x",
                "facts": {"missing": ["x"]},
            }
        ],
    }


def test_this_machine_is_fit_and_every_topic_is_there() -> None:
    found = examine()
    assert found.verdict != "problem", repr(found)
    topics = list(dict.fromkeys(row.topic for row in found.rows))
    assert topics[:6] == ["versions", "networks", "device", "processor", "space", "weights"]
    json.dumps(found.as_json(), allow_nan=False)


def test_with_a_broken_library_what_needs_it_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "ask_libraries", lambda: [PROBLEM])
    monkeypatch.setattr(examination, "ask_device", lambda: pytest.fail("torch was asked"))
    monkeypatch.setattr(examination, "ask_weights", lambda _: pytest.fail("timm was asked"))
    assert examine().verdict == "problem"
