from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort import read_cohort
from leukoscope.errors import DataError

Tree = Callable[[list[str]], Path]

NAMES = ("BloodImage_00000", "BloodImage_00001", "BloodImage_00002")
Box = tuple[str, object, object, object, object]
WHITE, RED = ("WBC", 260, 177, 491, 376), ("RBC", 504, 337, 504, 337)


def annotation(name: str, boxes: list[Box]) -> str:
    objects = "".join(
        f"<object><name>{label}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax>"
        f"<ymax>{bottom}</ymax></bndbox></object>"
        for label, left, top, right, bottom in boxes
    )
    return f"<annotation><filename>{name}.jpg</filename>{objects}</annotation>"


@pytest.fixture
def fields(tree: Tree) -> Path:
    """Three fields: a white cell and a flat box, a platelet, nothing; one in each part."""
    root = tree([f"JPEGImages/{name}.jpg" for name in NAMES])
    (root / "Annotations").mkdir()
    (root / "ImageSets/Main").mkdir(parents=True)
    boxes = ([WHITE, RED], [("Platelets", 1, 2, 3.5, 4)], [])
    for name, own, part in zip(NAMES, boxes, ("train", "val", "test"), strict=True):
        (root / f"Annotations/{name}.xml").write_text(annotation(name, own))
        (root / f"ImageSets/Main/{part}.txt").write_text(f"{name}\n")
    return root


def test_fields_have_boxes_and_no_label(fields: Path) -> None:
    cohort = read_cohort(fields)
    assert (cohort.reader, cohort.classes.names) == ("bccd", ("wbc", "rbc", "platelet"))
    assert cohort.cells.select("id", "label", "place", "boxes").rows() == [
        (NAMES[0], None, "train", 2),
        (NAMES[1], None, "val", 1),
        (NAMES[2], None, "test", 0),
    ]
    boxes = cohort.tables["boxes"]
    assert boxes.rows() == [
        (NAMES[0], "wbc", 260.0, 177.0, 491.0, 376.0),
        (NAMES[0], "rbc", 504.0, 337.0, 504.0, 337.0),
        (NAMES[1], "platelet", 1.0, 2.0, 3.5, 4.0),
    ]
    assert set(boxes.schema.dtypes()) == {pl.String(), pl.Float64()}
    assert cohort.notes[1:] == (
        f"With a box without area: 1 field ({NAMES[0]}).",
        f"Without a box of a white cell: 2 fields ({NAMES[1]}, {NAMES[2]}).",
    )


@pytest.mark.parametrize("at", ["..", ".", "JPEGImages"])
def test_the_folder_above_and_the_pictures_alone_give_the_same(at: str, fields: Path) -> None:
    cohort = read_cohort(fields / at)
    assert cohort.cells["id"].to_list() == list(NAMES)
    assert cohort.tables["boxes"].height == 3
    assert cohort.cells["place"].to_list() == ["train", "val", "test"]


def test_damaged_annotations_exclude_their_field(fields: Path) -> None:
    (fields / f"Annotations/{NAMES[0]}.xml").write_text("<annotation><object></annotation>")
    (fields / f"Annotations/{NAMES[1]}.xml").write_text("<svg/>")
    cohort = read_cohort(fields, "bccd")
    assert cohort.cells["excluded"].to_list() == [*["its annotation cannot be used"] * 2, None]
    assert [note for note in cohort.notes if note.startswith("Excluded")] == [
        f"Excluded with its annotation: {NAMES[0]}.xml is damaged (mismatched tag: line 1, column 22).",
        f"Excluded with its annotation: {NAMES[1]}.xml is no annotation in Pascal VOC's form.",
    ]
    assert cohort.tables["boxes"].height == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_never_expanded(encoding: str, fields: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;">]><annotation>&c;</annotation>'
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    (fields / f"Annotations/{NAMES[0]}.xml").write_bytes((head + bomb).encode(encoding))
    cohort = read_cohort(fields)
    assert cohort.cells["excluded"][0] == "its annotation cannot be used"
    assert (
        f"Excluded with its annotation: {NAMES[0]}.xml declares a document type, which no annotation needs; it was "
        "not read further."
    ) in cohort.notes


def test_missing_and_strange_annotations_are_said(fields: Path) -> None:
    (fields / f"Annotations/{NAMES[0]}.xml").unlink()
    odd: list[Box] = [("Parasite", 1, 1, 9, 9), ("WBC", 1, "x", 9, 9), ("WBC", 1, 1, "inf", 9), WHITE]
    (fields / f"Annotations/{NAMES[1]}.xml").write_text(annotation("other", odd))
    (fields / "Annotations/BloodImage_00099.xml").write_text(annotation("BloodImage_00099", [WHITE]))
    (fields / "ImageSets/Main/test.txt").unlink()
    cohort = read_cohort(fields, "bccd")
    assert cohort.cells["boxes"].to_list() == [None, 2, 0]
    assert cohort.tables["boxes"]["label"].to_list() == [None, "wbc"]
    assert cohort.notes == (
        f"In none of train.txt, val.txt and test.txt: 1 field ({NAMES[2]}).",
        f"{NAMES[1]}.xml: without four numbers, left out: 2 boxes.",
        f"{NAMES[1]}.xml says that it belongs to other.jpg.",
        "Annotations of fields that are not here: 1 file (BloodImage_00099).",
        f"Without an annotation: 1 field ({NAMES[0]}).",
        f"Without a box of a white cell: 1 field ({NAMES[2]}).",
        "Boxes of unknown names are left without a label: Parasite.",
    )


def test_a_field_in_two_parts_is_excluded(fields: Path) -> None:
    (fields / "ImageSets/Main/test.txt").write_text(f"{NAMES[0]}\n{NAMES[2]}\n")
    first = read_cohort(fields).cells.row(0, named=True)
    assert (first["place"], first["excluded"]) == (None, "in more than one of train.txt, val.txt and test.txt")


def test_pictures_alone_are_read_too(tree: Tree) -> None:
    cohort = read_cohort(tree([f"JPEGImages/{NAMES[0]}.jpg", "example.jpg"]), "bccd")
    assert cohort.cells.select("id", "place", "boxes", "excluded").rows() == [
        (NAMES[0], None, None, None),
        ("example.jpg", None, None, "not in the folder JPEGImages"),
    ]


def test_two_copies_in_one_folder_are_refused(tree: Tree) -> None:
    root = tree([f"{home}/JPEGImages/{NAMES[0]}.jpg" for home in ("a", "b")])
    with pytest.raises(DataError) as error:
        read_cohort(root)
    assert str(error.value) == (
        "BCCD is here more than once.\n"
        f"  where: {root}/a/JPEGImages (and 1 more)\n"
        "  what to do: Name the folder of one."
    )


def test_another_layout_is_refused(tree: Tree) -> None:
    root = tree(["blast/1.png"])
    with pytest.raises(DataError) as error:
        read_cohort(root, "bccd")
    assert str(error.value) == (
        "This folder is not in BCCD's layout: no pictures in JPEGImages.\n"
        f"  where: {root}\n"
        "  what to do: Check the path."
    )
