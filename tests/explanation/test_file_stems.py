from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import DataError
from leukoscope.explanation.file_stems import file_stems


@given(st.lists(st.text(max_size=80), unique=True, max_size=8))
def test_every_patient_has_a_file_of_its_own(names: list[str]) -> None:
    stems = list(file_stems(names).values())
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert all(stem.isascii() and not set(stem) & set('/\\ <>:"|?*') and 0 < len(stem) <= 60 for stem in stems)
    assert not {stem.casefold() for stem in stems} & {"index", "logit_maps", ".", ".."}


def test_plain_names_stay() -> None:
    assert file_stems(["P1", "H-2_b.3"]) == {"P1": "P1", "H-2_b.3": "H-2_b.3"}


def test_a_patient_called_index_does_not_overwrite_the_index() -> None:
    assert file_stems(["index"])["index"].startswith("index-")


def test_a_patient_that_stands_twice_is_refused() -> None:
    with pytest.raises(DataError) as raised:
        file_stems(["P1", "P1"])
    assert str(raised.value) == "Two patients have one name.\n  where: patient P1"
