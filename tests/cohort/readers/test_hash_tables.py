from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort import Cohort, read_cohort
from leukoscope.cohort.hashes import NOTE, hashes_table, without_pictures
from leukoscope.cohort.links import identical_pairs, linked_groups
from leukoscope.cohort.readers.hash_tables import column_names, is_hash_table, read_hashes
from leukoscope.cohort.readers.listing import list_files
from leukoscope.errors import DataError

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
TOP = "C-NMC_Leukemia/training_data"
CNMC = (
    f"path,sha256,bytes\n{TOP}/fold_0/all/UID_1_1_1_all.bmp,{A},10\n{TOP}/fold_1/all/UID_2_1_1_all.bmp,{A},10\n"
    f"{TOP}/fold_2/hem/UID_H9_1_1_hem.bmp,{B.upper()},12\nC-NMC_Leukemia/validation_data/notes.csv,{C},5\n"
)


def table(folder: Path, text: str, name: str = "hashes.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_table_is_read_with_plain_paths_and_hashes(tmp_path: Path) -> None:
    rows = read_hashes(table(tmp_path, f" sha256,path,size\n{A.upper()}, .\\a\\1.png ,9\n,b/2.png,\n"))
    assert rows.schema == {"path": pl.String, "sha256": pl.String, "bytes": pl.Int64}
    assert rows.rows() == [("a/1.png", A, None), ("b/2.png", None, None)]


def test_a_parquet_table_is_read_as_a_csv(tmp_path: Path) -> None:
    as_csv = table(tmp_path, CNMC)
    pl.read_csv(as_csv).write_parquet(tmp_path / "hashes.parquet")
    assert read_hashes(tmp_path / "hashes.parquet").equals(read_hashes(as_csv))
    assert column_names(tmp_path / "hashes.parquet") == ("path", "sha256", "bytes")


@pytest.mark.parametrize(
    ("rows", "what", "place"),
    [
        (f"x.png,{A},1\n,{A},1\n,{B},1\n", "A row has no path.", "row 3 (and 1 more)"),
        (f"x.png,{A},1\n./x.png,{A},1\n", "A path stands on more than one row.", "row 3"),
        ("x.png,md5,1\n", "A sha256 is not 64 hexadecimal digits.", "row 2"),
        (f"x.png,{A},1.5\n", "The bytes of a file are no whole number.", "row 2"),
    ],
)
def test_a_damaged_table_is_refused(rows: str, what: str, place: str, tmp_path: Path) -> None:
    path = table(tmp_path, f"path,sha256,bytes\n{rows}")
    with pytest.raises(DataError) as raised:
        read_hashes(path)
    do = "Correct the table, or take the row out."
    assert str(raised.value) == f"{what}\n  where: {path}, {place}\n  what to do: {do}"


def test_other_files_are_no_table_of_hashes(tmp_path: Path) -> None:
    assert not is_hash_table(table(tmp_path, "path,label\n"))
    assert not is_hash_table(table(tmp_path, f"path,sha256\nx.png,{A}\n", "hashes.txt"))
    assert not is_hash_table(table(tmp_path, ""))
    assert not is_hash_table(tmp_path)
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1")
    assert column_names(tmp_path / "damaged.parquet") == ()


def test_brackets_in_a_folder_s_name_are_letters(tmp_path: Path) -> None:
    (tmp_path / "a [1]").mkdir()
    path = table(tmp_path / "a [1]", CNMC)
    pl.read_csv(path, glob=False).write_parquet(path.with_suffix(".parquet"))
    assert is_hash_table(path)
    assert is_hash_table(path.with_suffix(".parquet"))


def test_the_listing_of_a_table_is_that_of_its_folder(tree: Callable[[list[str]], Path], tmp_path: Path) -> None:
    names = ["b/2.png", "a/1.bmp", "top.jpg", "a/deep/.hidden.png"]
    rows = "".join(f"{name},{A}\n" for name in names)
    listing = list_files(table(tmp_path, f"path,sha256\n{rows}"))
    assert listing.files.equals(list_files(tree(names)).files)
    assert (listing.root, listing.notes) == (tmp_path, ())
    assert listing.pictures["excluded"].null_count() == 3


def test_hidden_folders_are_passed_over_and_files_that_readers_open_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "there.csv").touch()
    names = ["1.png", ".git/2.png", "__MACOSX/3.png", "there.csv", "gone.csv", "x/.y/4.png", "../5.png"]
    listing = list_files(table(tmp_path, "path,sha256\n" + "".join(f"{name},{A}\n" for name in names)))
    assert listing.files["path"].to_list() == ["../5.png", "1.png", "there.csv"]
    assert listing.notes == (
        "Passed over, in hidden folders: 3 files.",
        "Named in hashes.csv but not at hand, so what they say is not known: 1 file (gone.csv).",
    )


def test_a_published_table_is_read_by_the_data_set_s_own_reader(tmp_path: Path) -> None:
    cohort = read_cohort(table(tmp_path, CNMC))
    assert (cohort.name, cohort.reader, cohort.root) == ("cnmc", "cnmc", tmp_path)
    assert cohort.cells.select("id", "label", "patient", "sha256", "bytes").rows() == [
        ("UID_1_1_1_all", "all", "1", A, 10),
        ("UID_2_1_1_all", "all", "2", A, 10),
        ("UID_H9_1_1_hem", "hem", "H9", B, 12),
    ]
    assert cohort.notes == (
        "Read by the reader 'cnmc', recognised by its layout.",
        NOTE,
        (
            "Named in hashes.csv but not at hand, so what they say is not known: 1 file "
            "(C-NMC_Leukemia/validation_data/notes.csv)."
        ),
    )


def test_links_come_from_the_hashes_alone(tmp_path: Path) -> None:
    cohort = read_cohort(table(tmp_path, CNMC), "cnmc")
    assert without_pictures(cohort)
    pairs = identical_pairs(hashes_table(cohort))
    assert pairs.select("id_a", "id_b", "kind").rows() == [("UID_1_1_1_all", "UID_2_1_1_all", "exact bytes")]
    assert linked_groups(cohort, pairs).joined["1+2"] == ["1", "2"]


def test_where_pictures_lie_beside_the_table_they_are_opened(tmp_path: Path) -> None:
    picture = tmp_path / TOP / "fold_0" / "all" / "UID_1_1_1_all.bmp"
    picture.parent.mkdir(parents=True)
    picture.touch()
    cohort = read_cohort(table(tmp_path, CNMC), "cnmc")
    assert not without_pictures(cohort)
    assert NOTE not in cohort.notes
    assert cohort.cells["sha256"].to_list() == [A, A, B]


def test_paths_that_no_reader_knows(tmp_path: Path) -> None:
    path = table(tmp_path, f"path,sha256\n1.png,{A}\n")
    with pytest.raises(DataError) as raised:
        read_cohort(path)
    assert str(raised.value).startswith(
        f"No reader recognises the paths in this table of hashes.\n  where: {path}\n"
        "  what to do: Add the columns label and patient, or name a reader: all-idb, "
    )


def test_a_table_with_labels_needs_no_layout(tmp_path: Path) -> None:
    rows = f"path,sha256,label,patient\nx1.png,{A},hem,p1\nx2.png,{A},hem,p2\nx3.png,{B},all,p3\nx4.png,,all,p3\n"
    cohort = read_cohort(table(tmp_path, rows))
    assert (cohort.reader, cohort.usable.height) == ("table", 3)
    assert cohort.cells["excluded"].to_list() == [None, None, None, "the file is missing"]
    assert cohort.notes[1] == NOTE
    assert hashes_table(cohort)["bytes"].null_count() == 4
    assert linked_groups(cohort, identical_pairs(hashes_table(cohort))).joined == {"p1+p2": ["p1", "p2"]}


def test_a_table_of_pictures_that_are_there_is_a_table_as_any_other(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["x1.png", "x2.png"])
    rows = f"path,sha256,label\nx1.png,{A},hem\nx2.png,{A},all\nx3.png,{B},all\n"
    cohort = read_cohort(table(root, rows))
    assert cohort.cells["excluded"].to_list() == [None, None, "the file is missing"]
    assert not without_pictures(cohort)


def test_a_cohort_without_hashes_has_pictures(tree: Callable[[list[str]], Path]) -> None:
    cohort: Cohort = read_cohort(tree(["a/1.png", "b/1.png"]), "folder")
    assert not without_pictures(cohort)
    (cohort.root / "a" / "1.png").unlink()
    (cohort.root / "b" / "1.png").unlink()
    assert not without_pictures(cohort)
