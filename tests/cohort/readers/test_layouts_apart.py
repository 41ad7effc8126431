"""Each data set's layout is recognised by its own reader and by no other, from wherever in it one looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.cohort.readers import GENERAL, READERS, recognise
from leukoscope.cohort.readers.listing import list_files

LAYOUTS = {
    "cnmc": (["C-NMC_Leukemia/training_data/fold_0/all/UID_1_2_3_all.bmp"], "C-NMC_Leukemia/training_data/fold_0/all"),
    "lyon": (["clinical_annotation.csv", "trainset/P1/000002.jpg"], "trainset"),
    "pbc": (["basophil/BA_1.jpg", "ig/MMY_2.jpg"], "basophil"),
    "matek": (["annotations.dat", "BAS/BAS_0001.tiff", "EOS/EOS_0001.tiff"], "EOS"),
    "bloodmnist": (["data/bloodmnist_64.npz"], "data"),
    "all-idb": (["ALL_IDB1/im/Im001_1.jpg", "ALL_IDB1/xyc/Im001_1.xyc", "ALL_IDB2/img/Im131_0.tif"], "ALL_IDB2/img"),
    "segmentation_wbc": (["Class Labels of Dataset 1.csv", "Dataset 1/001.bmp", "Dataset 1/001.png"], "Dataset 1"),
    "bccd": (["JPEGImages/BloodImage_00000.jpg", "Annotations/BloodImage_00000.xml"], "JPEGImages"),
    "drawn": (["cells.csv", "patients.csv", "classes.json", "pictures/1.png"], "."),
}


BELOW = [(name, above) for name in LAYOUTS for above in ("", "download/") if name != "drawn" or not above]


@pytest.mark.parametrize(("name", "above"), BELOW)
def test_one_reader_and_no_other_recognises_a_layout(name: str, above: str, tree: Callable[[list[str]], Path]) -> None:
    paths, within = LAYOUTS[name]
    root = tree([above + path for path in paths])
    for folder in (root, root / above / within):
        listing = list_files(folder)
        assert [other for other, reader in READERS.items() if reader.recognises(listing) and other not in GENERAL] == [
            name
        ]
        assert recognise(folder).name == name


def test_every_data_set_has_its_layout_here() -> None:
    assert set(LAYOUTS) == set(READERS) - set(GENERAL)


def test_numbered_pictures_and_class_folders_of_other_people_are_not_taken_for_a_data_set(
    tree: Callable[[list[str]], Path],
) -> None:
    strangers = ["BAS/001.bmp", "EOS/002.png", "Dataset 1/003.bmp", "JPEGImages/4.jpg", "im/Im5.jpg"]
    assert recognise(tree(strangers)).name == "folder"
