from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.readers.listing import PICTURE_ENDINGS, exists, list_files, require_folder
from leukoscope.errors import DataError
from leukoscope.pictures.recognition import SUFFIXES


def test_list_files_gives_paths_sorted_with_their_parts(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["b/x.y.BMP", "a.csv", "b/c/none", "a.png"])
    listing = list_files(root)
    assert listing.files["path"].to_list() == ["a.csv", "a.png", "b/c/none", "b/x.y.BMP"]
    assert listing.files["folder"].to_list() == ["", "", "b/c", "b"]
    assert listing.files["stem"].to_list() == ["a", "a", "none", "x.y"]
    assert listing.files["ending"].to_list() == [".csv", ".png", "", ".bmp"]
    assert listing.pictures["path"].to_list() == ["a.png", "b/x.y.BMP"]
    assert listing.notes == ()


def test_every_ending_that_the_decoder_knows_is_a_pictures() -> None:
    assert sorted(PICTURE_ENDINGS) == sorted(SUFFIXES)


def test_left_out_files_are_counted_and_named_but_not_those_that_were_used(
    tree: Callable[[list[str]], Path],
) -> None:
    listing = list_files(tree([".DS_Store", "a.png", "labels.csv", "notes.html"]))
    assert listing.left_out("labels.csv") == ("Left out, not being pictures: 2 files (.DS_Store, notes.html).",)
    assert listing.left_out(".DS_Store", "labels.csv", "notes.html") == ()


def test_hidden_pictures_are_excluded_with_the_reason(tree: Callable[[list[str]], Path]) -> None:
    pictures = list_files(tree(["._a.png", "a.png"])).pictures
    reason = "a hidden file (its name begins with a dot), not a picture of the data set"
    assert pictures["excluded"].to_list() == [reason, None]


def test_hidden_folders_are_passed_over_and_said(tree: Callable[[list[str]], Path]) -> None:
    listing = list_files(tree(["a/1.png", ".git/2.png", "__MACOSX/a/._1.png"]))
    assert listing.files["path"].to_list() == ["a/1.png"]
    assert listing.notes == ("Passed over: 2 folders (.git, __MACOSX).",)


def test_a_link_that_leads_back_is_followed_once(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["a/1.png"])
    (root / "a" / "loop").symlink_to(root, target_is_directory=True)
    listing = list_files(root)
    assert listing.files["path"].to_list() == ["a/1.png"]
    assert listing.notes == ("Passed over: 1 folder (a/loop).",)


def test_a_name_that_is_no_utf8_is_left_out_and_said(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["a/1.png", "a/2.png", "b/3.png"])
    try:
        (Path(os.fsdecode(bytes(root / "a") + b"/\xff.png"))).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    listing = list_files(root)
    assert listing.files["path"].to_list() == ["a/1.png", "a/2.png", "b/3.png"]
    assert listing.notes == ("Left out, their names not being UTF-8: 1 file.",)
    Path(os.fsdecode(bytes(root / "a") + b"/\xfe")).mkdir()
    assert list_files(root).notes[0] == "Passed over: 1 folder (a/\\udcfe)."


def test_require_folder_says_what_is_there_instead(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["a.png"])
    assert require_folder(root) == root
    with pytest.raises(DataError) as error:
        require_folder(root / "a.png")
    assert str(error.value) == (
        "A folder is needed here, and this is a file.\n"
        f"  where: {root}/a.png\n"
        "  what to do: Name the folder that it lies in."
    )
    with pytest.raises(DataError) as error:
        require_folder(root / "b")
    assert str(error.value) == f"There is no such folder.\n  where: {root}/b\n  what to do: Check the path."


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    with pytest.raises(DataError) as error:
        list_files(tmp_path)
    assert str(error.value) == (
        f"This folder is empty.\n  where: {tmp_path}\n  what to do: Check the path, or unpack the data set first."
    )


def test_a_folder_that_cannot_be_read_is_named(
    tree: Callable[[list[str]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(["a/1.png"])
    scan = os.scandir

    def refuse(folder: Path) -> object:
        if folder == root / "a":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError) as error:
        list_files(root)
    assert str(error.value) == f"This folder cannot be read: Permission denied.\n  where: {root}/a"


def test_exists_knows_relative_absolute_missing_and_null_paths(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["a/1.png", "2.png"])
    paths = pl.Series(["a/1.png", "./2.png", str(root / "2.png"), "a", "a/9.png", "no/1.png", None])
    assert exists(root, paths).to_list() == [True, True, True, False, False, False, False]
    assert exists(root, pl.Series([], dtype=pl.String)).to_list() == []
