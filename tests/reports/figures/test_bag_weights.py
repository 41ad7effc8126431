from __future__ import annotations

import polars as pl
import pytest

from leukoscope.reports.figures.bag_weights import bag_weights


def table(patients: list[str]) -> pl.DataFrame:
    bins = pl.DataFrame({"low": [-1.0, 0.0], "high": [0.0, 1.0], "share": [0.25, 0.75], "weight": [0.3, 0.7]})
    about = pl.DataFrame({"patient": patients}).with_columns(label=pl.lit("sick"))
    return about.join(bins, how="cross")


@pytest.mark.parametrize("count", [1, 3, 4])
def test_there_is_a_panel_a_patient_with_bars_and_a_line(count: int) -> None:
    figure = bag_weights(table([f"P{place}" for place in range(count)]), {"sick": "tumoral"})
    panels = [axes for axes in figure.axes if axes.patches and axes.get_visible()]
    assert [panel.get_title(loc="left") for panel in panels] == [f"P{place}: tumoral" for place in range(count)]
    assert [patch.get_height() for patch in panels[0].patches] == [0.25, 0.75]
    lines = [line for axes in figure.axes for line in axes.lines]
    assert [line.get_ydata().tolist() for line in lines] == [[0.3, 0.7]] * count


def test_a_leak_and_a_long_name_are_marked() -> None:
    figure = bag_weights(table(["P" * 80]), {"sick": "tumoral"}, leaking=True)
    assert figure.get_suptitle().startswith("LEAKAGE")
    assert len(figure.axes[0].get_title(loc="left")) < 40
