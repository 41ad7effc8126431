from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import identical_pairs, label_conflicts, linked_groups, picture_groups

PAIRS = {"id_a": pl.String, "id_b": pl.String, "kind": pl.String, "correlation": pl.Float64}


def cohort_of(patients: dict[str, str | None], labels: dict[str, str] | None = None) -> Cohort:
    labels = labels or {}
    cells = pl.DataFrame(
        {
            "id": list(patients),
            "path": list(patients),
            "patient": list(patients.values()),
            "label": [labels.get(name) for name in patients],
        },
        schema_overrides={"patient": pl.String, "label": pl.String},
    )
    return Cohort.from_cells("small", Path(), cells, Classes(("hem", "all")))


def pairs_of(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame([(*pair, "exact bytes", None) for pair in pairs], schema=PAIRS, orient="row")


def groups_of(cohort: Cohort, links: pl.DataFrame) -> dict[str, str]:
    return dict(linked_groups(cohort, links).table.select("id", "group").iter_rows())


def test_equal_bytes_and_equal_pixels_are_told_apart() -> None:
    pictures = pl.DataFrame(
        {"id": ["c", "a", "b", "d"], "sha256": ["1", "1", "2", "3"], "pixels_sha256": ["9", "9", "9", "8"]}
    )
    assert identical_pairs(pictures).rows() == [("a", "c", "exact bytes", None), ("a", "b", "exact pixels", None)]


def test_of_many_identical_pictures_each_is_paired_with_the_first() -> None:
    pictures = pl.DataFrame({"id": ["d", "b", "c", "a"], "sha256": ["1"] * 4})
    assert identical_pairs(pictures).select("id_a", "id_b").rows() == [("a", "b"), ("a", "c"), ("a", "d")]


def test_unreadable_pictures_are_paired_with_nothing() -> None:
    pictures = pl.DataFrame(
        {"id": ["a", "b"], "sha256": ["of the empty file"] * 2, "pixels_sha256": [None, None]},
        schema_overrides={"pixels_sha256": pl.String},
    )
    assert identical_pairs(pictures).schema == PAIRS
    assert identical_pairs(pictures).height == 0


def test_no_pictures_give_no_pairs() -> None:
    assert identical_pairs(pl.DataFrame({"id": []}, schema={"id": pl.String})).schema == PAIRS


def test_patients_are_joined_along_chains() -> None:
    cohort = cohort_of({"a": "H2", "b": "H4", "c": "H5", "d": "H6", "e": "20", "f": "H6"})
    groups = linked_groups(cohort, pairs_of(("a", "b"), ("b", "c"), ("d", "a")))
    assert groups.table.select("id", "unit", "group").rows() == [
        ("a", "H2", "H2+H4+H5+H6"),
        ("b", "H4", "H2+H4+H5+H6"),
        ("c", "H5", "H2+H4+H5+H6"),
        ("d", "H6", "H2+H4+H5+H6"),
        ("e", "20", "20"),
        ("f", "H6", "H2+H4+H5+H6"),
    ]
    assert groups.joined == {"H2+H4+H5+H6": ["H2", "H4", "H5", "H6"]}
    assert groups.links.select("unit_a", "unit_b").rows() == [("H2", "H4"), ("H4", "H5"), ("H6", "H2")]


def test_cells_without_patient_are_their_own_unit() -> None:
    assert groups_of(cohort_of({"a": None, "b": None, "c": "1"}), pairs_of(("a", "c"))) == {
        "a": "1+cell:a",
        "b": "cell:b",
        "c": "1+cell:a",
    }


def test_pairs_of_other_cohorts_are_left_out() -> None:
    assert groups_of(cohort_of({"a": "1", "b": "2"}), pairs_of(("a", "elsewhere"), ("x", "y"))) == {"a": "1", "b": "2"}


def test_a_pair_within_one_patient_stays_in_the_list() -> None:
    groups = linked_groups(cohort_of({"a": "1", "b": "1"}), pairs_of(("a", "b")))
    assert groups.joined == {}
    assert groups.links.height == 1


def known(*links: tuple[str, str, int]) -> pl.DataFrame:
    columns = ["patient_a", "patient_b", "pictures"]
    return pl.DataFrame(links, schema=columns, orient="row").with_columns(
        kind=pl.lit("exact bytes"), reason=pl.lit("its published hashes")
    )


def test_what_is_known_of_patients_joins_them_also_through_one_who_is_not_there() -> None:
    cohort = replace(
        cohort_of({"a": "17", "b": "21", "c": "5"}), patient_links=known(("17", "20", 1), ("20", "21", 71))
    )
    groups = linked_groups(cohort, pairs_of())
    assert dict(groups.table.select("unit", "group").iter_rows()) == {"17": "17+20+21", "21": "17+20+21", "5": "5"}
    assert groups.joined == {"17+20+21": ["17", "21"]}
    assert groups.links.select("id_a", "id_b", "kind", "pictures", "unit_a", "unit_b").rows() == [
        (None, None, "exact bytes", 1, "17", "20"),
        (None, None, "exact bytes", 71, "20", "21"),
    ]
    assert picture_groups(groups)["group"].to_list() == ["a", "b", "c"]


def test_a_large_group_has_a_short_name() -> None:
    ids = [f"c{number:03d}" for number in range(300)]
    cohort = cohort_of({name: name for name in ids})
    names = set(groups_of(cohort, pairs_of(*((ids[0], other) for other in ids[1:]))).values())
    assert names == {"c000+c001+c002+c003+c004+c005+c006+c007+292 more"}


def test_picture_groups_do_not_mind_patients() -> None:
    cohort = cohort_of({"a": "1", "b": "1", "c": "2", "d": "3"})
    assert picture_groups(linked_groups(cohort, pairs_of(("a", "c")))).rows() == [
        ("a", "a+c"),
        ("b", "b"),
        ("c", "a+c"),
        ("d", "d"),
    ]


def test_a_picture_under_two_classes_is_a_conflict_for_all_its_copies() -> None:
    cohort = cohort_of(dict.fromkeys("abcde"), {"a": "all", "b": "all", "c": "hem", "d": "hem", "e": "hem"})
    reason = "the same picture is filed under several classes: all, hem"
    conflicts = label_conflicts(cohort, pairs_of(("a", "b"), ("a", "c"), ("d", "e")))
    assert conflicts.rows() == [("a", reason), ("b", reason), ("c", reason)]


def test_a_copy_without_label_is_no_conflict() -> None:
    assert label_conflicts(cohort_of({"a": None, "b": None}, {"a": "all"}), pairs_of(("a", "b"))).height == 0


EDGES = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=25)
PATIENTS = st.lists(st.one_of(st.none(), st.sampled_from("12345")), min_size=20, max_size=20)


@settings(deadline=None)
@given(EDGES, PATIENTS)
def test_linked_cells_and_cells_of_a_patient_share_a_group_and_no_others_do(
    edges: list[tuple[int, int]], patients: list[str | None]
) -> None:
    ids = [f"c{number:02d}" for number in range(20)]
    ties = [(ids[one], ids[other]) for one, other in edges if one != other]
    groups = groups_of(cohort_of(dict(zip(ids, patients, strict=True))), pairs_of(*ties))
    ties += [
        (one, other)
        for place, one in enumerate(ids)
        for number, other in enumerate(ids)
        if patients[place] is not None and patients[place] == patients[number]
    ]
    reached = {name: {name} for name in ids}
    for _ in ids:
        for one, other in ties:
            reached[one] |= reached[other]
            reached[other] |= reached[one]
    for one in ids:
        assert {other for other in ids if groups[other] == groups[one]} == reached[one]
