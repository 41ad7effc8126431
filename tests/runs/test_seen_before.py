from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.check import NOT_NEEDED
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import LeakageError
from leukoscope.models.seen import Seen
from leukoscope.runs.seen_before import WAY_ON, marked_as_seen

IDS = [f"c{place}" for place in range(6)]
COHORT = Cohort.from_cells(
    "tiny",
    Path("/nowhere"),
    pl.DataFrame({"id": IDS, "path": IDS, "label": ["a", "b"] * 3, "source": ["pbc"] * 6}),
    Classes(("a", "b")),
)
PICTURES = pl.DataFrame({"id": IDS, "sha256": [f"{place}" * 64 for place in range(6)]})
PARTS = ["train", "train", "validation", "validation", "test", "test"]
SPLIT = Split(pl.DataFrame({"id": IDS, "group": IDS, "part": PARTS}), "holdout", "cell", warnings=("w", NOT_NEEDED))


def test_nothing_seen_changes_nothing() -> None:
    assert marked_as_seen(SPLIT, COHORT, PICTURES, Seen()) == SPLIT
    # seen in training again is no leak: those cells are learnt from anyway
    assert marked_as_seen(SPLIT, COHORT, PICTURES, Seen(frozenset({"0" * 16, "2" * 16}), ("matek",))) == SPLIT


def test_a_test_picture_that_was_seen_is_refused() -> None:
    with pytest.raises(LeakageError) as caught:
        marked_as_seen(SPLIT, COHORT, PICTURES, Seen(frozenset({"4" * 16, "5" * 16})))
    assert str(caught.value) == (
        "The weights that the network starts from have seen 2 pictures of the test part.\n"
        f"  where: c4, c5\n  what to do: {WAY_ON}"
    )


def test_with_a_reason_it_is_marked_as_a_leak() -> None:
    found = marked_as_seen(SPLIT, COHORT, PICTURES, Seen(frozenset({"4" * 16})), allow_leakage=" a demonstration ")
    what = "The weights that the network starts from have seen 1 picture of the test part"
    assert found.mark == found.seen == f"{what}, allowed because: a demonstration"
    assert (found.leakage, found.warnings) == (None, ("w",))


def test_a_data_set_seen_in_pretraining_is_marked_by_itself() -> None:
    found = marked_as_seen(SPLIT, COHORT, PICTURES, Seen(sets=("pbc", "matek")))
    said = "The weights that the network starts from saw, or may have seen, pbc in pretraining."
    assert (found.leakage, found.seen, found.warnings) == (None, said, SPLIT.warnings)


def test_what_this_split_learns_from_itself_is_no_fault_of_the_weights() -> None:
    twins = PICTURES.with_columns(pl.Series("sha256", [f"{place % 4}" * 64 for place in range(6)]))
    assert marked_as_seen(SPLIT, COHORT, twins, Seen(frozenset({"0" * 16, "1" * 16}))) == SPLIT


def test_a_bundle_that_lists_no_pictures_is_warned_of() -> None:
    found = marked_as_seen(SPLIT, COHORT, PICTURES, Seen(unlisted=("runs/old/bundle",)))
    assert found.seen is None
    assert found.warnings[-1] == (
        "The bundle runs/old/bundle does not list the pictures that it has seen: whether some of the test part are "
        "among them is not known."
    )
