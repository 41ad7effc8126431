from __future__ import annotations

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
