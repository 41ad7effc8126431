from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import CELL_COLUMNS, Cohort
from leukoscope.errors import DataError

CLASSES = Classes(("hem", "all"), ("normal", "leukaemic"))


def cohort_of(columns: dict[str, list[Any]], patients: pl.DataFrame | None = None) -> Cohort:
    cells = pl.DataFrame({"path": [f"{name}.png" for name in columns["id"]], **columns})
    return Cohort.from_cells("small", Path("pictures"), cells, CLASSES, patients=patients)


@pytest.fixture
def small() -> Cohort:
    return cohort_of(
        {
            "id": ["a", "b", "c", "d", "e"],
            "label": ["all", "hem", None, "all", "all"],
            "patient": ["1", "2", "2", "1", "3"],
            "excluded": [None, None, None, "unreadable: cut off", None],
            "subtype": ["x", "y", "z", "x", "y"],
        }
    )


def test_missing_columns_are_added_and_others_kept(small: Cohort) -> None:
    assert small.cells.columns == [*CELL_COLUMNS, "subtype"]
    assert small.cells["place"].null_count() == 5
    assert set(small.cells.select(list(CELL_COLUMNS)).dtypes) == {pl.String()}


def test_an_empty_table_makes_an_empty_cohort() -> None:
    cohort = cohort_of({"id": []})
    assert (cohort.cells.height, cohort.patients_known, cohort.counts()["cells"].to_list()) == (0, False, [0, 0])


def test_numbers_become_text() -> None:
    cohort = cohort_of({"id": [1, 2], "patient": [7, 8]})
    assert cohort.cells.select("id", "patient").rows() == [("1", "7"), ("2", "8")]


def test_usable_and_labelled_cells(small: Cohort) -> None:
    assert small.usable["id"].to_list() == ["a", "b", "c", "e"]
    assert small.labelled["id"].to_list() == ["a", "b", "e"]


def test_patients_of_the_cells_are_added_to_the_table() -> None:
    facts = pl.DataFrame({"patient": ["2", "9"], "label": ["hem", None], "age": [40, 50]})
    cohort = cohort_of({"id": ["a", "b", "c"], "patient": ["1", "2", None]}, facts)
    assert cohort.patients.rows() == [("2", "hem", 40), ("9", None, 50), ("1", None, None)]


@pytest.mark.parametrize(("patients", "known"), [(["1", "2"], True), (["1", None], False), ([None, None], False)])
def test_patients_are_known_when_every_cell_names_one(patients: list[str | None], known: bool) -> None:
    assert cohort_of({"id": ["a", "b"], "patient": patients}).patients_known is known


def test_an_excluded_cell_need_not_name_its_patient() -> None:
    cohort = cohort_of({"id": ["a", "b"], "patient": ["1", None], "excluded": [None, "junk"]})
    assert cohort.patients_known


def test_a_cell_without_label_need_not_name_its_patient_where_others_have_labels() -> None:
    assert cohort_of({"id": ["a", "b"], "label": ["all", None], "patient": ["1", None]}).patients_known
    assert not cohort_of({"id": ["a", "b"], "label": ["all", "hem"], "patient": ["1", None]}).patients_known


def test_counts_stand_in_the_order_of_the_classes(small: Cohort) -> None:
    assert small.counts().rows() == [("hem", 1, 1), ("all", 2, 2)]


def test_selected_cells_bring_their_patients_in_the_cohorts_order(small: Cohort) -> None:
    chosen = small.select(name for name in ("e", "a", "unknown"))
    assert chosen.cells["id"].to_list() == ["a", "e"]
    assert chosen.patients["patient"].to_list() == ["1", "3"]


def test_an_earlier_reason_for_exclusion_stays(small: Cohort) -> None:
    reasons = pl.DataFrame({"id": ["d", "a", "a", "unknown"], "reason": ["later", "first", "second", "none"]})
    excluded = small.exclude(reasons).cells.select("id", "excluded").drop_nulls().rows()
    assert excluded == [("a", "first"), ("d", "unreadable: cut off")]
    assert small.exclude(reasons).cells.height == small.cells.height


def test_it_prints_what_is_in_it(small: Cohort) -> None:
    noted = Cohort(small.name, small.root, small.cells, small.patients, CLASSES, ("Taken for <small>.",))
    assert repr(noted).splitlines() == [
        "Cohort 'small': 4 cells, 3 patients",
        "  normal: 1 cells",
        "  leukaemic: 2 cells",
        "  without a label of their own: 1",
        "  excluded: 1",
        "  note: Taken for <small>.",
    ]
    assert "<li>note: Taken for &lt;small&gt;.</li>" in noted._repr_html_()


def test_where_only_patients_have_labels_it_prints_them() -> None:
    patients = pl.DataFrame({"patient": ["1", "2", "3"], "label": ["all", "hem", "all"]})
    assert repr(cohort_of({"id": ["a", "b"], "patient": ["1", "2"]}, patients)).splitlines() == [
        "Cohort 'small': 2 cells, 2 patients",
        "  normal: 1 patients",
        "  leukaemic: 2 patients",
        "  without a label of their own: 2",
    ]


def test_it_says_where_patients_are_unknown() -> None:
    assert repr(cohort_of({"id": ["a"], "label": ["all"]})).startswith("Cohort 'small': 1 cells, patients unknown\n")


def test_a_file_is_found_from_the_root(small: Cohort) -> None:
    assert small.file("fold_0/a.png") == Path("pictures/fold_0/a.png")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"name": ["a"]}, "The cells table lacks the column 'id' and 'path'; its columns: name."),
        ({}, "The cells table lacks the column 'id' and 'path'; its columns: none."),
        ({"id": ["a", None], "path": ["a", "b"]}, "The cells table has 1 rows without 'id'."),
        (
            {"id": list("abcdefgabcdefg"), "path": list("abcdefgabcdefg")},
            (
                "The same id stands on more than one cell.\n  where: a, b, c, d, e (and 2 more)\n"
                "  what to do: Make them different."
            ),
        ),
        (
            {"id": ["a", "b", "c"], "path": ["a", "b", "c"], "label": ["all", "al", "x"]},
            "The label 'al' is none of the classes hem, all.\n  where: id b (and 1 more)",
        ),
    ],
)
def test_what_is_no_table_of_cells(columns: dict[str, list[Any]], said: str) -> None:
    with pytest.raises(DataError) as raised:
        Cohort.from_cells("small", Path(), pl.DataFrame(columns), CLASSES)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("patients", "said"),
    [
        ({"age": [3]}, "The patients table lacks the column 'patient'; its columns: age."),
        (
            {"patient": ["1", "1"]},
            (
                "The same patient stands on more than one row of the patients' table.\n  where: 1\n"
                "  what to do: Make them different."
            ),
        ),
        (
            {"patient": ["1"], "label": ["sick"]},
            "The label 'sick' is none of the classes hem, all.\n  where: patient 1",
        ),
    ],
)
def test_what_is_no_table_of_patients(patients: dict[str, list[Any]], said: str) -> None:
    with pytest.raises(DataError) as raised:
        cohort_of({"id": ["a"]}, pl.DataFrame(patients))
    assert str(raised.value) == said


def test_marks_follow_their_pictures(small: Cohort) -> None:
    marked = replace(small, tables={"centroids": pl.DataFrame({"id": ["a", "b", "b"], "x": [1.0, 2.0, 3.0]})})
    assert marked.select(["b", "c"]).tables["centroids"].rows() == [("b", 2.0), ("b", 3.0)]
    assert "centroids: 3" in repr(marked)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"x": [1.0]}, "The table 'centroids' lacks the column 'id'; its columns: x."),
        (
            {"id": ["a", "z", "z"]},
            "The table 'centroids' names a picture that is not in the cells table.\n  where: id z",
        ),
    ],
)
def test_what_is_no_table_of_marks(small: Cohort, table: dict[str, list[Any]], said: str) -> None:
    with pytest.raises(DataError) as raised:
        replace(small, tables={"centroids": pl.DataFrame(table)})
    assert str(raised.value) == said
