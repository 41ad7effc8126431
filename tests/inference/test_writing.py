from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.errors import SettingsError
from leukoscope.inference import writing
from leukoscope.inference.predicting import predict
from leukoscope.inference.writing import Summary, predict_to_file
from leukoscope.predictions.table import Predictions


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_every_picture_has_a_row_and_they_are_those_of_predict(
    bundle: Bundle, pictures: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "ROWS_A_PIECE", 4)  # so that there are several pieces
    out = tmp_path / f"said{ending}"
    summary = predict_to_file(bundle, pictures, out, batch=3)
    assert (summary.cells, summary.unreadable, summary.warnings) == (10, 0, ())
    said = Predictions.load(out, bundle.classes)
    own = predict(bundle, pictures)
    assert said.table["id"].equals(own.table["id"])
    assert said.table["called"].equals(own.table["called"])
    assert said.probabilities() == pytest.approx(own.probabilities(), abs=1e-6)


def test_the_unreadable_are_listed_in_the_same_file(bundle: Bundle, damaged: Path, tmp_path: Path) -> None:
    summary = predict_to_file(bundle, damaged, tmp_path / "said.csv", batch=2)
    table = pl.read_csv(tmp_path / "said.csv")
    assert table.height == 12
    assert table["problem"].drop_nulls().len() == summary.unreadable == 4
    assert summary.cells == 8
    assert summary.warnings[0].startswith("4 pictures could not be predicted. .hidden.jpg: ")
    assert repr(summary).startswith("8 cells predicted, 4 could not be (column 'problem'), in ")
    assert repr(summary).endswith("\n  note: Left out, not being pictures: 1 file (notes.txt).")


def test_a_folder_of_unreadable_pictures_is_still_listed(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"")
    summary = predict_to_file(bundle, tmp_path / "in", tmp_path / "said.parquet")
    assert (summary.cells, summary.unreadable) == (0, 1)
    assert pl.read_parquet(tmp_path / "said.parquet").schema["p_all"] == pl.Float64


def test_another_ending_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        predict_to_file(tmp_path / "no bundle", tmp_path, tmp_path / "said.xlsx")
    assert str(caught.value) == (
        f"The table of predictions must end in .csv or .parquet.\n  where: {tmp_path / 'said.xlsx'}"
    )


def test_what_is_broken_off_leaves_no_file(bundle: Bundle, pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        predict_to_file(bundle, pictures, tmp_path / "out" / "said.csv", batch=0)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_summary_speaks_of_cells() -> None:
    assert repr(Summary(Path("said.csv"), 1200, 0, 3.2)) == "1,200 cells predicted, in 3 s: said.csv"
