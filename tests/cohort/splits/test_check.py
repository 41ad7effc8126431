from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits import Split, check_split, make_split
from leukoscope.errors import DataError, LeakageError, SettingsError

Made = tuple[Cohort, LinkedGroups]


def split_of(made: Made, parts: dict[str, str]) -> Split:
    """Return a split from the part of each patient."""
    cells = made[0].labelled.join(made[1].table.select("id", "group"), on="id")
    part = pl.col("patient").replace_strict(parts, default=None, return_dtype=pl.String)
    return Split(cells.with_columns(part=part).drop_nulls("part").select("id", "group", "part"), "file", "patient")


CLEAN = {
    "a01": "train",
    "a02": "train",
    "h01": "train",
    "h02": "train",
    "h03": "train",
    "a03": "validation",
    "h04": "validation",
    "a04": "test",
    "h05": "test",
}
CLEAN_OF_TWO = {
    "all1": "train",
    "hem1": "train",
    "all2": "validation",
    "hem2": "validation",
    "all4": "test",
    "hem4": "test",
}


def test_a_clean_split_is_proved(clinic: Made) -> None:
    checked = check_split(split_of(clinic, CLEAN), *clinic)
    assert checked.statement == (
        "5 patients in train | 2 patients in validation | 2 patients in test, 0 shared, 0 linked"
    )
    assert (checked.warnings, checked.leakage) == ((), None)


def test_a_linked_patient_on_the_other_side_is_refused(clinic: Made) -> None:
    with pytest.raises(LeakageError) as raised:
        check_split(split_of(clinic, CLEAN | {"h03": "test"}), *clinic)
    assert str(raised.value) == (
        "The split puts on two sides what belongs together: 1 linked group.\n"
        "  where: patient h02 (train) and patient h03 (test) share 1 identical picture (h02_1 = h03_1)\n"
        "  what to do: Let the parts be drawn (split.kind holdout, split.by patient), or go on with --allow-leakage "
        "REASON: then the run, its scores, its report and its bundle carry the mark."
    )


def test_patients_tied_through_one_who_is_in_no_part_are_refused_too(clinic: Made) -> None:
    parts = {patient: part for patient, part in CLEAN.items() if patient != "h02"} | {"h03": "test"}
    with pytest.raises(LeakageError) as raised:
        check_split(split_of(clinic, parts), *clinic)
    assert raised.value.where == "patient h01 (train) and patient h03 (test) are linked through others"


def test_a_patient_on_two_sides_is_refused(clinic: Made) -> None:
    split = split_of(clinic, CLEAN)
    moved = pl.when(pl.col("id").is_in(["a03_0", "a03_7"])).then(pl.lit("test")).otherwise("part")
    with pytest.raises(LeakageError) as raised:
        check_split(Split(split.table.with_columns(part=moved), "file", "patient"), *clinic)
    assert str(raised.value).splitlines()[:2] == [
        "The split puts on two sides what belongs together: 1 patient.",
        "  where: patient a03 has cells on two sides (validation 8, test 2)",
    ]


def test_an_identical_picture_on_two_sides_is_refused_where_no_patients_are_known(make: Callable[..., Made]) -> None:
    made = make([(f"c{n}", "all" if n % 2 else "hem", None, None) for n in range(6)], [("c0", "c4")])
    parts = ["train", "train", "validation", "validation", "test", "test"]
    table = pl.DataFrame({"id": [f"c{n}" for n in range(6)], "group": ["x"] * 6, "part": parts})
    with pytest.raises(LeakageError) as raised:
        check_split(Split(table, "file", "cell"), *made)
    assert raised.value.where == "cell c0 (train) and cell c4 (test) are identical pictures"


def test_many_leaks_are_counted(clinic: Made) -> None:
    with pytest.raises(LeakageError) as raised:
        make_split("holdout", *clinic, by="cell", seed=0)
    assert raised.value.what == "The split puts on two sides what belongs together: 2 linked groups and 12 patients."
    assert raised.value.more == 5  # 3 pairs of patients and 12 patients, of which 10 are named


def test_many_identical_pictures_are_cut_short(make: Callable[..., Made]) -> None:
    rows = [
        (f"{patient}_{n:02d}", label, patient, None)
        for patient, label in (("1", "all"), ("2", "all"), ("3", "hem"), ("4", "hem"), ("5", "hem"))
        for n in range(20)
    ]
    made = make(rows, [(f"1_{n:02d}", f"2_{n:02d}") for n in range(20)])
    parts = {"1": "train", "2": "test", "3": "train", "4": "test", "5": "validation"}
    with pytest.raises(LeakageError, match=r"share 20 identical pictures \(1_00 = 2_00, .*, 1_11 = 2_11 and 8 more\)"):
        check_split(split_of(made, parts), *made)


def test_a_leak_that_is_allowed_marks_the_split(clinic: Made) -> None:
    split = split_of(clinic, CLEAN | {"h03": "test"})
    checked = check_split(split, *clinic, allow_leakage="  the paper splits by cell ")
    assert checked.leakage == "the paper splits by cell"
    assert checked.statement == (
        "4 patients in train | 2 patients in validation | 3 patients in test, 0 shared, 1 linked"
    )
    assert "LEAKAGE: the paper splits by cell" in repr(checked)


def test_nothing_is_marked_where_nothing_leaks(clinic: Made) -> None:
    checked = check_split(split_of(clinic, CLEAN), *clinic, allow_leakage="to be safe")
    assert checked.leakage is None
    assert checked.warnings == ("A leak was allowed by --allow-leakage, but the split has none: nothing is marked.",)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_needed(clinic: Made, reason: str) -> None:
    with pytest.raises(SettingsError) as raised:
        check_split(split_of(clinic, CLEAN), *clinic, allow_leakage=reason)
    assert str(raised.value) == (
        'A leak can only be allowed with a reason.\n  what to do: --allow-leakage "why it must be"'
    )


def test_an_empty_part_is_refused(clinic: Made) -> None:
    parts = {patient: part for patient, part in CLEAN.items() if part != "validation"}
    with pytest.raises(DataError) as raised:
        check_split(split_of(clinic, parts), *clinic)
    assert str(raised.value) == (
        "The part 'validation' is empty.\n"
        "  what to do: More patients are needed (or cells, where no patients are known), or other shares or places."
    )


def test_one_class_in_the_test_part_is_refused(clinic: Made) -> None:
    with pytest.raises(DataError) as raised:
        check_split(split_of(clinic, CLEAN | {"h05": "train"}), *clinic)
    assert str(raised.value) == (
        "The part 'test' holds cells of the class 'all' only; two are needed to tell them apart. "
        "Cells of other classes stand in 3 linked groups.\n"
        "  what to do: More patients of the other classes are needed, or other shares or places."
    )


@pytest.mark.parametrize("wrong", ["unknown", "no label", "excluded"])
def test_a_cell_that_cannot_be_used_is_refused(clinic: Made, wrong: str) -> None:
    split = split_of(clinic, CLEAN)
    cohort, groups = clinic
    if wrong == "unknown":
        strange = pl.DataFrame({"id": ["a01_00"], "group": ["x"], "part": ["train"]})
        split = Split(pl.concat([split.table, strange]), "file", "patient")
        named = "a01_00"
    elif wrong == "excluded":
        cohort = cohort.exclude(pl.DataFrame({"id": ["a04_3"], "reason": ["blurred"]}))
        named = "a04_3"
    else:
        label = pl.when(pl.col("id") == "a04_3").then(None).otherwise("label")
        cohort = Cohort.from_cells("x", cohort.root, cohort.cells.with_columns(label=label), cohort.classes)
        named = "a04_3"
    with pytest.raises(DataError) as raised:
        check_split(split, cohort, groups)
    assert str(raised.value) == (
        f"The split holds a cell that cannot be used: it is unknown, excluded or without label.\n  where: id {named}"
    )


def test_cells_without_patient_are_counted_apart(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}", label, f"{label}{n}", None) for label in ("hem", "all") for n in range(3)]
    made = make([*rows, ("x", "all", None, None), ("y", "hem", None, None)])
    parts = {f"{label}{n}": part for label in ("hem", "all") for n, part in enumerate(("train", "validation", "test"))}
    extra = pl.DataFrame({"id": ["x", "y"], "group": ["x", "y"], "part": ["train", "train"]})
    split = Split(pl.concat([split_of(made, parts).table, extra]), "file", "patient")
    assert check_split(split, *made).statement == (
        "2 patients and 2 cells without patient in train | 2 patients in validation | 2 patients in test, "
        "0 shared, 0 linked"
    )


def test_a_class_with_one_cell_stays_in_train_with_a_warning(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}", label, None, None) for label in ("basophil", "monocyte") for n in range(20)]
    made = make([*rows, ("only", "blast", None, None)], classes=("basophil", "blast", "monocyte", "promyelocyte"))
    split = make_split("holdout", *made, seed=0)
    assert dict(split.table.select("id", "part").iter_rows())["only"] == "train"
    assert split.warnings[1:] == (
        (
            "The class 'blast', 1 cell, is in train only: it cannot be measured and "
            "does not count in the choice of epoch and threshold."
        ),
        "The class 'promyelocyte' has no cell: nothing can be learnt or said of it.",
    )


def test_of_two_classes_one_with_a_single_patient_cannot_be_divided(make: Callable[..., Made]) -> None:
    rows = [(f"h{n}", "hem", f"h{n}", None) for n in range(6)] + [(f"a{n}", "all", "a", None) for n in range(6)]
    with pytest.raises(DataError, match="The part 'validation' holds cells of the class 'hem' only") as raised:
        make_split("holdout", *make(rows), seed=0)
    assert "Cells of other classes stand in 1 linked group." in str(raised.value)


def test_a_cell_for_training_only_is_refused_elsewhere(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}", label, f"{label}{n}", None) for label in ("hem", "all") for n in range(3)]
    made = make(rows, training_only=["hem1", "hem2"])
    parts = {f"{label}{n}": part for label in ("hem", "all") for n, part in enumerate(("train", "validation", "test"))}
    with pytest.raises(DataError) as raised:
        check_split(split_of(made, parts), *made)
    assert str(raised.value) == (
        "The part 'validation' holds a cell that is for training only.\n  where: id hem1 (and 1 more)\n"
        "  what to do: Put it in train, or leave it out."
    )


def test_a_column_of_texts_is_no_mark_for_training_only(make: Callable[..., Made]) -> None:
    cohort, groups = make([("a", "all", "1", None), ("b", "hem", "2", None)])
    cohort = replace(cohort, cells=cohort.cells.with_columns(training_only=pl.lit("yes")))
    with pytest.raises(DataError) as raised:
        make_split("holdout", cohort, groups, seed=0)
    assert raised.value.what == "The column 'training_only' must hold true or false; it holds String."


def test_one_class_in_the_test_part_is_a_warning_where_there_are_several_splits(clinic: Made) -> None:
    split = replace(split_of(clinic, CLEAN | {"h05": "train", "a06": "test"}), number=1, of=4)
    checked = check_split(split, *clinic)
    assert checked.warnings == (
        (
            "The class 'hem', 50 cells of 5 patients, is in train and validation only: it cannot be measured, in this "
            "one of 4 splits."
        ),
        (
            "The test part holds cells of the class 'all' only: its scores mean something only when the predictions "
            "of all 4 splits are pooled."
        ),
    )


def test_a_near_pair_on_two_sides_is_refused(make: Callable[..., Made]) -> None:
    rows = [(f"{p}_{c}", p[0], p, None) for p in ("a1", "a2", "a3", "h1", "h2", "h3") for c in range(2)]
    made = make(rows, [("a1_0", "a2_1", 0.981), ("h1_0", "h3_0", 0.97), ("h1_1", "h3_1", 0.99)], classes=("a", "h"))
    parts = {"a1": "train", "a2": "test", "a3": "validation", "h1": "train", "h2": "validation", "h3": "test"}
    with pytest.raises(LeakageError) as raised:
        check_split(split_of(made, parts), *made)
    assert raised.value.where == (
        "patient a1 (train) and patient a2 (test) share one cell in two pictures (a1_0 = a2_1, correlation 0.98); "
        "patient h1 (train) and patient h3 (test) share 2 cells in two pictures each "
        "(h1_0 = h3_0, correlation 0.97; h1_1 = h3_1, correlation 0.99)"
    )


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (
            [("a3", "a4", 71, "exact bytes")],
            "patient a3 (validation) and patient a4 (test) share 71 identical pictures of the whole data set",
        ),
        (
            [("a4", "a3", 1, "near")],
            "patient a3 (validation) and patient a4 (test) share one cell in two pictures of the whole data set",
        ),
        (
            [("a3", "a4", 0, "declared")],
            "patient a3 (validation) and patient a4 (test) are declared to be one person",
        ),
        (
            [("a3", "absent", 3, "exact bytes"), ("absent", "a4", 3, "exact bytes")],
            "patient a3 (validation) and patient a4 (test) are linked through others",
        ),
    ],
)
def test_patients_who_are_known_to_be_linked_are_refused(
    make: Callable[..., Made], known: list[tuple[str, str, int, str]], said: str
) -> None:
    rows = [(p, p[0], p, None) for p in ("a1", "a3", "a4", "h1", "h3", "h4")]
    made = make(rows, known=known, classes=("a", "h"))
    parts = {"a1": "train", "a3": "validation", "a4": "test", "h1": "train", "h3": "validation", "h4": "test"}
    with pytest.raises(LeakageError) as raised:
        check_split(split_of(made, parts), *made)
    assert raised.value.where == said


def test_the_groups_of_the_proof_are_those_of_the_checked_table(make: Callable[..., Made]) -> None:
    rows = [(f"{name}_1", name[:3], name, None) for name in CLEAN_OF_TWO]
    drawn_by = make(rows, classes=("hem", "all"))
    proof = make(rows, [("all4_1", "hem4_1", 0.98)])[1]
    split = split_of(drawn_by, CLEAN_OF_TWO)
    assert set(split.table.filter(pl.col("part") == "test")["group"]) == {"all4", "hem4"}
    checked = check_split(split, drawn_by[0], proof)
    assert checked.table.columns == ["id", "group", "part"]
    assert set(checked.table.filter(pl.col("part") == "test")["group"]) == {"all4+hem4"}
    assert checked.table.drop("group").equals(split.table.drop("group"))
