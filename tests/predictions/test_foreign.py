from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeError, LeukoscopeWarning, SettingsError
from leukoscope.predictions import Predictions, read_foreign

CNMC_LABELS = """Patient_ID,new_names,labels
UID_57_29_1_all.bmp,1.bmp,1
UID_h49_2_2_hem.bmp,2.bmp,0
UID_57_31_3_all.bmp,3.bmp,1
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, predicted: str, labels: str | None = None, **more: object) -> Predictions:
    path = written(folder, "predicted.csv", predicted)
    truth = None if labels is None else written(folder, "labels.csv", labels)
    return read_foreign(path, labels=truth, **more)  # type: ignore[arg-type]


def message(folder: Path, *tables: str, **more: object) -> str:
    with pytest.raises(LeukoscopeError) as caught:
        read(folder, *tables, **more)
    return str(caught.value).replace(f"{folder}/", "")


def test_labels_that_others_predicted_for_cnmc_find_their_subjects(tmp_path: Path) -> None:
    found = read(tmp_path, "new_names,labels\n2.bmp,1\n1.bmp,1\n3.bmp,0\n", CNMC_LABELS)
    assert found.classes.names == ("hem", "all")
    assert found.classes.positive == "all"
    assert found.table["patient"].to_list() == ["H49", "57", "57"]
    assert found.table["label"].to_list() == ["hem", "all", "all"]
    assert found.table["called"].to_list() == ["all", "all", "hem"]


def test_names_are_matched_without_folder_and_ending(tmp_path: Path) -> None:
    found = read(tmp_path, "File,Prediction\na/b/1.png,HEM\n2,all\n3.webp,All\n", CNMC_LABELS)
    assert found.table["called"].to_list() == ["hem", "all", "all"]
    assert found.table["label"].to_list() == ["all", "hem", "all"]


def test_probabilities_of_each_class_are_read(tmp_path: Path) -> None:
    text = "image,label,p_b,p_a,p_c,subject\nx,a,0.1,0.7,0.2,P1\ny,c,0.2,0.2,0.6,P2\n"
    found = read(tmp_path, text)
    assert found.classes == Classes(("b", "a", "c"))
    assert found.probabilities().tolist() == [[0.1, 0.7, 0.2], [0.2, 0.2, 0.6]]
    assert found.table["patient"].to_list() == ["P1", "P2"]


@pytest.mark.parametrize("column", ["probability", "p_all", "Score", "all"])
def test_of_two_classes_one_probability_is_enough(tmp_path: Path, column: str) -> None:
    text = f"new_names,{column}\n1.bmp,0.75\n2.bmp,0.5\n3.bmp,0.25\n"
    classes = Classes(("hem", "all"))
    found = read(tmp_path, text, CNMC_LABELS, classes=classes)
    assert found.probabilities().tolist() == [[0.25, 0.75], [0.5, 0.5], [0.75, 0.25]]
    assert found.table["called"].null_count() == 3


def test_labels_beside_probabilities_are_the_true_ones(tmp_path: Path) -> None:
    found = read(tmp_path, "id,labels,prob,patient\na,1,0.9,x\nb,0.0,0.2,y\n")
    assert found.classes == Classes(("0", "1"))
    assert found.table["label"].to_list() == ["1", "0"]
    assert found.probabilities()[0].tolist() == pytest.approx([0.1, 0.9])


def test_numbers_are_places_and_1_is_the_positive_class(tmp_path: Path) -> None:
    first = Classes(("all", "hem"), positive="all")
    found = read(tmp_path, "id,pred,truth\na,1,0\nb,0,1\n", classes=first)
    assert found.table["called"].to_list() == ["all", "hem"]
    assert found.table["label"].to_list() == ["hem", "all"]
    three = read(tmp_path, "id,pred,truth\na,2,0\nb,1,1\n", classes=Classes(("x", "y", "z")))
    assert three.table["called"].to_list() == ["z", "y"]


def test_columns_of_other_names_are_named(tmp_path: Path) -> None:
    names = {"id": "cell no", "called": "said", "label": "really", "patient": "who"}
    found = read(tmp_path, "cell no,said\n7,sick\n8,well\n", "cell no,really,who\n8,well,A\n7,well,B\n", columns=names)
    assert found.table["label"].to_list() == ["well", "well"]
    assert found.table["patient"].to_list() == ["B", "A"]
    assert found.classes.positive == "well"


def test_what_leukoscope_wrote_is_read_as_it_was(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "id": ["a", "b"],
            "patient": ["1", "2"],
            "group": ["1+2", "1+2"],
            "part": ["test", "test"],
            "label": ["all", "hem"],
            "patient_label": ["all", None],
            "p_hem": [0.25, 1 / 3],
            "p_all": [0.75, 2 / 3],
            "logit": [1.0986, 0.6931],
            "run": ["r", "r"],
        }
    )
    own = Predictions(table, Classes(("hem", "all")))
    for name in ("test.parquet", "test.csv"):
        own.save(tmp_path / name)
        back = read_foreign(tmp_path / name)
        assert back.table.select(sorted(back.table.columns)).equals(own.table.select(sorted(own.table.columns)))


def test_pictures_that_could_not_be_read_are_left_out_with_a_warning(tmp_path: Path) -> None:
    text = "id,path,patient,called,p_hem,p_all,logit,problem\n"
    text += "1,1.bmp,,all,0.1,0.9,2.2,\n2,2.bmp,,,,,,The file is cut off.\n3,3.bmp,,hem,0.8,0.2,-1.4,\n"
    with pytest.warns(LeukoscopeWarning) as caught:
        found = read(tmp_path, text, CNMC_LABELS)
    assert [str(one.message) for one in caught] == [
        f"{tmp_path / 'predicted.csv'}: 1 row with a problem (no prediction) left out."
    ]
    assert found.table["id"].to_list() == ["1", "3"]
    assert found.table["label"].to_list() == ["all", "all"]
    assert found.table["patient"].to_list() == ["57", "57"]


def test_cells_of_several_parts_may_share_an_id(tmp_path: Path) -> None:
    found = read(tmp_path, "id,part,called,label\na,test,x,x\na,validation,y,x\n")
    assert found.table["part"].to_list() == ["test", "validation"]


def test_unknown_labels_are_null(tmp_path: Path) -> None:
    found = read(tmp_path, "id,called,label\na,x,\nb,y,x\n")
    assert found.table["label"].to_list() == [None, "x"]


FAULTS = [
    (
        ("new_names,labels\n1.bmp,1\n2.bmp,0\n", CNMC_LABELS),
        (
            "There is a label but no prediction for '3.bmp'.\n"
            "  where: labels.csv, row 4\n"
            "  what to do: Give predictions and labels of the same cells."
        ),
    ),
    (
        ("new_names,labels\n1.bmp,1\n2.bmp,0\n3.bmp,1\n4.bmp,1\n5.bmp,1\n", CNMC_LABELS),
        (
            "There is a prediction but no label for '4'.\n"
            "  where: predicted.csv, row 5 (and 1 more)\n"
            "  what to do: Give predictions and labels of the same cells."
        ),
    ),
    (
        ("new_names,labels\n1.bmp,1\n2.bmp,0\n1.bmp,1\n", CNMC_LABELS),
        "The id '1.bmp' stands twice.\n  where: predicted.csv, row 4\n  what to do: Keep one row of each.",
    ),
    (
        ("id,called\na/1.bmp,1\nb/1.bmp,0\n", "id,label\n1,1\n2,0\n"),
        (
            "The name (without folder and ending) '1' stands twice.\n"
            "  where: predicted.csv, row 3\n"
            "  what to do: Keep one row of each."
        ),
    ),
    (("id,called,label\n,x,y\n",), "A row has no id.\n  where: predicted.csv, row 2"),
    (
        ("id,p_hem,p_all,label\na,0.1,0.9,all\nb,nan,0.9,all\nc,0.1,x,hem\n",),
        "The column 'p_hem' needs a probability here; it has 'nan'.\n  where: predicted.csv, row 3",
    ),
    (
        ("id,p_hem,p_all,label\na,0.1,0.8,all\n",),
        "Probabilities must be numbers from 0 to 1 that sum to 1; found [0.1, 0.8].\n  where: id a",
    ),
    (
        ("id,p_hem,p_all,label\na,0.1,0.9,all\nb,0.1,0.9,blast\nc,0.1,0.9,5\n",),
        "The label 'blast' is none of the classes hem, all.\n  where: predicted.csv, row 3 (and 1 more)",
    ),
    (
        ("new_names,labels\n3.bmp,1\n1.bmp,1\n2.bmp,0\n", CNMC_LABELS.replace("all.bmp,1.bmp,1", "all.bmp,1.bmp,0")),
        (
            "The label 'hem' contradicts the name 'UID_57_29_1_all.bmp'.\n"
            "  where: labels.csv, row 2\n"
            "  what to do: Is 1 the class all?"
        ),
    ),
    (
        ("id,labels\na,1\nb,0\n",),
        (
            "There are neither probabilities nor called classes; there are: id, labels.\n"
            "  where: predicted.csv\n"
            "  what to do: If the labels there are the predictions, give the true ones: --labels FILE."
        ),
    ),
    (("id,called,label\na,x,y\nb,,y\n",), "A row has no called class.\n  where: predicted.csv, row 3"),
    (
        ("number,called\na,x\n",),
        (
            "No column holds the names of the cells; there are: number, called.\n"
            "  where: predicted.csv\n"
            "  what to do: Name it: --column id=NAME."
        ),
    ),
    (
        ("id,called\na,x\n", "id,kind\na,x\n"),
        (
            "No column holds the true labels; there are: id, kind.\n"
            "  where: labels.csv\n"
            "  what to do: Name it: --column label=NAME."
        ),
    ),
    (
        ("id,called,label\na,x,x\n",),
        "At least two classes are needed; found: x.\n  what to do: Name them all: --classes hem,all.",
    ),
    (("id,called,label\n",), "This table has no rows.\n  where: predicted.csv"),
]


@pytest.mark.parametrize(("tables", "expected"), FAULTS, ids=[text.split("\n")[0] for _, text in FAULTS])
def test_a_fault_is_told_with_its_file_and_row(tmp_path: Path, tables: tuple[str, ...], expected: str) -> None:
    assert message(tmp_path, *tables) == expected


def test_a_class_without_probabilities_is_named(tmp_path: Path) -> None:
    text = message(tmp_path, "id,p_x,p_y,label\na,0.5,0.5,x\n", classes=Classes(("x", "y", "z")))
    assert text == (
        "No column holds the probabilities of the class 'z'.\n"
        "  where: predicted.csv\n"
        "  what to do: Did you mean 'p_y'? Known: id, label, p_x, p_y."
    )


def test_a_column_that_is_not_there_or_cannot_be_asked_for_is_named(tmp_path: Path) -> None:
    table = "id,called,label\na,x,y\n"
    assert message(tmp_path, table, columns={"id": "ids"}) == (
        "There is no column 'ids'.\n  where: predicted.csv\n  what to do: Did you mean 'id'? Known: called, id, label."
    )
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, table, columns={"lable": "label"})
    assert str(caught.value) == (
        "No column can be a 'lable'.\n  what to do: Did you mean 'label'? Known: called, group, id, label, leakage, "
        "logit, p_CLASS, part, patient, patient_label, probability, problem, run."
    )


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="A table is missing"):
        read_foreign(tmp_path / "nothing.csv")


def test_rows_of_a_parquet_file_count_from_1(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame({"id": [1, 2], "called": ["x", "y"], "label": ["x", "z"]}).write_parquet(path)
    with pytest.raises(DataError) as caught:
        read_foreign(path, classes=Classes(("x", "y")))
    assert str(caught.value) == f"The label 'z' is none of the classes x, y.\n  where: {path}, row 2"
