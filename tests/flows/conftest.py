from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope import draw
from leukoscope.cli.main import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command line in this process; returns exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["leukoscope", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return int(stopped.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture(scope="session")
def drawn_patients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen drawn patients of four cells; of each positive one half are malignant."""
    folder = tmp_path_factory.mktemp("drawn") / "patients"
    draw(folder, patients=16, cells=4, size=32, malignant_share=0.5)
    return folder


@pytest.fixture
def clinic(drawn_patients: Path, tmp_path: Path) -> Path:
    """The drawn patients in the Lyon layout, to spoil; P04 and P10 stand in the test set, without label."""
    folder = tmp_path / "clinic"
    cells = pl.read_csv(drawn_patients / "cells.csv", infer_schema=False)
    rows = ["ID,LABEL,GENDER,DOB,LYMPH_COUNT"]
    for name, label, age, sex, count in pl.read_csv(drawn_patients / "patients.csv", infer_schema=False).iter_rows():
        unknown = name in {"P04", "P10"}
        own = folder / ("testset" if unknown else "trainset") / name
        own.mkdir(parents=True)
        for number, path in enumerate(cells.filter(pl.col("patient") == name)["path"]):
            (own / f"{number:06d}.png").write_bytes((drawn_patients / path).read_bytes())
        rows.append(f"{name},{-1 if unknown else int(label == 'all')},{sex},6/15/{2020 - int(age)},{count}")
    (folder / "clinical_annotation.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
