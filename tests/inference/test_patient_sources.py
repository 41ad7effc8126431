from __future__ import annotations

import os
import zipfile
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.inference.patient_sources import patients_of
from leukoscope.inference.sources import Source

CLASSES = Classes(("reactive", "tumoral"))


def refusal(source: Source, **changes: object) -> str:
    with pytest.raises(DataError) as caught:
        patients_of(source, CLASSES, **changes)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_folder_is_a_patient_and_its_name_the_patients(clinic: Path) -> None:
    (clinic / "notes.txt").write_text("x", encoding="utf-8")
    (clinic / ".hidden").mkdir()
    found = patients_of(clinic, CLASSES)
    assert found.table.rows() == [("P1", None, 5), ("P2", None, 3), ("P3", None, 1), ("P4", None, 0)]
    assert found.table.columns == ["patient", "label", "pictures"]
    assert found.pictures.height == 9
    assert found.notes == (
        "Passed over: 1 folder (.hidden).",
        "Left out, not being pictures: 1 file (notes.txt).",
    )


def test_a_folder_of_pictures_alone_is_one_patient(clinic: Path) -> None:
    assert patients_of(clinic / "P2", CLASSES).table.rows() == [("P2", None, 3)]


def test_pictures_beside_the_patients_folders_are_noted(clinic: Path) -> None:
    (clinic / "P2" / "0.png").rename(clinic / "stray.png")
    assert patients_of(str(clinic), CLASSES).notes == ("Left out, in no patient's folder: 1 picture (stray.png).",)


def test_pictures_deeper_down_are_refused(clinic: Path) -> None:
    assert refusal(clinic.parent) == (
        f"A picture lies deeper than in its patient's folder.\n  where: {clinic / 'P1' / '0.png'} (and 8 more)\n"
        "  what to do: Name the folder that holds the patients' folders; a data set is read with its --reader."
    )


def test_what_holds_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert refusal(tmp_path).startswith("This folder holds neither patients' folders nor pictures.\n")
    assert refusal(tmp_path / "nowhere").startswith("There is no such folder.\n")
    with pytest.raises(SettingsError, match="Patients are diagnosed from a cohort, or from a folder"):
        patients_of([tmp_path], CLASSES)


def test_a_cohort_gives_all_patients_labels_as_far_as_known_and_cells_labels_where_they_agree(tmp_path: Path) -> None:
    cells = pl.DataFrame(
        {
            "id": list("abcde"),
            "path": list("abcde"),
            "patient": ["Q", "P", "P", "R", None],
            "label": ["tumoral", "tumoral", "reactive", None, "tumoral"],
        }
    )
    patients = pl.DataFrame({"patient": ["S", "R"], "age": [3, 4]})
    found = patients_of(Cohort.from_cells("c", tmp_path, cells, CLASSES, patients=patients), CLASSES)
    assert found.table.select("patient", "label", "age", "pictures").rows() == [
        ("S", None, 3, 0), ("R", None, 4, 1), ("Q", "tumoral", None, 1), ("P", None, None, 2)
    ]  # fmt: skip
    assert found.notes == ("Left out, naming no patient: 1 picture (e).",)


def test_labels_that_are_no_class_of_the_model_are_unknown(clinic: Path) -> None:
    facts = pl.DataFrame({"ID": ["P1", "P2", "P3", "P4"], "LABEL": ["tumoral", "-1", "2", None]})
    assert patients_of(clinic, CLASSES, facts=facts).table["label"].to_list() == ["tumoral", None, None, None]


def test_patients_on_one_side_only_are_noted(clinic: Path) -> None:
    facts = pl.DataFrame({"patient": ["P1", "P2", "P9"], "age": [1, 2, 3]})
    found = patients_of(clinic, CLASSES, facts=facts, inputs=["age"])
    assert found.table.select("patient", "age").rows() == [("P1", 1), ("P2", 2), ("P3", None), ("P4", None)]
    assert found.notes == (
        "Not in the table of facts, all facts missing: 2 patients (P3, P4).",
        "In the table of facts alone: 1 patient (P9).",
    )


def test_facts_that_the_model_takes_must_be_given(clinic: Path) -> None:
    assert refusal(clinic, inputs=["age", "count"]) == (
        "The model takes facts of each patient that are not given: age, count.\n"
        "  what to do: Give a table with the columns patient and these (--facts facts.csv); a field may be empty."
    )
    facts = pl.DataFrame({"patient": ["P1"], "Age": [1], "leucocytes": [2]})
    assert refusal(clinic, facts=facts, inputs=["age", "count"]).startswith(
        "The model takes facts of each patient that are not given: count; there are: age, leucocytes.\n"
    )


def test_the_number_of_pictures_is_there_for_who_asked_for_it(clinic: Path) -> None:
    assert patients_of(clinic, CLASSES, inputs=["pictures"]).table["pictures"].to_list() == [5, 3, 1, 0]


def test_a_table_of_facts_may_lie_beside_the_patients_folders(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (clinic / "facts.csv").write_text("patient,age\nP1,4\nP2,\nP3,6\nP4,7\n", encoding="utf-8")
    monkeypatch.chdir(clinic.parent)
    found = patients_of(clinic.name, CLASSES, facts="clinic/facts.csv", inputs=["age"])
    assert found.table["age"].to_list() == ["4", None, "6", "7"]
    assert found.notes == ()


def packed(folder: Path, beneath: str = "") -> Path:
    """Pack the folder's pictures into an archive beside it."""
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, f"{beneath}{path.relative_to(folder)}")
    return folder.with_suffix(".zip")


@pytest.mark.parametrize("beneath", ["", "clinic/", "../../", "../clinic/"])
def test_an_archive_holds_a_folder_a_patient_perhaps_below_one_of_its_own_name(clinic: Path, beneath: str) -> None:
    found = patients_of(packed(clinic, beneath), CLASSES)
    assert found.table.rows() == [("P1", None, 5), ("P2", None, 3), ("P3", None, 1)]
    assert found.archive is not None
    assert set(found.pictures["path"]) == set(found.archive.numbers)


PACK = "Pack the patients' folders themselves, or the folder that holds them under its own name (data/ in data.zip)."


@pytest.mark.parametrize("beneath", ["P7/", "a/b/"])
def test_an_archive_of_another_folder_is_refused_as_the_folder_above_it_is(clinic: Path, beneath: str) -> None:
    """``P7/slide1`` and ``P7/slide2`` are no two patients."""
    path = packed(clinic, beneath)
    assert refusal(path) == (
        f"A picture lies deeper than in its patient's folder.\n  where: {path / beneath / 'P1/0.png'} (and 8 more)\n"
        f"  what to do: {PACK}"
    )


@pytest.mark.parametrize("beneath", ["data/", "a/b/", "clinic/a/"])
def test_facts_say_which_folders_of_an_archive_are_patients(clinic: Path, beneath: str) -> None:
    path, facts = packed(clinic, beneath), pl.DataFrame({"patient": ["P3", "P9"]})
    assert patients_of(path, CLASSES, facts=facts).table["patient"].to_list() == ["P1", "P2", "P3"]
    whole = pl.DataFrame({"patient": [beneath.partition("/")[0], "P1"]})
    assert refusal(path, facts=whole).startswith("A picture lies deeper than in its patient's folder.\n")


def test_a_folder_that_the_facts_name_as_a_patient_is_not_taken_for_several(clinic: Path) -> None:
    facts = pl.DataFrame({"patient": ["clinic", "other"]})
    for source in (clinic, packed(clinic)):
        assert refusal(source, facts=facts) == (
            "The facts name this folder as a patient, and none of the folders in it.\n"
            f"  where: {clinic}\n"
            "  what to do: Put all pictures of a patient into one folder, and name the folder that holds those of all "
            "patients."
        )
    assert refusal(packed(clinic, "clinic/"), facts=facts).startswith("A picture lies deeper than in its patient's")
    alone = pl.DataFrame({"patient": ["P2"]})
    assert patients_of(clinic / "P2", CLASSES, facts=alone).table.rows() == [("P2", None, 3)]


def test_a_folder_whose_name_is_no_utf8_is_no_patient(clinic: Path) -> None:
    strange = Path(os.fsdecode(bytes(clinic) + b"/P\xff"))
    try:
        strange.mkdir()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (strange / "0.png").write_bytes(b"")
    found = patients_of(clinic, CLASSES)
    assert found.table["patient"].to_list() == ["P1", "P2", "P3", "P4"]
    assert found.notes == ("Passed over: 1 folder (P\\udcff).",)
    assert refusal(strange) == (
        f"No table can hold the patient's name: it is not UTF-8.\n  where: {strange}\n  what to do: Rename the folder."
    )


def test_an_archive_of_pictures_alone_is_one_patient_named_as_it(clinic: Path) -> None:
    assert patients_of(packed(clinic / "P2"), CLASSES).table.rows() == [("P2", None, 3)]


def test_an_archive_with_pictures_at_several_depths_is_refused(clinic: Path) -> None:
    (clinic / "P2" / "further").mkdir()
    (clinic / "P2" / "0.png").rename(clinic / "P2" / "further" / "0.png")
    path = packed(clinic)
    assert refusal(path).startswith(
        f"A picture lies deeper than in its patient's folder.\n  where: {path / 'P2/further/0.png'}\n"
    )


def test_a_table_names_patients_and_their_facts(clinic: Path) -> None:
    lines = ("path,patient,age,patient_label", "P1/0.png,A,50,tumoral", "P2/0.png,A,,", "P2/1.png,B,60,", "P3/0.png,,,")
    (clinic / "cells.csv").write_text("\n".join(lines), encoding="utf-8")
    found = patients_of(clinic / "cells.csv", CLASSES, inputs=("age",))
    assert found.table.rows() == [("A", "tumoral", "50", 2), ("B", None, "60", 1)]
    assert found.notes == ("Left out, naming no patient: 1 picture (P3/0.png).",)
    facts = pl.DataFrame({"patient": ["A", "B"], "age": [70, 80]})
    assert patients_of(clinic / "cells.csv", CLASSES, facts=facts, inputs=("age",)).table["age"].to_list() == [70, 80]
    assert "facts of each patient that are not given: sex" in refusal(clinic / "cells.csv", inputs=("sex",))
