from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits import from_file, holdout, make_split, make_splits, save_splits
from leukoscope.errors import DataError, LeakageError, SettingsError

Made = tuple[Cohort, LinkedGroups]


def written(folder: Path, text: str) -> Path:
    path = folder / "parts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def whole(clinic: Made, change: Callable[[str], str] = str) -> str:
    """Return a file that names every cell of the clinic, without a leak."""
    parts = {"a01": "train", "a02": "train", "h01": "train", "h02": "train", "h03": "train"}
    parts |= {"a03": "test", "a04": "test", "h04": "test", "a05": "validation", "h05": "validation"}
    rows = [f"{change(name)},{parts.get(name[:3], 'train')}" for name in clinic[0].cells["id"]]
    return "\n".join(["id,part", *rows]) + "\n"


def test_a_saved_split_comes_back(clinic: Made, tmp_path: Path) -> None:
    drawn = make_split("holdout", *clinic, seed=0)
    for name in ("split.csv", "split.parquet"):
        drawn.save(tmp_path / name)
        back = make_split("file", *clinic, path=tmp_path / name)
        assert back.table.equals(drawn.table)
        assert (back.kind, back.seed, back.statement, back.warnings) == ("file", None, drawn.statement, ())


@pytest.mark.parametrize("change", [str, "{}.bmp".format, "pictures/{}.png".format, "C:\\data\\{}.webp".format])
def test_ids_may_be_file_names(clinic: Made, tmp_path: Path, change: Callable[[str], str]) -> None:
    split = make_split("file", *clinic, path=written(tmp_path, whole(clinic, change)))
    assert split.statement == "7 patients in train | 2 patients in validation | 3 patients in test, 0 shared, 0 linked"


def test_patients_may_be_named_instead(clinic: Made, tmp_path: Path) -> None:
    text = "patient,part\na01,train\na02,train\nh01,train\nh02,train\nh03,train\na03,test\nh04,test\na05,validation\n"
    split = make_split("file", *clinic, path=written(tmp_path, text + "h05,validation\n"))
    assert split.ids("test").to_list() == [f"{name}_{n}" for name in ("a03", "h04") for n in range(10)]
    assert split.warnings == ("30 cells of the data set left out: the split's file does not name them.",)


def test_validation_is_drawn_where_the_file_has_none(clinic: Made, tmp_path: Path) -> None:
    text = whole(clinic).replace("validation", "train")
    split = make_split("file", *clinic, path=written(tmp_path, text), seed=5)
    assert split.seed == 5
    assert set(split.part(clinic[0], "validation").cells["label"]) == {"all", "hem"}


def test_cells_that_cannot_be_used_are_left_out_and_counted(clinic: Made, tmp_path: Path) -> None:
    cohort, groups = clinic
    cohort = cohort.exclude(pl.DataFrame({"id": ["a06_0", "a06_1"], "reason": ["blurred", "blurred"]}))
    split = make_split("file", cohort, groups, path=written(tmp_path, whole(clinic)))
    assert split.table.height == 118
    assert split.warnings == ("2 cells of the split's file left out: excluded, or of no known class.",)


def test_a_file_that_leaks_is_refused(clinic: Made, tmp_path: Path) -> None:
    text = whole(clinic).replace("a02_3,train", "a02_3,test")
    with pytest.raises(LeakageError) as raised:
        make_split("file", *clinic, path=written(tmp_path, text))
    assert str(raised.value).splitlines()[:2] == [
        "The split puts on two sides what belongs together: 1 linked group and 1 patient.",
        (
            "  where: patient a01 (train) and patient a02 (train, test) share 2 identical pictures (a01_0 = a02_0, "
            "a01_1 = a02_5); patient a02 has cells on two sides (train 9, test 1)"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "name,part\na,train\n",
            "A split needs the columns id (or patient) and part; the file's columns: name, part.\n  where: {path}",
        ),
        ("id,part\na01_0,train\na01_1,\n", "The part is missing.\n  where: {path}, row 3"),
        ("id,part\n,train\n", "The id is missing.\n  where: {path}, row 2"),
        (
            "id,part\na01_0,train\na01_1,valid\na01_2,tset\n",
            (
                "There is no such part: valid.\n  where: {path}, row 3 (and 1 more)\n"
                "  what to do: Did you mean 'validation'? Known: test, train, validation."
            ),
        ),
        (
            "id,part\na01_0,train\nb7,train\nb8,test\n",
            "The split names a cell that the data set does not have: b7.\n  where: {path}, row 3 (and 1 more)",
        ),
        (
            "id,part\na01_0,train\na01_1,test\na01_0.png,test\n",
            "The split names a cell twice: a01_0.\n  where: {path}, row 4",
        ),
        (
            "patient,part\na01,train\nz9,test\n",
            "The split names a patient that the data set does not have: z9.\n  where: {path}, row 3",
        ),
        ("patient,part\na01,train\na01,train\n", "The split names a patient twice: a01.\n  where: {path}, row 3"),
    ],
)
def test_what_is_no_split(clinic: Made, tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DataError) as raised:
        from_file(*clinic, path=path)
    assert str(raised.value) == said.format(path=path)


def test_a_name_of_two_pictures_is_refused(make: Callable[..., Made], tmp_path: Path) -> None:
    made = make([("one/a", "all", "1", None), ("two/a", "hem", "2", None)])
    path = written(tmp_path, "id,part\none/a,train\na,test\n")
    with pytest.raises(DataError) as raised:
        from_file(*made, path=path)
    assert str(raised.value) == (
        f"More than one picture has this name: a.\n  where: {path}, row 3\n  what to do: Name the cells by their ids."
    )


def test_a_missing_file(clinic: Made, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="A table is missing"):
        from_file(*clinic, path=tmp_path / "none.csv")


def test_a_patient_by_number_is_matched_as_text(make: Callable[..., Made], tmp_path: Path) -> None:
    made = make([(f"c{n}", "all" if n % 2 else "hem", f"0{n // 2}", None) for n in range(6)])
    split = make_split("file", *made, path=written(tmp_path, "patient,part\n00,train\n01,validation\n02,test\n"))
    assert split.table["part"].to_list() == ["train", "train", "validation", "validation", "test", "test"]


def test_what_was_drawn_by_cell_can_be_saved_too(make: Callable[..., Made], tmp_path: Path) -> None:
    made = make([(f"c{n}", "all" if n % 2 else "hem", None, None) for n in range(30)])
    holdout(*made, seed=0).save(tmp_path / "split.csv")
    assert make_split("file", *made, path=tmp_path / "split.csv").by == "cell"


def test_saved_folds_come_back_one_by_one_and_all_at_once(clinic: Made, tmp_path: Path) -> None:
    drawn = make_splits("folds", *clinic, folds=3, validation=0.4, seed=0)
    for name in ("folds.csv", "folds.parquet"):
        save_splits(drawn, tmp_path / name)
        back = make_splits("file", *clinic, path=tmp_path / name)
        assert [split.table.equals(other.table) for split, other in zip(back, drawn, strict=True)] == [True] * 3
        assert [(split.kind, split.number, split.of) for split in back] == [("file", n, 3) for n in range(3)]
        assert make_split("file", *clinic, path=tmp_path / name, fold=2).table.equals(drawn[2].table)


def test_splits_by_patient_may_be_numbered_from_one(clinic: Made, tmp_path: Path) -> None:
    parts = {"a01": "train", "a02": "train", "h01": "train", "h02": "train", "h03": "train", "a03": "test"}
    parts |= {"h04": "test", "a05": "validation", "h05": "validation"}
    rows = [f"{number},{patient},{part}" for number in (1, 2) for patient, part in parts.items()]
    path = written(tmp_path, "\n".join(["split,patient,part", *rows, "2,a06,test"]) + "\n")
    split = make_split("file", *clinic, path=path, fold=2)
    assert (split.number, split.of, split.ids("test").len()) == (1, 2, 30)
    assert [one.ids("test").len() for one in make_splits("file", *clinic, path=path)] == [20, 30]
    with pytest.raises(SettingsError) as raised:
        make_split("file", *clinic, path=path, fold=3)
    assert str(raised.value) == f"The file has no split 3; it has: 1, 2.\n  where: {path}, split.fold"


def test_a_file_of_one_split_has_no_other(clinic: Made, tmp_path: Path) -> None:
    path = written(tmp_path, whole(clinic))
    assert make_split("file", *clinic, path=path).of is None
    with pytest.raises(SettingsError, match="The file has no split 1; it has: 0"):
        make_split("file", *clinic, path=path, fold=1)


@pytest.mark.parametrize(
    ("number", "said"), [("", "The split is missing."), ("x", "The split's number is no whole number: x.")]
)
def test_a_row_without_the_number_of_its_split(clinic: Made, tmp_path: Path, number: str, said: str) -> None:
    path = written(tmp_path, f"split,id,part\n0,a01_0,train\n{number},a01_0,test\n")
    with pytest.raises(DataError) as raised:
        from_file(*clinic, path=path)
    assert (raised.value.what, raised.value.where) == (said, f"{path}, row 3")
