from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leukoscope.errors import SettingsError
from leukoscope.reports.sheets import GAP, TILE, augmentation_sheet, example_sheet, picture_sheet, wrong_cells_sheet


def plain(*colours: tuple[int, int, int], side: int = 32) -> np.ndarray:
    return np.stack([np.full((side, side, 3), colour, dtype=np.uint8) for colour in colours])


def tile(path: Path, column: int, row: int, line: int) -> np.ndarray:
    """The middle of a tile; ``line`` is the height of a row of tiles."""
    with Image.open(path) as opened:
        pixels = np.asarray(opened)
    x, y = GAP + column * (TILE + GAP) + TILE // 2, GAP + row * line + TILE // 2
    return pixels[y, x]


def test_pictures_stand_in_rows(tmp_path: Path) -> None:
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    path = picture_sheet(plain(*colours), ["", "", ""], tmp_path / "a" / "sheet.png", columns=2)
    places = [(0, 0), (1, 0), (0, 1)]
    assert [tuple(tile(path, *place, TILE + GAP)) for place in places] == colours
    assert tuple(tile(path, 1, 1, TILE + GAP)) == (255, 255, 255)


def test_pictures_of_any_shape_keep_it(tmp_path: Path) -> None:
    tall = np.full((40, 10, 3), 60, dtype=np.uint8)
    large = np.full((450, 450, 3), 90, dtype=np.uint8)
    path = picture_sheet([tall, large], ["", ""], tmp_path / "sheet.png")
    with Image.open(path) as opened:
        pixels = np.asarray(opened)
    row = pixels[GAP + TILE // 2]
    assert (row[GAP : GAP + TILE, 0] == 60).sum() == TILE // 4
    assert (row[2 * GAP + TILE : 2 * GAP + 2 * TILE, 0] == 90).sum() == TILE


def test_captions_stay_within_their_tile(tmp_path: Path) -> None:
    path = picture_sheet(plain((0, 0, 0), (0, 0, 0)), ["W" * 200, ""], tmp_path / "sheet.png")
    with Image.open(path) as opened:
        below = np.asarray(opened.convert("L"))[GAP + TILE + 3 :]
    inked = np.flatnonzero((below < 128).any(axis=0))
    assert inked.min() >= GAP
    assert inked.max() < GAP + TILE


def test_the_same_sheet_is_the_same_file(tmp_path: Path) -> None:
    first, second = (
        picture_sheet(plain((1, 2, 3)), ["a\nb"], tmp_path / name).read_bytes() for name in ("a.png", "b.png")
    )
    assert first == second


def test_augmentation_has_a_row_for_each_cell(tmp_path: Path) -> None:
    before = plain((200, 0, 0), (0, 200, 0))
    path = augmentation_sheet(before, [before // 2, before // 4], tmp_path / "augmentation.png")
    with Image.open(path) as opened:
        width, height = opened.size
    assert width == GAP + 3 * (TILE + GAP)
    line = (height - GAP) // 2
    assert [tuple(tile(path, column, 0, line)) for column in range(3)] == [(200, 0, 0), (100, 0, 0), (50, 0, 0)]
    assert [tuple(tile(path, column, 1, line)) for column in range(3)] == [(0, 200, 0), (0, 100, 0), (0, 50, 0)]


def test_examples_have_a_line_for_what_they_are_each_guess_and_their_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions: list[str] = []
    from leukoscope.reports import sheets  # noqa: PLC0415 - to listen

    monkeypatch.setattr(sheets, "picture_sheet", lambda _pictures, said, path, **_: captions.extend(said) or path)
    example_sheet(
        plain((1, 1, 1), (2, 2, 2)),
        tmp_path / "examples.png",
        ids=["c1", "c2"],
        labels=["monocyte", "blast"],
        right=[True, False],
        # two classes may have one title
        guesses=[[("monocyte", 0.9), ("blast", 0.1)], [("blast", 0.6), ("blast", 0.4)]],
    )
    assert captions == [
        "✓ is: monocyte\n0.90 monocyte\n0.10 blast\nc1",
        "✗ is: blast\n0.60 blast\n0.40 blast\nc2",
    ]


def test_wrong_cells_have_four_lines(tmp_path: Path) -> None:
    names = {"ids": ["a"], "labels": ["normal cell"], "called": ["blast"], "probabilities": [0.98]}
    path = wrong_cells_sheet(plain((9, 9, 9)), tmp_path / "wrong.png", **names)
    same = picture_sheet(plain((9, 9, 9)), ["is: normal cell\ncalled: blast\nsure: 0.98\na"], tmp_path / "same.png")
    assert path.read_bytes() == same.read_bytes()


@pytest.mark.parametrize(("count", "captions", "columns"), [(0, 0, 6), (2, 1, 6), (1, 1, 0)])
def test_what_makes_no_sheet_is_refused(tmp_path: Path, count: int, captions: int, columns: int) -> None:
    pictures = np.zeros((count, 8, 8, 3), dtype=np.uint8)
    with pytest.raises(SettingsError) as caught:
        picture_sheet(pictures, ["x"] * captions, tmp_path / "no.png", columns=columns)
    assert str(caught.value) == (
        "A sheet needs pictures, a caption for each, and a column; "
        f"got {count} pictures, {captions} captions, {columns} columns."
    )
    assert not (tmp_path / "no.png").exists()
