from __future__ import annotations

import json
from typing import Any

import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.service.facts import asked_of, described, fact_columns, read_facts
from leukoscope.service.refusal import Refusal


def test_what_is_known_is_taken_and_what_is_null_is_not_known(patients: Bundle) -> None:
    known = read_facts('{"age": 61, "count": 7.5, "sex": null}', patients)
    assert known == {"age": 61.0, "count": 7.5}
    columns = fact_columns(known, patients, 3)
    assert {name: column.to_list() for name, column in columns.items()} == {
        "age": [61.0],
        "count": [7.5],
        "sex": [None],
        "pictures": [3],
    }
    assert read_facts(None, patients) == read_facts("  ", patients) == read_facts("{}", patients) == {}


WRONG: dict[str, Any] = {
    '{"age": NaN}': "NaN is no number.",
    '{"age": Infinity}': "Infinity is no number.",
    '{"age": -Infinity}': "-Infinity is no number.",
    '{"age": 1e999}': "The fact 'age' is no number.",
    '{"age": "61"}': "The fact 'age' is no number.",
    '{"age": true}': "The fact 'age' is no number.",
    '{"age": [61]}': "The fact 'age' is no number.",
    '{"age": -1}': "The fact 'age' is -1, which no patient's can be.",
    '{"age": 131}': "The fact 'age' is 131, which no patient's can be.",
    '{"age": ' + "9" * 5000 + "}": "The fact 'age' is no number.",
    '{"count": 0}': "The fact 'count' must be above 0; it is 0.",
    '{"count": 1e6}': "The fact 'count' is 1e+06, which no patient's can be.",
    '{"sex": "X"}': "The fact 'sex' is one of: F, M; not 'X'.",
    '{"sex": 1}': "The fact 'sex' is one of: F, M.",
    '{"ages": 61}': "The bundle takes no fact 'ages'.",
    '{"age": 61, "age": 62}': "A fact is stated twice.",
    "[61]": "The facts are no JSON object.",
    "age=61": "The facts are no JSON object.",
    '{"\\ud800": 1}': "The bundle takes no fact '\\ud800'.",
    "[" * 20_000: "The facts are no JSON object.",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_can_be_no_fact_is_refused(text: str, patients: Bundle) -> None:
    with pytest.raises(Refusal) as caught:
        read_facts(text, patients)
    assert (caught.value.status, caught.value.code, caught.value.what) == (422, "wrong_facts", WRONG[text])


def test_a_bundle_of_cells_takes_none(cells: Bundle) -> None:
    assert asked_of(cells) == ()
    with pytest.raises(Refusal, match="The bundle takes no fact 'age'"):
        read_facts(json.dumps({"age": 3}), cells)


def test_a_form_can_be_made_of_what_is_said_of_facts(patients: Bundle) -> None:
    age, count, sex = map(described, asked_of(patients))
    assert (age["kind"], age["low"], age["high"], age["unit"], age["training_high"]) == ("number", 0, 130, "years", 90)
    assert (count["title"], count["high"], count["unit"]) == ("Count", 1800, None)
    assert sex == {"name": "sex", "title": "Sex", "kind": "choice", "choices": ["F", "M"]}
