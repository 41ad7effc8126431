from __future__ import annotations

from collections.abc import Callable

import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits import make_split
from leukoscope.cohort.splits.limits import link_sentence, weakest_link

Made = tuple[Cohort, LinkedGroups]


def chained(make: Callable[..., Made], pairs: list[tuple[str, str]]) -> Made:
    """Return a cohort in which four patients hold a class, beside two others of ten patients each."""
    rows = [
        (f"{label[0]}{n}_{c}", label, f"{label[0]}{n}", None)
        for label in ("hem", "all")
        for n in range(10)
        for c in "ab"
    ]
    rows += [(f"x{n}_{c}", "rare", f"x{n}", None) for n in range(4) for c in "abcd"]
    return make(rows, pairs, classes=("hem", "all", "rare"))


def test_a_chain_that_swallows_a_class_is_reported_with_its_weakest_link(make: Callable[..., Made]) -> None:
    pairs = [("x0_a", "x1_a"), ("x0_b", "x1_b"), ("x1_c", "x2_c"), ("x2_a", "x3_a"), ("x2_b", "x3_b"), ("x2_d", "x3_c")]
    split = make_split("holdout", *chained(make, pairs), seed=0)
    assert split.warnings == (
        (
            "The class 'rare', 16 cells of 4 patients, is in train only: it cannot be measured and "
            "does not count in the choice of epoch and threshold."
        ),
        (
            "A chain of links holds 16 cells of the 16 of the class 'rare' together (x0+x1+x2+x3); its weakest link: "
            "patient x1 and patient x2 (1 identical picture: x1_c = x2_c)."
        ),
    )


def test_a_class_of_few_patients_is_no_chain(make: Callable[..., Made]) -> None:
    rows = [(f"{label[0]}{n}", label, f"{label[0]}{n}", None) for label in ("hem", "all") for n in range(10)]
    made = make([*rows, ("x", "rare", "x", None)], classes=("hem", "all", "rare"))
    assert make_split("holdout", *made, seed=0).warnings == (
        (
            "The class 'rare', 1 cell of 1 patient, is in train only: it cannot be measured and "
            "does not count in the choice of epoch and threshold."
        ),
    )


def test_linked_patients_of_a_class_that_is_in_every_part_are_no_matter(make: Callable[..., Made]) -> None:
    assert make_split("holdout", *chained(make, [("h0_a", "h1_a"), ("h1_b", "h2_b")]), seed=0).warnings == ()


@pytest.mark.parametrize("reverse", [False, True])
def test_the_weakest_link_is_none_that_a_stronger_way_goes_round(make: Callable[..., Made], reverse: bool) -> None:
    # x0 and x2 share one picture, but two each tie both of them to x1: only x3 hangs by one.
    pairs = [("x0_a", "x1_a"), ("x0_b", "x1_b"), ("x1_c", "x2_c"), ("x1_d", "x2_d"), ("x0_c", "x2_a"), ("x3_b", "x2_b")]
    _, groups = chained(make, pairs[::-1] if reverse else pairs)
    link = weakest_link("x0+x1+x2+x3", groups)
    assert {key: link[key] for key in ("unit_a", "unit_b", "count", "pictures")} == {
        "unit_a": "x2",
        "unit_b": "x3",
        "count": 1,
        "pictures": ["x2_b = x3_b"],
    }
    assert link_sentence(link) == "patient x2 and patient x3 (1 identical picture: x2_b = x3_b)"


def test_the_weakest_link_may_be_one_that_was_known_of_a_patient_who_is_not_here(make: Callable[..., Made]) -> None:
    # 17 and 20 hang together through 21, who has no cell here; what ties 21 to 99 parts nobody.
    known = [("17", "21", 1, "near"), ("21", "20", 71, "exact bytes"), ("21", "99", 1, "exact bytes")]
    rows = [(f"{patient}_{c}", "all", patient, None) for patient in ("17", "20") for c in "ab"]
    _, groups = make(rows, known=known)
    (group,) = groups.joined
    link = weakest_link(group, groups)
    assert link_sentence(link) == "patient 17 and patient 21 (one cell in two pictures of the whole data set)"


def test_pictures_at_hand_do_not_count_beside_those_known_of_the_whole_set(make: Callable[..., Made]) -> None:
    rows = [(f"{patient}_{c}", "all", patient, None) for patient in ("1", "2", "3") for c in "abc"]
    known = [("1", "2", 2, "exact bytes")]
    _, groups = make(rows, [("1_a", "2_a"), ("2_a", "3_a"), ("2_b", "3_b"), ("2_c", "3_c")], known=known)
    link = weakest_link("1+2+3", groups)
    assert link_sentence(link) == "patient 1 and patient 2 (2 identical pictures, 1 of them here: 1_a = 2_a)"


def test_a_declared_link_in_words(make: Callable[..., Made]) -> None:
    _, groups = make([("a", "all", "1", None), ("b", "all", "2", None)], known=[("1", "2", 0, "declared")])
    assert link_sentence(weakest_link("1+2", groups)) == "patient 1 and patient 2 (declared to be one person)"
