"""What is known of C-NMC's subjects, recomputed from the published hashes; sets merged as they lie on disk."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort import Cohort, read_cohort
from leukoscope.cohort.class_maps import load_class_map
from leukoscope.cohort.hashes import hashes_table, without_pictures
from leukoscope.cohort.links import LINK_SCHEMA, identical_pairs, linked_groups
from leukoscope.cohort.merging import merge
from leukoscope.cohort.readers import READERS
from leukoscope.cohort.readers.cnmc_links import BETWEEN, TWIN, WITHIN

GROUPS = [["17", "20", "21"], ["51", "75", "78"], ["H10", "H3"], ["H2", "H4", "H5", "H6"]]


@pytest.fixture(scope="module")
def whole(real_data: Path) -> Cohort:
    """The whole C-NMC by its published hashes, without a picture."""
    return read_cohort(real_data / "cnmc" / "hashes_of_the_whole_set.csv")


def test_the_published_hashes_are_read_as_the_whole_set(whole: Cohort) -> None:
    assert (whole.reader, whole.usable.height) == ("cnmc", 15_114)
    assert without_pictures(whole)
    training = whole.cells.filter(pl.col("place").str.starts_with("fold_"))
    assert dict(training["label"].value_counts().iter_rows()) == {"all": 7272, "hem": 3389}
    assert training["patient"].n_unique() == 73
    assert whole.cells.select("sha256", "bytes").null_count().row(0) == (0, 0)
    assert "Not in a labels csv, so of unknown class: 1,867 preliminary pictures." in whole.notes


def test_the_pairs_that_the_reader_knows_are_those_of_the_hashes(whole: Cohort) -> None:
    pairs = identical_pairs(hashes_table(whole))
    sets = whole.cells.group_by("sha256").len().filter(pl.col("len") > 1)
    # No file stands more than twice, so pairs with the first of a set and all pairs are one number.
    assert (pairs.height, sets["len"].unique().to_list()) == (106, [2])
    sides = whole.cells.select("id", "patient", "place", "label")
    for end in ("a", "b"):
        pairs = pairs.join(sides.rename({name: f"{name}_{end}" for name in sides.columns}), on=f"id_{end}")
    known = pairs.drop_nulls(["patient_a", "patient_b"])
    counts = Counter(frozenset(pair) for pair in known.select("patient_a", "patient_b").iter_rows())
    assert counts == {**{frozenset(pair): number for pair, number in BETWEEN.items()}, frozenset({"H10"}): 5}
    assert pairs.filter(pl.col("patient_a").is_null())["place_a"].to_list() == ["final", "final"]
    assert list(WITHIN.values()) == [5, 2]
    assert (sum(BETWEEN.values()), sum(BETWEEN.values()) + sum(WITHIN.values())) == (99, 106)
    assert known.filter(pl.col("place_a") != pl.col("place_b")).height == 94
    assert known.filter(pl.col("label_a") != pl.col("label_b")).height == 0


def test_hashes_and_known_links_give_the_published_groups(whole: Cohort) -> None:
    by_hash = linked_groups(whole, identical_pairs(hashes_table(whole)))
    people = [units for units in by_hash.joined.values() if not units[0].startswith("cell:")]
    assert sorted(people) == GROUPS
    assert set(TWIN) <= set(whole.cells["id"])
    about = READERS["cnmc"].description
    assert sorted(sorted(group) for group in about.known_groups) == GROUPS


def known_groups_of(cohort: Cohort) -> dict[str, str]:
    """Return the group of each subject by what the reader knows, without any picture or hash."""
    groups = linked_groups(cohort, pl.DataFrame(schema=LINK_SCHEMA))
    return dict(groups.table.select("unit", "group").unique().iter_rows())


def test_a_part_of_the_set_is_linked_without_looking_at_a_picture(real_data: Path) -> None:
    here = known_groups_of(read_cohort(real_data / "cnmc"))
    assert here["20"] == here["21"] == "17+20+21"
    assert len({here[name] for name in ("H2", "H4", "H5", "H6")}) == 1


def test_whoever_ties_two_subjects_need_not_be_at_hand(whole: Cohort) -> None:
    fold_2 = whole.select(whole.cells.filter(pl.col("place") == "fold_2")["id"])
    here = known_groups_of(fold_2)
    assert "51" not in here
    assert here["75"] == here["78"] == "51+75+78"


def test_pbc_s_finer_types_fill_matek_s_rare_classes(real_data: Path) -> None:
    matek, pbc = read_cohort(real_data / "matek"), read_cohort(real_data / "pbc")
    merged = merge(matek, pbc, load_class_map("pbc_to_matek"), training_only=True)
    counts = dict(merged.counts().select("label", "cells").iter_rows())
    assert (counts["MMZ"], counts["MYB"], counts["PMO"], counts["NGB"]) == (35, 43, 35, 54)
    assert (merged.labelled.height, merged.cells["training_only"].sum()) == (45 + 816, 817 + 144)
    assert all(merged.file(path).is_file() for path in merged.cells["path"])
    assert "Left out, being in no class of the map: 144 cells (PLATELET 120, IG 16, NEUTROPHIL 8)." in merged.notes
