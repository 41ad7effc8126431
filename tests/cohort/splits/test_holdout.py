from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, picture_groups
from leukoscope.cohort.splits import holdout, make_split
from leukoscope.errors import DataError, SettingsError

Made = tuple[Cohort, LinkedGroups]


def test_linked_patients_stay_together(clinic: Made) -> None:
    for seed in range(5):
        split = make_split("holdout", *clinic, seed=seed)
        parts = split.table.join(clinic[0].cells.select("id", "patient"), on="id").group_by("patient")
        part = dict(parts.agg(pl.col("part").unique().sort().str.join("/")).iter_rows())
        assert part["a01"] == part["a02"]
        assert part["h01"] == part["h02"] == part["h03"]
        assert set(part.values()) == {"train", "validation", "test"}


def test_the_groups_are_named_in_the_table(clinic: Made) -> None:
    split = holdout(*clinic, seed=0)
    assert split.table.columns == ["id", "group", "part"]
    assert set(split.table["group"]) >= {"a01+a02", "h01+h02+h03", "a03"}
    assert (split.kind, split.by, split.seed) == ("holdout", "patient", 0)


def test_only_usable_cells_of_known_class_enter(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}", label, f"{label}-{n}", None) for label in ("hem", "all") for n in range(6)]
    cohort, groups = make([*rows, ("unknown", None, "all-0", None), ("bad", "all", "all-0", None)])
    cohort = cohort.exclude(pl.DataFrame({"id": ["bad"], "reason": ["unreadable: cut off"]}))
    assert holdout(cohort, groups, seed=0).table["id"].to_list() == sorted(row[0] for row in rows)


def test_an_excluded_picture_ties_patients_all_the_same(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}_{c}", label, f"{label}{n}", None) for label in ("hem", "all") for n in range(4) for c in "ab"]
    cohort, groups = make(rows, [("all0_a", "all1_a")])
    cohort = cohort.exclude(pl.DataFrame({"id": ["all0_a"], "reason": ["blurred"]}))
    for seed in range(6):
        part = dict(make_split("holdout", cohort, groups, seed=seed).table.select("id", "part").iter_rows())
        assert part["all0_b"] == part["all1_a"] == part["all1_b"]


def test_by_cell_keeps_identical_pictures_together_but_not_patients(clinic: Made) -> None:
    split = holdout(*clinic, by="cell", seed=0)
    part = dict(split.table.select("id", "part").iter_rows())
    assert (split.by, part["a01_0"], part["a01_1"]) == ("cell", part["a02_0"], part["a02_5"])
    assert len({part[f"a01_{cell}"] for cell in range(10)}) > 1
    # The linked group of patients is what intervals are clustered by, so it is kept in the table.
    assert "a01+a02" in split.table["group"].to_list()


def test_without_patients_it_is_by_cell(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n:02d}", label, None, None) for label in ("hem", "all") for n in range(40)]
    made = make(rows, [("hem00", "hem01"), ("hem01", "hem02")])
    split = make_split("holdout", *made, seed=0)
    part = dict(split.table.select("id", "part").iter_rows())
    assert part["hem00"] == part["hem01"] == part["hem02"]
    assert split.by == "cell"
    assert split.statement == ("48 cells in train | 12 cells in validation | 20 cells in test, 0 shared, 0 linked")
    assert split.warnings == (
        (
            "No patients are known in this data set: cells of one person may be on both sides, so the score can be too "
            "good; identical pictures were kept together."
        ),
    )


def test_with_some_patients_it_is_by_patient_with_a_warning(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n:02d}", label, f"{label}{n // 4}", None) for label in ("hem", "all") for n in range(40)]
    split = make_split("holdout", *make([*rows, ("lonely", "all", None, None)]), seed=0)
    assert split.by == "patient"
    assert split.warnings == (
        (
            "1 cell of 81 name no patient: a person may be on both sides through them, so the score can be too good; "
            "identical pictures were kept together."
        ),
    )


def test_the_shares_are_those_asked_for(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n:03d}", label, f"{label}{n // 5}", None) for label in ("hem", "all") for n in range(300)]
    split = holdout(*make(rows), test=0.4, validation=0.5, seed=0)
    assert {part: split.ids(part).len() for part in ("train", "validation", "test")} == {
        "train": 180,
        "validation": 180,
        "test": 240,
    }


@pytest.mark.parametrize(
    ("given_settings", "said"),
    [
        (
            {"by": "patients"},
            (
                "A split cannot be made by 'patients'.\n  where: split.by\n"
                "  what to do: Did you mean 'patient'? Known: cell, patient."
            ),
        ),
        ({"test": 0.0}, "The share 'test' must lie between 0 and 1, both excluded; got 0.0.\n  where: split"),
        (
            {"validation": 1.5},
            "The share 'validation' must lie between 0 and 1, both excluded; got 1.5.\n  where: split",
        ),
    ],
)
def test_settings_out_of_range(clinic: Made, given_settings: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        holdout(*clinic, seed=0, **given_settings)  # type: ignore[arg-type]
    assert str(raised.value) == said


def test_nothing_to_divide(make: Callable[..., Made]) -> None:
    cohort, groups = make([("a", None, "1", None)])
    with pytest.raises(DataError) as raised:
        holdout(cohort, groups, seed=0)
    assert str(raised.value) == "No usable cell has a label, so there is nothing to divide.\n  where: small"


def test_groups_of_another_cohort_are_refused(make: Callable[..., Made]) -> None:
    cohort, _ = make([("a", "all", "1", None), ("b", "hem", "2", None), ("c", "hem", "2", None)])
    _, groups = make([("a", "all", "1", None)])
    with pytest.raises(DataError) as raised:
        holdout(cohort, groups, seed=0)
    assert str(raised.value) == (
        "The linked groups were made from another cohort: a cell is in none.\n  where: id b (and 1 more)\n"
        "  what to do: Make them from this one: linked_groups(cohort, links)."
    )


def test_where_only_patients_have_labels_those_count(make: Callable[..., Made]) -> None:
    cohort, groups = make([(f"{n:02d}_{c}", None, f"{n:02d}", None) for n in range(20) for c in range(1 + n % 4)])
    label = pl.when(pl.col("patient") < "12").then(pl.lit("all")).when(pl.col("patient") < "18").then(pl.lit("hem"))
    cohort = replace(cohort, patients=cohort.patients.with_columns(label=label))
    split = make_split("holdout", cohort, groups, seed=0)
    assert split.statement.count("patients in") == 3
    counts = split.counts(cohort)
    assert sum(part["patients"] for part in counts.values()) == 18
    for part in counts.values():
        assert min(part["classes"].values()) > 0
    assert sum(sum(part["classes"].values()) for part in counts.values()) == split.table.height


def test_what_is_linked_to_a_cell_for_training_only_goes_to_train(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}_{c}", label, f"{label}{n}", None) for label in ("hem", "all") for n in range(6) for c in "ab"]
    rows += [(f"x{n}", "all", None, None) for n in range(10)]
    made = make(rows, [("x0", "hem0_a")], training_only=[f"x{n}" for n in range(10)])
    for seed in range(5):
        split = make_split("holdout", *made, seed=seed)
        part = dict(split.table.select("id", "part").iter_rows())
        assert {part[f"x{n}"] for n in range(10)} | {part["hem0_a"], part["hem0_b"]} == {"train"}
        assert split.warnings[0] == (
            "2 cells of 1 linked group stay in train, never to be measured: they are linked to cells that are for "
            "training only."
        )
        # The shares are those of the cells that may be measured.
        assert split.ids("test").len() == pytest.approx(22 * 0.25, abs=2)


def test_each_class_is_shared_out_by_a_fact_too(make: Callable[..., Made]) -> None:
    rows = [
        (f"{label}{n:02d}_{c}", label, f"{label}{n:02d}", None)
        for label in ("hem", "all")
        for n in range(16)
        for c in range(3 + n % 5)
    ]
    cohort, groups = make(rows)
    sex = pl.when(pl.col("patient").str.contains("0[0-3]")).then(pl.lit("F")).otherwise(pl.lit("M"))
    cohort = replace(cohort, patients=cohort.patients.with_columns(sex=sex))
    for seed in range(6):
        split = make_split("holdout", cohort, groups, test=0.5, stratify="sex", seed=seed)
        women = split.table.filter(pl.col("group").str.contains("0[0-3]")).select("group", "part").unique()
        tested = women.filter(pl.col("part") == "test").with_columns(label=pl.col("group").str.head(3))
        assert tested.group_by("label").len()["len"].to_list() == [2, 2]


PATIENTS = st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=24, max_size=24)
LINKS = st.lists(st.tuples(st.integers(0, 23), st.integers(0, 23)), max_size=5)


@settings(deadline=None, max_examples=30)
@given(patients=PATIENTS, links=LINKS, seed=st.integers(0, 3), by=st.sampled_from(["patient", "cell"]), data=st.data())
def test_nothing_that_belongs_together_is_parted_whatever_the_order(
    *,
    make: Callable[..., Made],
    patients: list[int | None],
    links: list[tuple[int, int]],
    seed: int,
    by: str,
    data: st.DataObject,
) -> None:
    rows = [
        (f"c{n:02d}", "hem" if n % 2 else "all", None if patient is None else f"p{patient}", None)
        for n, patient in enumerate(patients)
    ]
    pairs = [(f"c{one:02d}", f"c{other:02d}") for one, other in links if one != other]
    cohort, groups = make(rows, pairs)
    split = holdout(cohort, groups, by=by, seed=seed)
    part = dict(split.table.select("id", "part").iter_rows())
    assert all(part[one] == part[other] for one, other in pairs)
    kept = groups.table.select("id", "group") if split.by == "patient" else picture_groups(groups)
    assert split.table.select("id", "part").join(kept, on="id").group_by("group").n_unique()["part"].max() == 1
    if split.by == "patient":
        of_patient = split.table.join(cohort.cells.select("id", "patient").drop_nulls(), on="id").group_by("patient")
        assert of_patient.agg(pl.col("part").n_unique())["part"].max() == 1
    shuffled = make(data.draw(st.permutations(rows)), data.draw(st.permutations(pairs)))
    assert holdout(*shuffled, by=by, seed=seed).table.equals(split.table)
