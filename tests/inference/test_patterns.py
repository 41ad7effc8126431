from __future__ import annotations

import os
from pathlib import Path

import pytest

from leukoscope.errors import DataError
from leukoscope.inference.patterns import is_pattern, matched


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    for name in ("a1.png", "a2.PNG", "b1.jpg", "notes.txt", ".a3.png", "deep/er/a4.bmp", "deep/a5.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", ["a1.png", "a2.PNG", "b1.jpg"]),
        ("a?.*", ["a1.png", "a2.PNG"]),
        ("[b]*", ["b1.jpg"]),
        ("**/a*", ["a1.png", "a2.PNG", "deep/a5.png", "deep/er/a4.bmp"]),
        ("d*/*.png", ["deep/a5.png"]),
        (".a*", [".a3.png"]),
    ],
)
def test_pictures_that_match_are_named_from_the_first_wildcard_on(cells: Path, pattern: str, names: list[str]) -> None:
    root, found, _ = matched(cells / pattern)
    assert (root, found) == (cells, names)


def test_a_pattern_is_relative_to_where_one_stands(cells: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cells)
    assert matched(Path("deep/**/*.bmp"))[:2] == (Path("deep"), ["er/a4.bmp"])
    assert matched(Path("*.jpg"))[:2] == (Path(), ["b1.jpg"])


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**/*.png", ["a/1.png"]),
        ("*/*", ["a/1.png"]),
        (".t*/*", [".thumbs/1.png"]),
        ("**/.deep/*.png", ["a/.deep/1.png"]),
        ("**/.*.png", ["a/.2.png"]),
        ("_*/*.png", ["__MACOSX/1.png"]),
        ("**/*[!x]/.*.png", ["a/.2.png"]),
    ],
)
def test_hidden_folders_are_searched_only_where_the_pattern_says_so(
    tmp_path: Path, pattern: str, names: list[str]
) -> None:
    for name in ("a/1.png", "a/.2.png", ".thumbs/1.png", "a/.deep/1.png", "a/.deep/.2.png", "__MACOSX/1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert matched(tmp_path / pattern)[1] == names
    assert matched(tmp_path / ".thumbs" / "*.png")[1] == ["1.png"]


def test_a_name_that_is_no_utf8_is_left_out_and_said(cells: Path) -> None:
    strange = Path(os.fsdecode(bytes(cells) + b"/a\xff.png"))
    try:
        strange.touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    note = "Left out, their names not being UTF-8: 1 file."
    assert matched(cells / "a*")[1:] == (["a1.png", "a2.PNG"], (note,))
    assert matched(cells / "*")[2] == (note, "Left out, not being pictures: 1 file (notes.txt).")
    with pytest.raises(DataError, match=r"^No picture matches this pattern, but 1 other file\."):
        matched(cells / "a[!12]*")


def test_what_is_no_picture_is_left_out_with_a_note(cells: Path) -> None:
    assert matched(cells / "*")[2] == ("Left out, not being pictures: 1 file (notes.txt).",)
    assert matched(cells / "*.png")[2] == ()


def test_a_pattern_that_matches_nothing_is_refused(cells: Path) -> None:
    with pytest.raises(DataError) as caught:
        matched(cells / "*.tif")
    assert str(caught.value) == (
        f"No picture matches this pattern.\n  where: {cells / '*.tif'}\n"
        "  what to do: Check it, and put it in quotes, so that the shell leaves it alone."
    )
    with pytest.raises(DataError, match=r"^No picture matches this pattern, but 1 other file\."):
        matched(cells / "*.txt")
    with pytest.raises(DataError, match="This is no pattern of paths: "):
        matched(cells / "**.png")


def test_a_file_of_that_very_name_is_no_pattern(cells: Path) -> None:
    (cells / "c[1].png").write_bytes(b"")
    assert not is_pattern(cells / "c[1].png")
    assert is_pattern(cells / "c[2].png")
    assert not is_pattern(cells / "nowhere.png")
