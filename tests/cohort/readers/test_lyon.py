from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.cohort import read_cohort
from leukoscope.errors import DataError, SettingsError

PICTURES = ["trainset/P1/000001.jpg", "trainset/P1/000002.jpg", "trainset/P2/000001.jpg", "testset/P3/000001.jpg"]
HEADER = ",ID,LABEL,GENDER,DOB,LYMPH_COUNT\n"
ROWS = "0,P1,1,M,3/2/1933,11.2\n1,P2,0,f,03-11-1961,4\n2,P3,-1,F,12/31/1990,4.6\n"
AGES = "Ages are in years on 2021-01-01, since no date of sampling is given (option reference)."
FORMATS = "Dates of birth are written in two ways: 2 m/d/YYYY, 1 dd-mm-YYYY."


def lyon(tree: Callable[[list[str]], Path], rows: str = ROWS, pictures: list[str] = PICTURES) -> Path:
    root = tree(pictures)
    (root / "clinical_annotation.csv").write_text(HEADER + rows)
    return root


def test_cells_carry_patient_and_place_but_no_label(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(lyon(tree), "lyon")
    assert cohort.cells.select("id", "label", "patient", "place", "excluded").rows() == [
        ("P3/000001", None, "P3", "testset", None),
        ("P1/000001", None, "P1", "trainset", None),
        ("P1/000002", None, "P1", "trainset", None),
        ("P2/000001", None, "P2", "trainset", None),
    ]
    assert cohort.classes.positive == "tumoral"
    assert cohort.notes == (AGES, FORMATS)


def test_both_date_formats_sexes_in_either_case_and_the_unknown_label(tree: Callable[[list[str]], Path]) -> None:
    patients = read_cohort(lyon(tree), "lyon").patients
    facts = patients.select("patient", "label", "sex", "lymphocyte_count", "born", "born_format", "row").rows()
    assert facts == [
        ("P1", "tumoral", "M", 11.2, dt.date(1933, 3, 2), "m/d/YYYY", 2),
        ("P2", "reactive", "F", 4.0, dt.date(1961, 11, 3), "dd-mm-YYYY", 3),
        ("P3", None, "F", 4.6, dt.date(1990, 12, 31), "m/d/YYYY", 4),
    ]
    assert patients["age"].to_list() == [87.84, 59.16, 30.0]


@pytest.mark.parametrize("reference", ["2016-01-01", dt.date(2016, 1, 1)])
def test_ages_are_stated_on_the_reference_date(reference: str | dt.date, tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(lyon(tree), reader="lyon", reference=reference)
    assert cohort.patients["age"].to_list() == [82.84, 54.16, 25.0]
    assert cohort.notes[0].startswith("Ages are in years on 2016-01-01, ")


def test_a_reference_that_is_no_date_is_refused(tree: Callable[[list[str]], Path]) -> None:
    with pytest.raises(SettingsError) as error:
        read_cohort(lyon(tree), "lyon", reference="2016")
    assert str(error.value) == (
        "The option reference must be a date; got '2016'.\n  what to do: Write it as 2021-01-01."
    )
    with pytest.raises(SettingsError):
        read_cohort(lyon(tree), "lyon", reference=2016)


def test_facts_that_cannot_be_read_are_null_and_noted_with_their_rows(tree: Callable[[list[str]], Path]) -> None:
    rows = (
        "0,P1,2,x,31/12/1950,NaN\n"  # month 31; an unknown label and sex; no count
        "1,P2,1,M,1/1/2030,-4\n"  # born after the reference; fewer than no cells
        "2,P3,,F,,lots\n"
    )
    cohort = read_cohort(lyon(tree, rows), "lyon")
    facts = cohort.patients.select("label", "sex", "born", "age", "lymphocyte_count").rows()
    assert facts == [(None, None, None, None, None), ("tumoral", "M", None, None, None), (None, "F", None, None, None)]
    said = "missing or not readable, taken as unknown"
    assert cohort.notes[1:] == (
        f"clinical_annotation.csv: 2 labels {said} (row 2, P1: 2, row 4, P3: nothing).",
        f"clinical_annotation.csv: 1 sex {said} (row 2, P1: x).",
        (
            f"clinical_annotation.csv: 3 dates of birth {said} "
            "(row 2, P1: 31/12/1950, row 3, P2: 1/1/2030, row 4, P3: nothing)."
        ),
        f"clinical_annotation.csv: 3 lymphocyte counts {said} (row 2, P1: nothing, row 3, P2: -4, row 4, P3: lots).",
    )


def test_patients_without_pictures_and_pictures_without_a_row_are_noted(tree: Callable[[list[str]], Path]) -> None:
    root = lyon(tree, ROWS + "3,P9,1,M,1/1/1950,5\n", [*PICTURES, "trainset/P7/1.jpg"])
    cohort = read_cohort(root, "lyon")
    assert cohort.notes[2:] == (
        "In clinical_annotation.csv but without pictures: 1 patient (P9).",
        "Not in clinical_annotation.csv, so of unknown label: 1 patient (P7).",
    )
    assert cohort.patients["patient"].to_list() == ["P1", "P2", "P3", "P9", "P7"]


def test_pictures_elsewhere_are_excluded(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(lyon(tree, pictures=[*PICTURES, "trainset/1.jpg", "trainset/sample.csv"]), "lyon")
    assert cohort.cells.filter(cohort.cells["excluded"].is_not_null()).select("id", "excluded").rows() == [
        ("trainset/1.jpg", "in no patient's folder")
    ]
    assert cohort.notes[2:] == ("Left out, not being pictures: 1 file (trainset/sample.csv).",)


def test_the_folder_above_and_one_part_alone_are_read(tree: Callable[[list[str]], Path]) -> None:
    root = lyon(tree)
    assert read_cohort(root.parent).usable.height == 4
    part = read_cohort(root / "testset")
    assert part.cells.select("id", "path").rows() == [("P3/000001", "P3/000001.jpg")]
    assert part.patients["patient"].to_list() == ["P3"]


def test_a_missing_csv_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = tree(PICTURES)
    with pytest.raises(DataError) as error:
        read_cohort(root)
    assert str(error.value) == (
        "clinical_annotation.csv is missing: it says which patient is reactive, which tumoral.\n"
        f"  where: {root}\n"
        "  what to do: Put it beside trainset and testset."
    )


def test_a_csv_without_pictures_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = lyon(tree, pictures=["1.jpg"])
    with pytest.raises(DataError) as error:
        read_cohort(root, "lyon")
    assert str(error.value) == (
        "This folder is not in the Lyon layout: no pictures in trainset/P1, testset/P2 or the like.\n"
        f"  where: {root}\n"
        "  what to do: Check the path."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "ID,LABEL,GENDER\nP1,1,M\n",
            (
                "The clinical table lacks the column 'DOB' and 'LYMPH_COUNT'; its columns: ID, LABEL, GENDER.\n"
                "  where: {csv}\n"
                "  what to do: It must have: ID, LABEL, GENDER, DOB, LYMPH_COUNT."
            ),
        ),
        (
            HEADER + ROWS + "3,,1,M,1/1/1950,5\n",
            (
                "A row names no patient (column ID).\n"
                "  where: {csv}, row 5\n"
                "  what to do: Fill it in, or take the row out."
            ),
        ),
        (
            HEADER + ROWS + "3,P2,1,M,1/1/1950,5\n",
            "Patient 'P2' stands on two rows.\n  where: {csv}, row 5\n  what to do: Keep the right one.",
        ),
    ],
)
def test_a_faulty_csv_is_refused(text: str, message: str, tree: Callable[[list[str]], Path]) -> None:
    root = tree(PICTURES)
    csv = root / "clinical_annotation.csv"
    csv.write_text(text)
    with pytest.raises(DataError) as error:
        read_cohort(root, "lyon")
    assert str(error.value) == message.format(csv=csv)


def test_a_csv_that_begins_with_a_byte_order_mark_is_read(tree: Callable[[list[str]], Path]) -> None:
    root = tree(PICTURES)
    (root / "clinical_annotation.csv").write_text("ID,LABEL,GENDER,DOB,LYMPH_COUNT\nP1,1,M,3/2/1933,11\n", "utf-8-sig")
    assert read_cohort(root, "lyon").patients["label"].to_list()[0] == "tumoral"
