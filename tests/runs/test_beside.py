"""What stands beside the scores of an ensemble, on its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from leukoscope.runs.ensembling import Ensemble, ensemble


def test_the_surest_is_surer_than_any_and_the_page_says_so(of_tables: Ensemble) -> None:
    table = pl.read_csv(of_tables.folder / "calibration.csv").filter(state="before")
    sure = dict(table.select("name", "mean_confidence").iter_rows())
    assert sure["most_confident"] > max(sure["net1"], sure["net2"], sure["net3"]) > sure["average"]
    page = (of_tables.folder / "ensemble.html").read_text(encoding="utf-8")
    assert "By taking the surest of several, it is more sure than any is right" in page
    assert "Is a rule better than the plain average of the same models?" in page
    assert "What each costs" not in page, "tables of predictions cost nothing that is known"
    assert {"reliability.svg", "ensemble_roc.svg"} <= {path.name for path in (of_tables.folder / "figures").iterdir()}


def test_three_classes_have_no_rates(model_table: Callable[..., Path], tmp_path: Path) -> None:
    models = [model_table(tmp_path / f"m{seed}.csv", seed, classes=("eo", "ly", "mo")) for seed in (1, 2)]
    found = ensemble(models, tmp_path / "out", rules=["most_confident", "average"])
    assert not (found.folder / "rates.csv").exists()
    page = (found.folder / "ensemble.html").read_text(encoding="utf-8")
    assert "What is missed at an equal rate of false alarms" not in page
    assert "most confident is" in page


def test_a_table_that_is_there_is_left_alone(model_table: Callable[..., Path], tmp_path: Path) -> None:
    models = [model_table(tmp_path / f"net{seed}.csv", seed) for seed in (1, 2)]
    found = ensemble(models, tmp_path / "out", rules=["average"])
    rates, curves = found.folder / "rates.csv", found.folder / "curves.csv"
    kept, lost = rates.read_text(encoding="utf-8").replace("0.05,", "0.06,"), curves.read_bytes()
    rates.write_text(kept, encoding="utf-8")
    curves.unlink()
    ensemble(models, tmp_path / "out", rules=["average"])
    assert rates.read_text(encoding="utf-8") == kept
    assert curves.read_bytes() == lost
