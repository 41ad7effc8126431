from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits import make_split, official, places_at_hand
from leukoscope.errors import LeakageError, SettingsError

Made = tuple[Cohort, LinkedGroups]
FOLDS = {"train": ["fold_0"], "test": ["fold_2"]}


def folds(make: Callable[..., Made], pairs: list[tuple[str, str]] | None = None) -> Made:
    rows = [
        (f"{label}{patient}_{cell}", label, f"{label}{patient}", place)
        for place, first in (("fold_0", 0), ("fold_1", 5), ("fold_2", 10))
        for label in ("hem", "all")
        for patient in range(first, first + 5)
        for cell in range(3)
    ]
    return make(rows, pairs or [])


def test_places_become_parts_and_others_stay_out(make: Callable[..., Made]) -> None:
    cohort, groups = folds(make)
    split = make_split("official", cohort, groups, places={**FOLDS, "validation": ["fold_1"]})
    places = split.table.join(cohort.cells.select("id", "place"), on="id").select("part", "place").unique()
    assert sorted(places.iter_rows()) == [("test", "fold_2"), ("train", "fold_0"), ("validation", "fold_1")]
    assert (split.kind, split.seed, split.warnings) == ("official", None, ())
    without = make_split("official", cohort, groups, places=FOLDS, seed=7)
    assert without.table.height == 60
    assert without.seed == 7


def test_validation_is_drawn_from_train_in_whole_groups(make: Callable[..., Made]) -> None:
    cohort, groups = folds(make, [("all0_0", "all1_0")])
    for seed in range(4):
        split = make_split("official", cohort, groups, places=FOLDS, validation=0.4, seed=seed)
        drawn = split.part(cohort, "validation").cells
        assert set(drawn["place"]) == {"fold_0"}
        assert split.ids("validation").len() == 12
        assert {"all0", "all1"} <= set(drawn["patient"]) or not {"all0", "all1"} & set(drawn["patient"])


def test_official_parts_that_share_pictures_are_refused_by_name(make: Callable[..., Made]) -> None:
    made = folds(make, [("all0_0", "all10_2"), ("all0_1", "all10_1"), ("hem1_0", "hem11_0"), ("hem12_0", "hem13_0")])
    with pytest.raises(LeakageError) as raised:
        make_split("official", *made, places={**FOLDS, "validation": ["fold_1"]})
    assert str(raised.value) == (
        "The split puts on two sides what belongs together: 2 linked groups.\n"
        "  where: patient all0 (train) and patient all10 (test) share 2 identical pictures "
        "(all0_0 = all10_2, all0_1 = all10_1); patient hem1 (train) and patient hem11 (test) share 1 identical picture "
        "(hem1_0 = hem11_0)\n"
        "  what to do: Let the parts be drawn (split.kind holdout, split.by patient), or go on with --allow-leakage "
        "REASON: then the run, its scores, its report and its bundle carry the mark."
    )
    assert raised.value.exit_code == 2


def test_cells_without_class_are_left_out_and_counted(make: Callable[..., Made]) -> None:
    rows = [
        (f"{label}{n}", label, f"{label}{n}", place) for label in ("hem", "all") for n, place in enumerate("aaaaabb")
    ]
    cohort, groups = make([*rows, ("x", None, None, "b"), ("y", None, None, "b"), ("z", None, None, "c")])
    split = make_split("official", cohort, groups, places={"train": ["a"], "test": ["b"]})
    assert split.ids("test").len() == 4
    assert split.warnings == ("2 cells of the place 'b' (test) left out: no class is known there.",)


def test_a_single_place_need_be_no_list(make: Callable[..., Made]) -> None:
    cohort, groups = folds(make)
    made = official(cohort, groups, places={"train": "fold_0", "test": "fold_2"})
    assert made.table.equals(official(cohort, groups, places=FOLDS).table)


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (
            {"training": ["fold_0"]},
            (
                "There is no part 'training'.\n  where: split.places\n"
                "  what to do: Did you mean 'train'? Known: test, train, validation."
            ),
        ),
        (
            {"train": ["fold_0"]},
            (
                "No places are named for the part 'test'.\n  where: split.places\n"
                "  what to do: Name some of: fold_0, fold_1, fold_2."
            ),
        ),
        (
            {"train": ["fold_0"], "test": ["fold2"]},
            (
                "The data set has no place 'fold2'.\n  where: split.places.test\n"
                "  what to do: Did you mean 'fold_2'? Known: fold_0, fold_1, fold_2."
            ),
        ),
        (
            {"train": ["fold_0", "fold_1"], "test": ["fold_1", "fold_0"]},
            "The place 'fold_0' is named twice.\n  where: split.places (and 1 more)",
        ),
    ],
)
def test_wrong_places(make: Callable[..., Made], places: Mapping[str, list[str]], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        official(*folds(make), places=places)
    assert str(raised.value) == said


def test_a_data_set_without_places(make: Callable[..., Made]) -> None:
    with pytest.raises(SettingsError, match="Name some of: none, for this data set has no places"):
        official(*make([("a", "all", "1", None)]), places={})


def test_published_places_that_are_not_at_hand_can_be_left_out(make: Callable[..., Made]) -> None:
    published = {"train": ("fold_0", "fold_7"), "test": ("fold_2",), "validation": ("fold_8",)}
    assert places_at_hand(published, folds(make)[0]) == {"train": ["fold_0"], "test": ["fold_2"], "validation": []}


def test_cells_for_training_only_go_to_train_though_their_place_is_not_named(make: Callable[..., Made]) -> None:
    rows = [
        (f"{place}{label}{n}", label, f"{place}{label}{n}", place)
        for place in ("fold_0", "fold_2")
        for label in ("hem", "all")
        for n in range(6)
    ]
    rows += [("extra", "all", None, None), ("linked", "all", "other", "fold_9")]
    made = make(rows, [("extra", "linked")], training_only=["extra"])
    part = dict(make_split("official", *made, places=FOLDS, seed=0).table.select("id", "part").iter_rows())
    assert part["extra"] == "train"
    assert "linked" not in part
