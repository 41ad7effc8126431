from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.groups import ClassGroups, groups_from
from leukoscope.drawn.schemes import drawn_classes
from leukoscope.errors import SettingsError
from leukoscope.evaluation.scoring import Resampling
from leukoscope.predictions.table import Predictions
from leukoscope.runs.class_groups import asked_groups, group_scores

FOUR = Classes(("MYO", "MON", "LYT", "EOS"))


def test_a_data_set_s_groups_are_taken_as_far_as_they_can_be_told() -> None:
    assert [group.name for group in asked_groups("drawn", drawn_classes(8)).groups] == ["granulocytic", "immature"]
    found = asked_groups("matek", FOUR)
    assert [group.name for group in found.groups] == ["blast", "atypical", "atypical_pmb"]
    assert found.groups[0].absent(FOUR) == ("MOB",)
    assert asked_groups(None, FOUR) == ClassGroups()


def test_one_s_own_groups_are_taken_as_they_are() -> None:
    own = groups_from({"pair": ["MYO", "MON"]})
    assert asked_groups(own, FOUR) is own


WAY = "Groups need three classes or more, some of their own among them."


@pytest.mark.parametrize(
    ("named", "classes", "what", "do"),
    [
        (
            "cnmc",
            FOUR,
            "The data set 'cnmc' declares no groups of classes.",
            "These do: pbc, matek, bloodmnist, drawn. Others are named in a YAML file.",
        ),
        ("pbc", FOUR, "No group of 'pbc' can be told among these classes: MYO, MON, LYT, EOS.", WAY),
        ("matek", Classes(("MYO", "LYT")), "No group of 'matek' can be told among these classes: MYO, LYT.", WAY),
        (
            "mateck",
            FOUR,
            "There is no data set 'mateck'.",
            "Did you mean 'matek'? Known: bloodmnist, drawn, matek, pbc.",
        ),
    ],
)
def test_groups_that_were_asked_for_never_vanish(named: str, classes: Classes, what: str, do: str) -> None:
    with pytest.raises(SettingsError) as caught:
        asked_groups(named, classes)
    assert str(caught.value) == f"{what}\n  what to do: {do}"


def test_scores_of_no_groups_are_nothing_and_of_some_are_there() -> None:
    random = np.random.default_rng(0)
    shares = random.dirichlet(np.ones(4), 40)
    table = {f"p_{name}": shares[:, place] for place, name in enumerate(FOUR.names)}
    said = Predictions(pl.DataFrame({"id": range(40), "label": list(FOUR.names) * 10, **table}), FOUR)
    assert group_scores(ClassGroups(), None, said) == {}
    found = group_scores(asked_groups("matek", FOUR), None, said, Resampling(replicates=0))["class_groups"]
    assert [group["absent"] for group in found["groups"]] == [
        ["MOB"],
        ["MOB", "MYB", "MMZ", "PMO", "EBO", "LYA"],
        ["MOB", "MYB", "MMZ", "PMO", "EBO", "LYA", "PMB"],
    ]
