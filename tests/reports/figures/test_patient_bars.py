from __future__ import annotations

from itertools import pairwise
from typing import Any

from leukoscope.reports.figures import patient_bars, patient_blocks
from leukoscope.reports.figures.patient_bars import MOST_ROWS


def test_every_patient_of_a_crowd_stands_in_one_legible_figure(crowd: dict[str, Any]) -> None:
    blocks = patient_blocks(crowd)
    names = [row["patient"] for block in blocks for row in block.rows]
    assert sorted(names) == sorted(row["patient"] for row in crowd["by_patient"])
    assert max(len(block.rows) for block in blocks) <= MOST_ROWS
    assert [block.title for block in blocks[:2]] == ["normal cell (HEM) (1 of 2)", "normal cell (HEM) (2 of 2)"]
    for block in blocks:
        figure = patient_bars(block)
        figure.draw_without_rendering()
        boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
        assert all(upper.y0 >= lower.y1 - 1 for upper, lower in pairwise(boxes))


def test_the_worst_stand_on_top(binary: dict[str, Any]) -> None:
    for block in patient_blocks(binary):
        shares = [row["share_right"] for row in block.rows]
        assert shares == sorted(shares)


def test_bars_whiskers_and_words(binary: dict[str, Any]) -> None:
    block = next(block for block in patient_blocks(binary) if block.title == "normal cell (HEM)")
    axes = patient_bars(block, leaking=True).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [row["share_right"] for row in block.rows]
    assert len(axes.lines) == len(block.rows)
    first = block.rows[0]
    assert first["called"] == "all"
    assert axes.texts[0].get_text() == f"{first['right']} of {first['cells']}  ✗"
    assert axes.texts[1].get_text().endswith(str(block.rows[1]["cells"]))


def test_classes_differ_in_colour_and_hatch(binary: dict[str, Any]) -> None:
    looks = [
        (bar.get_facecolor(), bar.get_hatch())
        for block in patient_blocks(binary)
        for bar in patient_bars(block).axes[0].patches[:1]
    ]
    assert looks[0][0] != looks[1][0]
    assert looks[0][1] != looks[1][1]


def test_patients_without_a_class_or_interval_and_with_long_names(binary: dict[str, Any]) -> None:
    row = binary["by_patient"][0] | {"label": None, "low": None, "patient": "a-very-long-name-of-a-patient"}
    binary["by_patient"] = [row]
    (block,) = patient_blocks(binary)
    assert block.title == "patients with cells of several classes"
    axes = patient_bars(block).axes[0]
    assert len(axes.lines) == 0
    assert axes.get_yticklabels()[0].get_text() == "a-very-lo…-patient"
    assert "✗" not in axes.texts[0].get_text()
