"""What is missed at an equal rate of false alarms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_curve

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeError, SettingsError
from leukoscope.evaluation import missed_at
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
PAIR = Classes(("hem", "all"))


def table_of(chances: list[float], labels: list[str], patients: list[str] | None = None) -> Predictions:
    rows = {"id": [str(place) for place in range(len(chances))], "label": labels, "p_all": chances}
    table = pl.DataFrame(rows).with_columns(p_hem=1 - pl.col("p_all"))
    return Predictions(table if patients is None else table.with_columns(patient=pl.Series(patients)), PAIR)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_read_off_scikit_learns_curve(draw: Draw, seed: int, ties: bool) -> None:
    said = draw(seed=seed, ties=ties)
    across, up, _ = roc_curve(said.table["label"] == "all", said.table["p_all"], drop_intermediate=False)
    for found in missed_at(said, (0.03, 0.1, 0.5), replicates=0):
        expected = 1 - np.interp(found.false_positive_rate, across, up)
        assert found.false_negative_rate.value == pytest.approx(expected, abs=1e-12)
        assert (found.false_negative_rate.low, found.false_negative_rate.high) == (None, None)


def test_by_hand() -> None:
    # From the highest: all, hem, all, hem, hem, hem. The curve: (0, 1/2), (1/4, 1/2), (1/4, 1), ...
    said = table_of([0.9, 0.8, 0.7, 0.3, 0.2, 0.1], ["all", "hem", "all", "hem", "hem", "hem"])
    found = missed_at(said, (0.125, 0.25, 0.5), replicates=0)
    assert [one.false_negative_rate.value for one in found] == [0.5, 0.0, 0.0]


def test_neither_the_order_of_rows_nor_a_rising_map_of_the_probabilities_changes_it(draw: Draw) -> None:
    said = draw(seed=3)
    first = missed_at(said, replicates=200)
    turned = Predictions(said.table.reverse(), said.classes)
    assert missed_at(turned, replicates=200) == first
    squared = said.table.with_columns(p_all=pl.col("p_all") ** 2).with_columns(p_hem=1 - pl.col("p_all"))
    for one, other in zip(missed_at(Predictions(squared, said.classes), replicates=200), first, strict=True):
        assert one.false_negative_rate.value == pytest.approx(other.false_negative_rate.value)
        assert one.false_negative_rate.low == pytest.approx(other.false_negative_rate.low)


def test_patients_make_wider_intervals_than_their_cells(draw: Draw) -> None:
    known, unknown = draw(seed=1, patients=20, cells=20), draw(seed=1, patients=20, cells=20, known=False)
    of_patients, of_cells = (
        missed_at(said, (0.2,), replicates=400)[0].false_negative_rate for said in (known, unknown)
    )
    assert of_patients.value == of_cells.value
    widths = [one.high - one.low for one in (of_patients, of_cells) if one.low is not None and one.high is not None]
    assert widths[0] > 1.2 * widths[1]
    assert of_patients.low is not None
    assert of_patients.low < of_patients.value < of_patients.high  # type: ignore[operator]


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    # Two classes one apart; each patient shifts its cells. The truth comes from very many patients.
    def cohort(seed: int, patients: int) -> Predictions:
        random = np.random.default_rng([seed, 9])
        of = np.repeat(np.arange(patients), 12)
        truth = of % 2
        logit = 2.0 * (truth - 0.5) + random.normal(0, 0.8, patients)[of] + random.normal(size=len(of))
        chances = (1 / (1 + np.exp(-logit))).tolist()
        return table_of(chances, np.array(PAIR.names)[truth].tolist(), [str(one) for one in of])

    truth = missed_at(cohort(0, 20000), (0.2,), replicates=0)[0].false_negative_rate.value
    assert truth is not None
    held = []
    for seed in range(1, 101):
        found = missed_at(cohort(seed, 24), (0.2,), replicates=200)[0].false_negative_rate
        held.append(found.low is None or found.low <= truth <= found.high)  # type: ignore[operator]
    assert np.mean(held) >= 0.86, "95 % less three standard errors of 100 cohorts, and a little"


def test_one_patient_a_class_has_no_interval() -> None:
    said = table_of([0.9, 0.2, 0.6, 0.1], ["all", "all", "hem", "hem"], ["a", "a", "b", "b"])
    (found,) = missed_at(said, (0.1,), replicates=100)
    assert found.false_negative_rate.reason == "it rests on a single patient"
    perfect = table_of([0.9, 0.8, 0.2, 0.1], ["all", "all", "hem", "hem"], ["a", "b", "c", "d"])
    (found,) = missed_at(perfect, (0.1,), replicates=100)
    score = found.false_negative_rate
    assert (score.value, score.low, score.high) == (0.0, 0.0, pytest.approx(1 - 0.025**0.5)), "exact, of two patients"


def test_what_has_no_rates_is_refused(draw: Draw) -> None:
    said = draw()
    called = Predictions(said.table.drop("p_hem", "p_all").with_columns(called=pl.lit("all")), said.classes)
    lone = Predictions(said.table.filter(pl.col("label") == "all"), said.classes)
    cases: list[tuple[type[LeukoscopeError], str, Callable[[], object]]] = [
        (SettingsError, "A rate of false alarms needs two classes.", lambda: missed_at(draw(classes=3))),
        (
            SettingsError,
            "A rate of false alarms must lie between 0 and 1; got 1.",
            lambda: missed_at(said, (0.1, 1.0)),
        ),
        (
            DataError,
            "An equal rate of false alarms needs probabilities; these predictions hold called classes.",
            lambda: missed_at(called),
        ),
        (
            DataError,
            (
                "There is no rate of false alarms and of misses: no row here is labelled 'hem'.\n"
                "  what to do: Give labelled rows of both classes."
            ),
            lambda: missed_at(lone),
        ),
    ]
    for kind, message, call in cases:
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value) == message
