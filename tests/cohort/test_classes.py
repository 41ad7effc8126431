from __future__ import annotations

from typing import Any

import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError


def test_of_two_classes_the_second_is_positive() -> None:
    classes = Classes(("hem", "all"))
    assert (classes.positive, classes.titles, classes.binary, len(classes)) == ("all", ("hem", "all"), True, 2)


def test_the_first_can_be_named_positive() -> None:
    assert Classes(("all", "hem"), positive="all").positive == "all"


def test_of_more_classes_none_is_positive() -> None:
    classes = Classes(("a", "b", "c"), ("A", "B", "C"))
    assert (classes.positive, classes.binary, classes.title("b"), classes.index("c")) == (None, False, "B", 2)


def test_they_come_back_from_json() -> None:
    classes = Classes(("hem", "all"), ("normal", "leukaemic"), "hem")
    assert Classes.from_json(classes.as_json()) == classes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"names": ()}, "At least two classes are needed to tell cells apart; found: none."),
        ({"names": ("all",)}, "At least two classes are needed to tell cells apart; found: all."),
        ({"names": ("a", "b", "a")}, "A class is named twice: a, b, a."),
        ({"names": ("a", "b"), "titles": ("A",)}, "There are 2 classes but 1 titles."),
        (
            {"names": ("hem", "all"), "positive": "al"},
            "There is no class 'al'.\n  what to do: Did you mean 'all'? Known: all, hem.",
        ),
        (
            {"names": ("a", "b", "c"), "positive": "a"},
            "A positive class can only be named where there are two classes.",
        ),
    ],
)
def test_what_cannot_be_classes(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Classes(**arguments)
    assert str(raised.value) == said


def test_an_unknown_class_is_named() -> None:
    with pytest.raises(SettingsError) as raised:
        Classes(("hem", "all")).title("hm")
    assert str(raised.value) == "There is no class 'hm'.\n  what to do: Did you mean 'hem'? Known: all, hem."
