from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.cohort import read_cohort
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.readers.pbc import CLASSES
from leukoscope.errors import DataError

EVERY = [
    "basophil/BA_1.jpg",
    "eosinophil/EO_1.jpg",
    "erythroblast/ERB_1.jpg",
    "ig/MMY_1.jpg",
    "lymphocyte/LY_1.jpg",
    "monocyte/MO_1.jpg",
    "neutrophil/SNE_1.jpg",
    "platelet/PLATELET_1.jpg",
]


def test_class_from_the_folder_and_subtype_from_the_prefix(tree: Callable[[list[str]], Path]) -> None:
    more = ["neutrophil/BNE_2.jpg", "neutrophil/NEUTROPHIL_3.jpg", "ig/IG_4.jpg", "ig/my_5.png"]
    cohort = read_cohort(tree([*EVERY, *more]), "pbc")
    assert dict(zip(cohort.cells["id"], cohort.cells["subtype"], strict=True)) == {
        "BA_1": "BA",
        "EO_1": "EO",
        "ERB_1": "ERB",
        "MMY_1": "MMY",
        "IG_4": "IG",
        "my_5": "MY",
        "LY_1": "LY",
        "MO_1": "MO",
        "SNE_1": "SNE",
        "BNE_2": "BNE",
        "NEUTROPHIL_3": "NEUTROPHIL",
        "PLATELET_1": "PLATELET",
    }
    assert cohort.cells["patient"].null_count() == 12
    assert cohort.counts()["cells"].to_list() == [1, 1, 1, 3, 1, 1, 3, 1]
    assert cohort.notes == ()


def test_junk_stays_in_the_table_with_its_reason(tree: Callable[[list[str]], Path]) -> None:
    junk = ["neutrophil/.DS_169665.jpg", "figure.png", "ig/EO_7.jpg", "neutrophil/Thumbs.db"]
    cohort = read_cohort(tree([*EVERY, *junk]), "pbc")
    excluded = cohort.cells.filter(cohort.cells["excluded"].is_not_null())
    assert dict(excluded.select("id", "excluded").iter_rows()) == {
        "neutrophil/.DS_169665.jpg": "a hidden file (its name begins with a dot), not a picture of the data set",
        "figure.png": "in none of PBC's class folders",
        "EO_7": "filed under ig, but its prefix EO is of eosinophil",
    }
    assert excluded["label"].null_count() == 3
    assert cohort.notes == ("Left out, not being pictures: 1 file (neutrophil/Thumbs.db).",)


def test_missing_classes_and_unknown_prefixes_are_noted(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(["basophil/BA_1.jpg", "basophil/new.jpg", "ig/IG_1.jpg"]))
    assert cohort.labelled.height == 3
    assert cohort.classes == Classes(("basophil", "ig"), ("basophil", "immature granulocyte"))
    assert cohort.notes == (
        "Read by the reader 'pbc', recognised by its layout.",
        (
            "No pictures here of: eosinophil, erythroblast, lymphocyte, monocyte, neutrophil, platelet. The classes of "
            "this cohort: basophil, ig."
        ),
        "Without a known prefix, so of unknown subtype: 1 picture (basophil/new.jpg).",
    )


def test_the_folder_above_and_one_class_folder_give_the_same_ids(tree: Callable[[list[str]], Path]) -> None:
    root = tree([f"PBC_dataset_normal_DIB/{path}" for path in EVERY])
    assert read_cohort(root, "pbc").cells["id"].to_list() == [Path(path).stem for path in EVERY]
    one = read_cohort(root / "PBC_dataset_normal_DIB" / "ig")
    assert one.cells.select("id", "label").rows() == [("MMY_1", "ig")]
    assert one.classes == CLASSES
    assert one.notes[1] == (
        "No pictures here of: basophil, eosinophil, erythroblast, lymphocyte, monocyte, neutrophil, platelet."
    )


def test_a_class_whose_pictures_are_all_excluded_is_no_class_of_the_cohort(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree([*EVERY[:3], "ig/EO_7.jpg"]), "pbc")
    assert cohort.classes.names == ("basophil", "eosinophil", "erythroblast")
    assert read_cohort(tree(EVERY), "pbc").classes == CLASSES


def test_another_layout_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["blast/1.png"])
    with pytest.raises(DataError) as error:
        read_cohort(root, "pbc")
    assert str(error.value) == (
        "This folder is not in PBC's layout: no pictures in basophil, eosinophil, erythroblast, ig, lymphocyte, "
        "monocyte, neutrophil, platelet.\n"
        f"  where: {root}\n"
        "  what to do: Check the path; other class folders are read by the reader 'folder'."
    )
