from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leukoscope.audit.checks import known
from leukoscope.cohort.readers import READERS

LayOut = Callable[..., Any]


def test_pictures_known_by_hashes_alone(lay_out: LayOut) -> None:
    rows = [{"id": "a", "width": None}, {"id": "b"}, {"id": "c", "width": None, "problem": "cut off"}]
    (some,) = known.pixels_not_seen(lay_out(rows).evidence())
    assert (some.severity, some.count) == ("note", 1)
    assert some.sentence.startswith("1 picture not opened: known by hashes alone.")
    (none,) = known.pixels_not_seen(lay_out(rows[:1]).evidence())
    assert none.sentence.startswith("No picture was opened:")
    assert known.pixels_not_seen(lay_out(rows[1:]).evidence()) == []


def test_what_is_known_of_a_public_set(lay_out: LayOut) -> None:
    (found,) = known.known_contradictions(lay_out([{"id": "a"}], reader="cnmc").evidence())
    assert found.table["known"].to_list() == list(READERS["cnmc"].description.contradictions)
    assert found.count == found.table.height > 5
    assert found.sentence.endswith("one place and 118 in another. And 8 more.")
    assert "not all of them need be in this copy. Training subjects: 76 in Liu & Long 2019" in found.sentence
    assert known.known_contradictions(lay_out([{"id": "a"}]).evidence()) == []
    assert known.known_contradictions(lay_out([{"id": "a"}], reader="table").evidence()) == []


def test_notes_of_the_reader(lay_out: LayOut) -> None:
    (found,) = known.reader_notes(lay_out([{"id": "a"}], notes=("One.", "Two.")).evidence())
    assert (found.sentence, found.count) == ("The reader noted: One. Two.", 2)
    assert known.reader_notes(lay_out([{"id": "a"}]).evidence()) == []
