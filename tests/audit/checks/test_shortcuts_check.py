from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.audit.checks import shortcuts
from leukoscope.cohort.classes import Classes

LayOut = Callable[..., Any]


def cells(classes: int = 2, patients: int = 50, **told: float) -> list[dict[str, Any]]:
    """Return four cells of each patient; each column named is shifted by so many deviations from class to class."""
    drawn = np.random.default_rng(0)
    usual = {"brightness": (98.0, 3.0), "not_black": (22_500, 1_000), "bytes": (10_000, 100), "width": (450, 4)}
    rows = []
    for patient in range(patients):
        place = patient % classes
        for cell in range(4):
            values = {
                name: usual[name][0] + usual[name][1] * (by * place + drawn.normal()) for name, by in told.items()
            }
            whole = {name: int(value) if name != "brightness" else value for name, value in values.items()}
            label = "abc"[place] if classes > 2 else ("hem", "all")[place]
            rows.append({"id": f"p{patient:02d}_{cell}", "patient": f"p{patient:02d}", "label": label, **whole})
    return rows


def test_a_technical_shortcut_is_a_warning(lay_out: LayOut) -> None:
    (found,) = shortcuts.technical_shortcut(lay_out(cells(width=2.0)).evidence())
    assert (found.code, found.severity, found.count) == ("technical_shortcut", "warning", 1)
    row = found.table.row(0, named=True)
    said = f"AUC {row['auc']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    assert found.sentence == (
        "By the size of the picture alone one can tell leukaemic blast from normal cell on unseen patients: "
        f"{said}. That has nothing to do with the cells."
    )
    assert 0.85 < row["auc"] < 1


def test_colour_that_tells_two_classes_is_a_warning(lay_out: LayOut) -> None:
    (found,) = shortcuts.colour_shortcut(lay_out(cells(brightness=2.0)).evidence())
    assert (found.code, found.severity) == ("colour_shortcut", "warning")
    assert found.sentence.endswith("It may be the stain, the light or the camera.")


def test_kinds_of_cells_differ_in_colour_by_nature(lay_out: LayOut) -> None:
    evidence = lay_out(cells(3, 51, brightness=1.5), classes=Classes(("a", "b", "c"))).evidence()
    (found,) = shortcuts.colour_shortcut(evidence)
    assert (found.severity, found.do) == ("note", None)
    assert "one can tell the classes apart on unseen patients: mean AUC" in found.sentence
    assert " best with " in found.sentence


def test_the_size_of_the_cell_is_a_note_and_the_file_only_its_echo(lay_out: LayOut) -> None:
    rows = [{**row, "bytes": row["not_black"]} for row in cells(not_black=1.5)]
    (found,) = shortcuts.cell_shortcut(lay_out(rows).evidence())
    assert (found.severity, found.count) == ("note", 1)
    assert found.table["statistic"].to_list() == ["size of the cell"]


def test_facts_of_patients_are_a_note(lay_out: LayOut) -> None:
    patients = pl.DataFrame(
        {"patient": [f"p{n:02d}" for n in range(50)], "age": [5.0 + 30 * (n % 2) for n in range(50)]}
    )
    (found,) = shortcuts.clinical_shortcut(lay_out(cells(), patients=patients).evidence())
    assert found.severity == "note"
    assert found.sentence.startswith(
        "By the age alone one can tell leukaemic blast from normal cell on unseen patients: AUC 1.00 ("
    )
    assert found.sentence.endswith("). A model must do better than that to be of use.")


def test_all_together_with_every_statistic(lay_out: LayOut) -> None:
    (found,) = shortcuts.shortcuts_together(lay_out(cells(brightness=2.0, not_black=1.0)).evidence())
    assert (found.code, found.severity) == ("shortcuts_together", "note")
    assert found.table["kind"][0] == "all"
    assert {"brightness", "size of the cell", "file order"} <= set(found.table["statistic"])
    assert found.table.columns[:3] == ["statistic", "kind", "unit"]
    assert found.sentence.endswith("Hold this beside every model's score.")


@pytest.mark.parametrize("seed", range(3))
def test_what_varies_but_says_nothing_is_not_told(lay_out: LayOut, seed: int) -> None:
    drawn = np.random.default_rng(seed)
    rows = [{**row, "brightness": 98.0 + drawn.normal(), "bytes": int(drawn.integers(9_000, 9_999))} for row in cells()]
    evidence = lay_out(rows).evidence()
    assert shortcuts.technical_shortcut(evidence) == shortcuts.colour_shortcut(evidence) == []
    assert shortcuts.shortcuts_together(evidence) != []


def test_too_few_patients_say_nothing(lay_out: LayOut) -> None:
    evidence = lay_out(cells(patients=6, width=9.0)).evidence()
    assert shortcuts.technical_shortcut(evidence) == shortcuts.shortcuts_together(evidence) == []
