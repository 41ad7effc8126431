from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leukoscope.studies.naming import LONGEST, UNFIT, folder_names, short_names, value_words, variant_words

NAMES = st.lists(st.text(st.sampled_from("ab."), min_size=1, max_size=6), unique=True, max_size=5)


@given(st.lists(st.text(max_size=150), max_size=8))
def test_folder_names_fit_every_file_system_and_are_never_the_same(titles: list[str]) -> None:
    names = folder_names(titles)
    assert len({name.lower() for name in names}) == len(titles)
    for name in names:
        assert name
        assert not name.startswith((".", "-"))
        assert not UNFIT.search(name.replace("~", ""))
        assert len(name) <= LONGEST + len("~10")


@given(NAMES)
def test_short_names_are_endings_and_tell_apart(names: list[str]) -> None:
    short = short_names(names)
    assert list(short) == names
    assert len(set(short.values())) == len(names)
    assert all(name == own or name.endswith(f".{own}") for name, own in short.items())


def test_values_are_written_as_people_do() -> None:
    assert value_words([{"flip": 0.5}, {"rotate": 360}]) == "flip=0.5+rotate=360"
    assert value_words({"top_k": {"share": 0.1, "at_least": 1}}) == "top_k(share=0.1, at_least=1)"
    assert value_words(True) == "yes"
    assert value_words(False) == "no"
    assert variant_words({}, {}) == ""
