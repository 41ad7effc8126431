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
    assert link == {"unit_a": "x2", "unit_b": "x3", "count": 1, "pictures": ["x2_b = x3_b"]}
    assert link_sentence(link) == "patient x2 and patient x3 (1 identical picture: x2_b = x3_b)"
