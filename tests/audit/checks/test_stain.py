from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from leukoscope.audit.checks import stain

LayOut = Callable[..., Any]


def smears(patients: int, *, shift: dict[int, float], places: tuple[str | None, ...] = (None,)) -> list[dict[str, Any]]:
    """Return three cells of each patient in colours that vary by 3 of 255; some patients' are shifted."""
    drawn = np.random.default_rng(0)
    rows = []
    for patient in range(patients):
        red, green, blue = np.array([150.0, 110.0, 160.0]) + drawn.normal(0, 3, 3) + shift.get(patient, 0.0)
        for cell in range(3):
            colour = {"mean_red": red + cell, "mean_green": green - cell, "mean_blue": blue}
            whose = {"patient": f"p{patient:02d}", "place": places[patient % len(places)]}
            rows.append({"id": f"p{patient:02d}_{cell}", **whose, **colour})
    return rows


def test_a_patient_of_quite_another_colour(lay_out: LayOut) -> None:
    (found,) = stain.stain_drift(lay_out(smears(24, shift={7: 70.0})).evidence())
    assert (found.code, found.severity, found.count) == ("stain_drift", "warning", 1)
    assert found.sentence.startswith("1 patient of 24 whose pictures are of quite another colour than the others' (p07")
    assert found.pictures == (("p07_0", "p07_1", "p07_2"),)
    assert found.tables["patients"].height == 24
    assert found.tables["patients"]["patient"][0] == "p07"


def test_patients_who_differ_a_little_or_are_few(lay_out: LayOut) -> None:
    assert stain.stain_drift(lay_out(smears(24, shift={})).evidence()) == []
    assert stain.stain_drift(lay_out(smears(19, shift={7: 70.0})).evidence()) == []


def test_places_of_different_colours(lay_out: LayOut) -> None:
    shifted = dict.fromkeys(range(0, 40, 2), 25.0)
    rows = smears(40, shift=shifted, places=("fold_0", "fold_1"))
    (found,) = stain.stain_by_place(lay_out(rows).evidence())
    assert (found.severity, found.count) == ("warning", 2)
    assert found.sentence.startswith("The parts of the data set as published differ in colour (fold_0, fold_1; medians")
    assert stain.stain_by_place(lay_out(smears(40, shift={}, places=("fold_0", "fold_1"))).evidence()) == []
