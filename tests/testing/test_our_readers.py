"""Our own readers keep the contract that a stranger's must keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import READERS
from leukoscope.cohort.storage import save_cohort
from leukoscope.testing import check_reader

CLASSES = Classes(("hem", "all"))


def files(folder: Path, *paths: str, **texts: str) -> Path:
    """Make empty files beneath a folder, and further ones with a text."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    for path, text in texts.items():
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def cnmc(folder: Path) -> Path:
    top = "C-NMC_Leukemia/training_data"
    preliminary = "C-NMC_Leukemia/validation_data/C-NMC_test_prelim_phase_data"
    names = [
        f"{top}/fold_0/all/UID_20_1_1_all.bmp",
        f"{top}/fold_0/all/UID_20_1_2_all.bmp",
        f"{top}/fold_2/hem/UID_h3_1_1_hem.bmp",
    ]
    table = {f"{preliminary}_labels.csv": "Patient_ID,new_names,labels\nUID_57_29_1_all.bmp,1.bmp,1\n"}
    return files(folder, *names, f"{preliminary}/1.bmp", **table)


def lyon(folder: Path) -> Path:
    names = ["trainset/P1/000001.jpg", "trainset/P1/000002.jpg", "testset/P2/000001.jpg"]
    rows = ",ID,LABEL,GENDER,DOB,LYMPH_COUNT\n0,P1,1,M,3/2/1933,11.2\n1,P2,-1,f,03-11-1961,4\n"
    return files(folder, *names, **{"clinical_annotation.csv": rows})


def pbc(folder: Path) -> Path:
    return files(folder, "basophil/BA_1.jpg", "basophil/BA_2.jpg", "ig/MMY_1.jpg", "neutrophil/BNE_1.jpg")


def matek(folder: Path) -> Path:
    return files(folder, "BAS/BAS_0001.tiff", "BAS/BAS_0002.tiff", "MYO/MYO_0001.tiff")


def bloodmnist(folder: Path) -> Path:
    folder.mkdir(parents=True)
    arrays = {
        f"{part}_{kind}": array
        for part in ("train", "val", "test")
        for kind, array in (("images", np.zeros((3, 28, 28, 3), np.uint8)), ("labels", np.eye(3, 1, dtype=np.uint8)))
    }
    np.savez(folder / "bloodmnist.npz", **arrays)
    return folder


def all_idb(folder: Path) -> Path:
    names = [
        "ALL_IDB1/im/Im001_1.jpg",
        "ALL_IDB1/im/Im002_1.jpg",
        "ALL_IDB1/im/Im003_0.jpg",
        "ALL_IDB1/xyc/Im003_0.xyc",
    ]
    return files(folder, *names, **{"ALL_IDB1/xyc/Im001_1.xyc": "12 30\n44\t50\n"})


def segmentation_wbc(folder: Path) -> Path:
    names = [f"Dataset {number}/{name}" for number in (1, 2) for name in ("001.bmp", "001.png", "002.bmp", "002.png")]
    tables = {
        "Class Labels of Dataset 1.csv": "image ID,class label\n1,1\n2,1\n",
        "Class Labels of Dataset 2.csv": "image ID,class\n1,2\n2,1\n",
    }
    return files(folder, *names, **tables)


def bccd(folder: Path) -> Path:
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
    one = f"<annotation><filename>BloodImage_00000.jpg</filename><object><name>WBC</name>{box}</object></annotation>"
    names = ["JPEGImages/BloodImage_00000.jpg", "JPEGImages/BloodImage_00001.jpg", "Annotations/x", "ImageSets/Main/x"]
    texts = {"Annotations/BloodImage_00000.xml": one, "ImageSets/Main/train.txt": "BloodImage_00000\n"}
    return files(folder, *names, **texts)


def drawn(folder: Path) -> Path:
    rows = "id,path,label,patient\n1,pictures/1.png,hem,p1\n2,pictures/2.png,hem,p1\n3,pictures/3.png,all,p2\n"
    patients = "patient,label,age\np1,hem,61\np2,all,7\n"
    texts = {"cells.csv": rows, "patients.csv": patients, "classes.json": json.dumps(CLASSES.as_json())}
    return files(folder, "pictures/1.png", "pictures/2.png", "pictures/3.png", **texts)


def folders(folder: Path) -> Path:
    return files(folder, "blast/p1/1.png", "blast/p1/2.png", "normal/p2/1.png", "normal/p3/1.png")


def table(folder: Path) -> Path:
    rows = "path,label,patient,area\np/1.png,hem,a,12\np/2.png,hem,a,7.5\np/3.png,all,b,\n"
    return files(folder, "p/1.png", "p/2.png", "p/3.png", **{"cells.csv": rows}) / "cells.csv"


def saved(folder: Path) -> Path:
    """A saved cohort names the folder of its pictures outright, so they stay where they are."""
    pictures = files(folder.parent / "pictures of the saved one", "1.png", "2.png", "3.png")
    cells = pl.DataFrame({"id": ["1", "2", "3"], "path": ["1.png", "2.png", "3.png"], "label": ["hem", "hem", "all"]})
    folder.mkdir()
    save_cohort(Cohort.from_cells("s", pictures, cells.with_columns(source=pl.lit("s")), CLASSES), folder / "s.parquet")
    return folder / "s.parquet"


EXAMPLES: dict[str, Callable[[Path], Path]] = {
    "cnmc": cnmc,
    "lyon": lyon,
    "pbc": pbc,
    "matek": matek,
    "bloodmnist": bloodmnist,
    "all-idb": all_idb,
    "segmentation_wbc": segmentation_wbc,
    "bccd": bccd,
    "drawn": drawn,
    "folder": folders,
    "table": table,
    "saved": saved,
}
"""Each reader's name to what makes a small data set in its layout; a new reader needs a line here."""
OPTIONS: dict[str, dict[str, Any]] = {"table": {"classes": "hem, all"}}


def test_every_reader_has_an_example() -> None:
    assert list(EXAMPLES) == list(READERS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_reader_keeps_the_contract(name: str, tmp_path: Path) -> None:
    check_reader(READERS[name], EXAMPLES[name](tmp_path / "example"), **OPTIONS.get(name, {}))
