"""The figure of drawn cells beside real ones is made where there are real ones, and never lies in the project."""

from __future__ import annotations

import importlib
import subprocess
from pathlib import Path

from PIL import Image

page = importlib.import_module("generated_pages.beside_real")


def test_without_real_pictures_the_text_says_how_to_make_the_figure(tmp_path: Path) -> None:
    assert page.beside_real(tmp_path, tmp_path / "figure.png") == page.NOT_SHOWN
    assert not (tmp_path / "figure.png").exists()


def test_with_pictures_the_figure_is_written(tmp_path: Path) -> None:
    from make_drawn_sheet import BESIDE  # noqa: PLC0415 - found by conftest

    for _, _, pattern, number, side in BESIDE:
        folder = tmp_path / Path(pattern.replace("**", "x")).parent
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(number + 1):
            Image.new("RGB", (side + 20, side + 10), (200, 150, 160)).save(folder / f"{index:03d}.jpg")
    assert page.beside_real(tmp_path, tmp_path / "figure.png") == page.SHOWN
    with Image.open(tmp_path / "figure.png") as figure:
        assert figure.width > 500


def test_git_ignores_where_the_figure_is_written(project: Path) -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", str(page.FIGURE)], cwd=project, check=False)
    assert ignored.returncode == 0
