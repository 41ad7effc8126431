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
    assert marked_as_seen(SPLIT, COHORT, PICTURES, Seen()) is SPLIT
    # seen in training again is no leak: those cells are learnt from anyway
    assert marked_as_seen(SPLIT, COHORT, PICTURES, Seen(frozenset({"0" * 16, "2" * 16}), ("matek",))) is SPLIT


def test_a_test_picture_that_was_seen_is_refused() -> None:
    with pytest.raises(LeakageError) as caught:
        marked_as_seen(SPLIT, COHORT, PICTURES, Seen(frozenset({"4" * 16, "5" * 16})))
    assert str(caught.value) == (
        "The weights that the network starts from have seen 2 pictures of the test part.\n"
        f"  where: c4, c5\n  what to do: {WAY_ON}"
    )


def test_with_a_reason_it_is_marked_as_a_leak() -> None:
    found = marked_as_seen(SPLIT, COHORT, PICTURES, Seen(frozenset({"4" * 16})), allow_leakage=" a demonstration ")
    assert found.leakage == "a demonstration"
    assert found.warnings == (
        "w", "The weights that the network starts from have seen 1 picture of the test part.",
    )  # fmt: skip


def test_a_data_set_seen_in_pretraining_is_marked_by_itself() -> None:
    found = marked_as_seen(SPLIT, COHORT, PICTURES, Seen(sets=("pbc", "matek")))
    said = "The weights that the network starts from saw pbc in pretraining, without labels."
    assert found.leakage == said
    assert found.warnings == ("w", said)
