from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.cohort import Cohort, read_cohort
from leukoscope.cohort.readers.rows import as_numbers
from leukoscope.errors import DataError, LeukoscopeError, SettingsError

PICTURES = ["p/1.png", "p/2.png", "p/3.png", "p/4.png"]
PLAIN = "id,path,label,patient,place,area\n1,p/1.png,hem,a,x,12\n2,p/2.png,all,b,,7.5\n3,p/3.png,all,b,,\n"
GUESSED = (
    "Classes in alphabetical order: all, hem (option classes).",
    "Taken as the positive class: all (option positive).",
)


def read(tree: Callable[[list[str]], Path], text: str, **options: object) -> Cohort:
    root = tree(PICTURES)
    (root / "cells.csv").write_text(text)
    return read_cohort(root / "cells.csv", "table", **options)


def test_columns_of_our_names_are_taken_and_others_kept_as_numbers(tree: Callable[[list[str]], Path]) -> None:
    cohort = read(tree, PLAIN)
    assert cohort.name == "cells"
    assert cohort.cells.columns[-1] == "area"
    assert cohort.cells["area"].to_list() == [12.0, 7.5, None]
    assert cohort.cells["id"].to_list() == ["1", "2", "3"]
    assert cohort.cells["place"].to_list() == ["x", None, None]
    assert cohort.cells["source"].unique().to_list() == ["cells"]
    assert cohort.notes == GUESSED


def test_other_names_are_mapped_and_the_id_serves_as_the_path(tree: Callable[[list[str]], Path]) -> None:
    columns = {"id": "file", "label": "class"}
    cohort = read(tree, "file,class,label\np/1.png,hem,old\np/2.png,all,old\n", columns=columns)
    assert cohort.cells.select("id", "path", "label", "excluded").rows() == [
        ("p/1.png", "p/1.png", "hem", None),
        ("p/2.png", "p/2.png", "all", None),
    ]


def test_the_path_without_its_ending_serves_as_the_id(tree: Callable[[list[str]], Path]) -> None:
    cohort = read(tree, "path,label\np\\1.png,hem\np/2.png,all\n")
    assert cohort.cells.select("id", "path").rows() == [("p\\1", "p/1.png"), ("p/2", "p/2.png")]
    assert cohort.usable.height == 2


def test_paths_are_relative_to_the_root_or_absolute(tree: Callable[[list[str]], Path], tmp_path: Path) -> None:
    root = tree(PICTURES)
    (tmp_path / "cells.csv").write_text(f"path,label\n1.png,hem\n{root}/p/2.png,all\n")
    cohort = read_cohort(tmp_path / "cells.csv", root="data/p")
    assert cohort.usable.height == 2
    assert [cohort.file(path).is_file() for path in cohort.cells["path"]] == [True, True]


def test_a_parquet_table_with_numbers_for_names(tree: Callable[[list[str]], Path]) -> None:
    root = tree(PICTURES)
    table = pl.DataFrame(
        {"id": [1, 2], "path": PICTURES[:2], "label": [0.0, 1.0], "patient": [7.0, None], "ok": [True, False]}
    )
    table.write_parquet(root / "cells.parquet")
    cohort = read_cohort(root / "cells.parquet")
    assert cohort.cells.select("id", "label", "patient", "ok").rows() == [
        ("1", "0", "7", True),
        ("2", "1", None, False),
    ]
    assert cohort.classes.positive == "1"
    assert cohort.notes[-1] == "cells.parquet: 1 row without patient (row 3)."


def test_what_cannot_be_used_is_excluded_with_its_reason_and_counted(tree: Callable[[list[str]], Path]) -> None:
    cohort = read(
        tree,
        "id,path,label\n1,p/1.png,hem\n2,p/2.png,all\n3,p/9.png,all\n4,,all\n5,p/3.png,NaN\n6,p/1.png,hem\n7,p/4.png,\n",
    )
    assert cohort.cells["excluded"].to_list() == [
        None,
        None,
        "the file is missing",
        "no path",
        "its label is NaN, which is no class",
        "the file of cell '1' once more",
        None,
    ]
    assert cohort.cells["label"].to_list() == ["hem", "all", "all", "all", None, "hem", None]
    assert cohort.notes[2:] == (
        "cells.csv: 1 row excluded, the file is missing (row 4).",
        "cells.csv: 1 row excluded, no path (row 5).",
        "cells.csv: 1 row excluded, its label is NaN, which is no class (row 6).",
        "cells.csv: 1 row excluded, the file of another cell once more (row 7).",
        "cells.csv: 1 row without label (row 8).",
    )


def test_many_rows_and_many_reasons_make_few_notes(tree: Callable[[list[str]], Path]) -> None:
    rows = "".join(f"{number},p/1.png,odd{number % 9}\n" for number in range(20))
    cohort = read(tree, f"id,path,label\na,p/2.png,hem\n{rows}", classes=["hem", "all"])
    assert cohort.usable.height == 1
    assert cohort.notes[1] == "cells.csv: 3 rows excluded, its label is odd0, which is no class (row 3, 12, 21)."
    assert cohort.notes[-1] == "cells.csv: 8 rows excluded for other reasons."
    assert len(cohort.notes) == 7


def test_an_exclusion_in_the_table_is_kept(tree: Callable[[list[str]], Path]) -> None:
    cohort = read(tree, "path,label,excluded\np/1.png,hem,\np/2.png,all,blurred\np/3.png,all,\n")
    assert cohort.cells["excluded"].to_list() == [None, "blurred", None]


def test_classes_can_be_ordered_and_other_labels_are_excluded(tree: Callable[[list[str]], Path]) -> None:
    cohort = read(tree, PLAIN + "4,p/4.png,smudge,c,,\n", classes=["hem", "all"], positive="all")
    assert cohort.classes.names == ("hem", "all")
    assert cohort.cells["excluded"].to_list() == [None, None, None, "its label is smudge, which is no class"]
    assert cohort.notes == ("cells.csv: 1 row excluded, its label is smudge, which is no class (row 5).",)


def test_a_second_table_gives_the_patients_their_labels_and_facts(tree: Callable[[list[str]], Path]) -> None:
    root = tree(PICTURES)
    (root / "who.csv").write_text("Nr,label,age,sex,code\na,hem,61,F,007\nb,all,NaN,M,012\nb,all,NaN,M,012\n")
    (root / "cells.csv").write_text(PLAIN + "4,p/4.png,hem,c,,\n")
    cohort = read_cohort(root / "cells.csv", patients="who.csv", patient_columns={"patient": "Nr"})
    assert cohort.patients.rows() == [
        ("a", "hem", 61, "F", "007"),
        ("b", "all", None, "M", "012"),
        ("c", None, None, None, None),
    ]
    assert cohort.notes[-1] == "Not in the table of patients: 1 patient (c)."


def test_a_patients_label_may_stand_on_every_cell(tree: Callable[[list[str]], Path]) -> None:
    cohort = read(
        tree, "path,patient,kind\np/1.png,a,hem\np/2.png,b,all\np/3.png,b,\n", columns={"patient_label": "kind"}
    )
    assert dict(cohort.patients.select("patient", "label").iter_rows()) == {"a": "hem", "b": "all"}
    assert cohort.cells["label"].null_count() == 3
    assert "patient_label" not in cohort.cells.columns


def test_a_patient_with_cells_of_two_classes_is_noted(tree: Callable[[list[str]], Path]) -> None:
    cohort = read(tree, PLAIN + "4,p/4.png,hem,b,,\n")
    assert cohort.notes[-1] == "Cells of more than one class: 1 patient (b)."


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "id,path,label\n1,p/1.png,hem\n1,p/2.png,all\n",
            {},
            (
                "The id '1' stands on two rows.\n"
                "  where: {csv}, rows 2 and 3\n"
                "  what to do: Make them different, or take one out."
            ),
        ),
        (
            "id,path,label\n,p/1.png,hem\n2,p/2.png,all\n",
            {},
            "A row has no id.\n  where: {csv}, row 2\n  what to do: Fill it in, or take the row out.",
        ),
        (
            "file,label\np/1.png,hem\n",
            {},
            (
                "The table has neither a column 'id' nor a column 'path'; it has: file, label.\n"
                "  where: {csv}\n"
                "  what to do: Say with the option columns what they are called: columns={{path: NAME}}."
            ),
        ),
        (
            "path,class\np/1.png,hem\n",
            {"columns": {"label": "clas"}},
            (
                "The table has no column 'clas' (for label).\n"
                "  where: {csv}\n"
                "  what to do: Did you mean 'class'? Known: class, path. Say with the option columns what it is called."
            ),
        ),
        (
            PLAIN,
            {"columns": {"lable": "class"}},
            (
                "The option columns has no column 'lable'.\n"
                "  what to do: Did you mean 'label'? "
                "Known: excluded, id, label, path, patient, patient_label, place, source."
            ),
        ),
        (
            PLAIN,
            {"columns": "label"},
            "The option columns must be a mapping from our names to the table's; got 'label'.",
        ),
        (
            PLAIN,
            {"patient_columns": {"patient": "Nr"}},
            "The option patient_columns needs the option patients, the table that it speaks of.",
        ),
        (
            "path,label\np/1.png,hem\np/2.png,all\n",
            {"patients": "cells.csv"},
            (
                "A table of patients was given, but no cell names its patient (column 'patient').\n"
                "  where: {csv}\n"
                "  what to do: Say with the option columns what it is called: columns={{patient: NAME}}."
            ),
        ),
        (
            "path,patient,patient_label\np/1.png,a,hem\np/2.png,a,all\n",
            {},
            (
                "Patient 'a' has two labels, 'hem' and 'all'.\n"
                "  where: {csv}, rows 2 and 3\n"
                "  what to do: Keep the right one."
            ),
        ),
        ("path,label\n", {}, "The table has no rows.\n  where: {csv}"),
        (
            "path,label\np/1.png,hem\n",
            {},
            (
                "At least two classes are needed to tell cells apart; found: hem.\n"
                "  where: {csv}\n"
                "  what to do: Name them all with the option classes if some have no cells here."
            ),
        ),
        (
            PLAIN,
            {"root": "nowhere"},
            "The option root names what is not there.\n  where: {root}/nowhere\n  what to do: Check the path.",
        ),
        (PLAIN, {"classes": ["hem", ""]}, "The option classes must be a list of names; got ['hem', '']."),
    ],
)
def test_each_fault_has_its_message(
    text: str, options: dict[str, object], message: str, tree: Callable[[list[str]], Path]
) -> None:
    with pytest.raises(LeukoscopeError) as error:
        read(tree, text, **options)
    root = tree([])
    assert str(error.value) == message.format(root=root, csv=root / "cells.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "patient,label\na,hem\na,all\nb,all\n",
            (
                "Patient 'a' has two labels, 'hem' and 'all'.\n  where: {who}, rows 2 and 3\n"
                "  what to do: Keep the right one."
            ),
        ),
        (
            "patient,label,age\na,hem,1\nb,all,2\nb,all,3\n",
            "Patient 'b' stands on two rows that differ.\n  where: {who}, row 4\n  what to do: Keep the right one.",
        ),
        (
            "patient,label\na,hem\nNaN,all\n",
            "A row names no patient.\n  where: {who}, row 3\n  what to do: Fill it in, or take the row out.",
        ),
        (
            "id,label\na,hem\n",
            (
                "The table has no column 'patient'.\n"
                "  where: {who}\n"
                "  what to do: Known: id, label. Say with the option columns what it is called."
            ),
        ),
    ],
)
def test_a_faulty_table_of_patients_is_refused(text: str, message: str, tree: Callable[[list[str]], Path]) -> None:
    root = tree(PICTURES)
    (root / "who.csv").write_text(text)
    with pytest.raises(DataError) as error:
        read(tree, PLAIN, patients="who.csv")
    assert str(error.value) == message.format(who=root / "who.csv")


def test_a_folder_is_refused_with_the_tables_in_it(tree: Callable[[list[str]], Path]) -> None:
    root = tree([*PICTURES, "b.csv", "a.parquet"])
    with pytest.raises(DataError) as error:
        read_cohort(root, "table")
    assert str(error.value) == (
        "The reader 'table' needs a csv or parquet file, and this is a folder.\n"
        f"  where: {root}\n"
        "  what to do: Name the table itself; here: a.parquet, b.csv."
    )


def test_a_positive_class_among_three_is_refused(tree: Callable[[list[str]], Path]) -> None:
    with pytest.raises(SettingsError) as error:
        read(tree, PLAIN + "4,p/4.png,smudge,c,,\n", positive="all")
    assert str(error.value) == "A positive class can only be named where there are two classes."


@given(st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), min_size=1))
def test_whole_numbers_written_as_text_come_back(values: list[int | None]) -> None:
    table = pl.DataFrame({"a": [None if value is None else str(value) for value in values]}, schema={"a": pl.String})
    assert as_numbers(table, ["a"])["a"].to_list() == values


@given(st.lists(st.text("019.aEn", min_size=1), min_size=1))
def test_text_that_is_not_all_numbers_is_left_alone(values: list[str]) -> None:
    turned = as_numbers(pl.DataFrame({"a": [*values, "x"]}), ["a"])["a"].to_list()
    assert turned == [*values, "x"]
