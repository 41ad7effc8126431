"""What the page says of a network whose head was fitted at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.reports import write_report


@pytest.fixture(autouse=True)
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing: drawing is what takes the time."""
    sections = ("confusion", "curves", "learning", "patients", "calibration", "facts", "joint", "bagging")
    monkeypatch.setattr("leukoscope.reports.page.draw_figures", lambda _tables: {name: [] for name in sections})


@pytest.mark.parametrize(
    ("frozen", "words"),
    [
        (1_234, "the 1,234 parameters before it stayed as they were"),
        (0, "there are no parameters before it"),
    ],
)
def test_a_head_that_was_fitted_at_once_is_neither_trained_nor_frozen(
    example: Callable[..., Path], frozen: int, words: str
) -> None:
    folder = example()
    (folder / "stages.csv").unlink()
    rows = [("stem", "stem", "Conv2d", frozen, 0, frozen, 0), ("head", "head", "FittedHead", 2, 0, 0, 5_678)]
    columns = ("layer", "part", "kind", "parameters", "trained", "frozen", "fitted")
    table = pl.DataFrame(rows, schema=columns, orient="row").with_columns(output_shape=None, statistics=0)
    table.with_columns(trained_in=None).write_csv(folder / "network.csv")
    text = write_report(folder).read_text(encoding="utf-8")
    assert f"Nothing was trained in stages: the head was fitted at once, and holds 5,678 numbers; {words}." in text
    assert "in the last stage of training" not in text.split('id="network"')[1].split("</section>")[0]
    assert '<th scope="col" class="number">Fitted at once</th>' in text
