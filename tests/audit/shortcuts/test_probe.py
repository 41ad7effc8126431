from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.audit.shortcuts.probe import best_single, can_be_probed, probe, probe_together
from leukoscope.audit.shortcuts.statistic import Statistic
from leukoscope.cohort.classes import Classes

TWO, THREE = Classes(("hem", "all")), Classes(("a", "b", "c"))
PLAIN = Statistic("plain", "technical", ("plain",), "the plain one")
MIDDLE = Statistic("middle", "colour", ("middle",), "the middle one")
NOISE = Statistic("noise", "cell", ("noise",), "the noise")


def cells(classes: Classes, patients: int = 20, of_each: int = 10) -> pl.DataFrame:
    """Return cells of patients with one class each: a number that rises with it, one in the middle, one of noise."""
    drawn = np.random.default_rng(0)
    rows = []
    for patient in range(patients):
        place = patient % len(classes)
        for cell in range(of_each):
            middle = drawn.normal(0, 0.3) + (0 if place == 0 else drawn.choice([-2, 2]))
            rows.append(
                {
                    "id": f"p{patient:02d}_{cell}",
                    "group": f"p{patient:02d}",
                    "label": classes.names[place],
                    "plain": place + drawn.normal(0, 0.5),
                    "middle": middle,
                    "noise": drawn.normal(),
                    "same": 1.0,
                }
            )
    return pl.DataFrame(rows)


def test_what_tells_two_classes_is_found_and_noise_is_not() -> None:
    plain, middle, noise = probe(cells(TWO), (PLAIN, MIDDLE, NOISE), TWO, "cell")
    assert (plain.way, middle.way) == ("rising", "stepped")
    assert plain.auc > 0.85
    assert middle.auc > 0.95
    assert plain.low is not None
    assert plain.low > 0.8
    assert noise.low is not None
    assert noise.low < 0.5 < (noise.high or 0)
    assert (plain.rows, plain.groups, plain.unseen, plain.best) == (200, 20, "patients", "all")
    assert "phrase" not in plain.as_row()


def test_of_more_classes_the_best_told_is_named() -> None:
    (plain,) = probe(cells(THREE, 24), (PLAIN,), THREE, "cell")
    assert plain.best in ("a", "c")
    assert plain.best_auc > plain.auc > 0.7


def test_a_patients_own_look_is_no_shortcut() -> None:
    # Each patient has a look of their own; learnt by cell it would tell all of their cells.
    table = cells(TWO)
    looks = {name: float(value) for value, name in enumerate(sorted(table["group"].unique()))}
    shuffled = np.random.default_rng(1).permutation(len(looks))
    table = table.with_columns(noise=pl.col("group").replace_strict(looks, return_dtype=pl.Float64))
    table = table.with_columns(noise=pl.Series(shuffled[table["noise"].to_numpy().astype(int)]).cast(pl.Float64))
    (told,) = probe(table, (NOISE,), TWO, "cell")
    assert told.low is not None
    assert told.low < 0.5


def test_together_they_tell_more() -> None:
    table = cells(TWO)
    together = probe_together(table, (PLAIN, MIDDLE, NOISE), TWO, "cell")
    assert together is not None
    assert together.auc > max(one.auc for one in probe(table, (PLAIN, NOISE), TWO, "cell"))
    assert probe_together(table, (Statistic("same", "cell", ("same",), "the same"),), TWO, "cell") is None


def test_the_best_single_one() -> None:
    assert best_single(cells(TWO), (NOISE, MIDDLE, PLAIN), TWO) == (MIDDLE, "stepped")
    assert best_single(cells(TWO, 6), (MIDDLE,), TWO) is None


@pytest.mark.parametrize(("patients", "enough"), [(7, False), (8, True)])
def test_four_groups_of_two_classes_are_needed(patients: int, enough: bool) -> None:
    assert can_be_probed(cells(TWO, patients)) is enough


def test_where_patients_are_not_known_cells_are_unseen() -> None:
    table = cells(TWO).with_columns(group=pl.concat_str(pl.lit("cell:"), "id"))
    (plain,) = probe(table, (PLAIN,), TWO, "cell")
    assert (plain.unseen, plain.groups) == ("cells", 200)
