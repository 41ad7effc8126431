from __future__ import annotations

import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.groups import ClassGroup, ClassGroups, groups_from
from leukoscope.cohort.known_groups import OF_DRAWN, OF_EIGHT, OF_FIFTEEN
from leukoscope.cohort.readers import READERS
from leukoscope.cohort.readers.matek import CLASSES as FIFTEEN
from leukoscope.cohort.readers.pbc import CLASSES as EIGHT
from leukoscope.drawn.schemes import drawn_classes
from leukoscope.errors import SettingsError

FOUR = Classes(("a", "b", "c", "d"))


def test_atypical_cells_are_the_seven_terms_of_the_paper_and_a_variant_of_eight() -> None:
    groups = {group.name: group.classes for group in OF_FIFTEEN.groups}
    assert groups["blast"] == ("MYO", "MOB")
    assert sorted(groups["atypical"]) == sorted(["MYO", "MOB", "MYB", "MMZ", "PMO", "EBO", "LYA"])
    assert set(groups["atypical_pmb"]) - set(groups["atypical"]) == {"PMB"}


@pytest.mark.parametrize(("reader", "classes"), [("matek", FIFTEEN), ("pbc", EIGHT), ("bloodmnist", EIGHT)])
def test_declared_groups_name_classes_that_there_are(reader: str, classes: Classes) -> None:
    declared = READERS[reader].description.groups
    assert declared.groups
    assert declared.checked(classes) is declared
    assert declared.among(classes) == declared


def test_drawn_cells_have_the_groups_of_their_classes_without_published_figures() -> None:
    eight, fifteen = (OF_DRAWN.among(drawn_classes(number)) for number in (8, 15))
    assert [group.name for group in eight.groups] == [group.name for group in OF_EIGHT.groups]
    assert [group.name for group in fifteen.groups] == [group.name for group in OF_FIFTEEN.groups]
    assert not any(group.published for group in (*eight.groups, *fifteen.groups))
    assert OF_DRAWN.lineage_of(drawn_classes(8))[:4] == ["granulocytic", "granulocytic", "erythroblast", "granulocytic"]


def test_groups_that_cannot_be_told_are_left_out() -> None:
    groups = groups_from({"some": ["a", "x"], "all": ["a", "b", "c", "d"], "none": ["x"]}, {"ab": ["a", "b"]})
    kept = groups.among(FOUR)
    assert [group.name for group in kept.groups] == ["some"]
    assert kept.groups[0].present(FOUR) == ("a",)
    assert kept.groups[0].absent(FOUR) == ("x",)
    assert [lineage.name for lineage in kept.lineages] == ["ab"]
    assert groups_from({}, {"ax": ["a", "x"]}).among(FOUR).lineages == ()
    assert groups.among(Classes(("a", "b"))) == ClassGroups()


def test_a_class_of_no_lineage_stands_alone() -> None:
    assert groups_from({}, {"ab": ["b", "a"]}).lineage_of(FOUR) == ["ab", "ab", "c", "d"]


@pytest.mark.parametrize(
    ("groups", "lineages", "sentence"),
    [
        ({"g": []}, {}, "The group 'g' has no class."),
        ({"g": ["a", "a"]}, {}, "The group 'g' names a class twice: a, a."),
        ({"other": ["a"]}, {}, "A group cannot be called 'other': that is what all other classes are called."),
        ({}, {"x": ["a"], "y": ["b", "a"]}, "The class 'a' is of two lineages, 'x' and 'y'."),
    ],
)
def test_groups_that_make_no_sense_are_refused(
    groups: dict[str, list[str]], lineages: dict[str, list[str]], sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        groups_from(groups, lineages)
    assert str(caught.value).splitlines()[0] == sentence


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"A group of classes is named twice: g, g\."):
        ClassGroups((ClassGroup("g", ("a",)), ClassGroup("g", ("b",))))


def test_a_class_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        groups_from({"blast": ["MYO", "NGX"]}).checked(FIFTEEN)
    assert str(caught.value).startswith("The group 'blast' names the class 'NGX', which is not there.\n")
    assert "Did you mean 'NG" in str(caught.value)


@pytest.mark.parametrize(
    ("groups", "lineages", "classes", "sentence"),
    [
        ({"g": ["a"]}, {}, Classes(("a", "b")), "Groups are of more than two classes; here are two: a, b."),
        ({}, {"g": ["a", "b"]}, Classes(("a", "b")), "Groups are of more than two classes; here are two: a, b."),
        ({"g": ["d", "c", "b", "a"]}, {}, FOUR, "The group 'g' holds every class: there is none to tell it from."),
        (
            {},
            {"x": ["a"], "y": ["b"]},
            FOUR,
            "No lineage has two classes, so that no error stays within one: x, y.",
        ),
    ],
)
def test_what_somebody_named_is_never_left_out_in_silence(
    groups: dict[str, list[str]], lineages: dict[str, list[str]], classes: Classes, sentence: str
) -> None:
    asked = groups_from(groups, lineages)
    with pytest.raises(SettingsError) as caught:
        asked.checked(classes)
    assert str(caught.value).splitlines()[0] == sentence
    assert not asked.among(classes)


def test_no_groups_are_checked_without_a_word() -> None:
    assert not groups_from({}).checked(Classes(("a", "b")))
