"""Two models at an equal rate of false alarms, against scikit-learn's curves and a bootstrap of its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from scipy import stats
from scipy.special import expit
from sklearn.metrics import roc_curve

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation import compare_missed, missed_at
from leukoscope.predictions.table import Predictions

PAIR = Classes(("hem", "all"))
Floats = npt.NDArray[np.float64]


def two_models(seed: int, patients: int = 40, cells: int = 8, *, edge: float = 0.0) -> tuple[Predictions, Predictions]:
    """Two models that share what is hard in a patient; the first is ``edge`` better."""
    random = np.random.default_rng([seed, 3])
    of = np.repeat(np.arange(patients), cells)
    truth, shared, found = of % 2, random.normal(0, 0.8, patients)[of], []
    for better in (edge, 0.0):
        noise = random.normal(0, 0.4, patients)[of] + random.normal(size=len(of))
        logit = (2 + better) * (truth - 0.5) + shared + noise
        rows = {"id": [f"c{row}" for row in range(len(of))], "patient": [f"P{one}" for one in of],
                "label": np.array(PAIR.names)[truth], "p_hem": 1 - expit(logit), "p_all": expit(logit)}  # fmt: skip
        found.append(Predictions(pl.DataFrame(rows), PAIR))
    return found[0], found[1]


def missed_by_scikit_learn(said: Predictions, rows: npt.NDArray[np.int64], rate: float) -> float:
    """Return the false-negative rate of some rows, which may stand more than once."""
    truth, chance = (said.table["label"] == "all").to_numpy()[rows], said.table["p_all"].to_numpy()[rows]
    across, up, _ = roc_curve(truth, chance, drop_intermediate=False)
    return 1 - float(np.interp(rate, across, up))


def test_difference_interval_and_p_are_those_of_a_bootstrap_over_patients_made_here() -> None:
    first, second = two_models(1, edge=0.6)
    (found,) = compare_missed(first, second, (0.2,))
    every = np.arange(first.table.height)
    assert found.first == pytest.approx(missed_by_scikit_learn(first, every, 0.2), abs=1e-12)
    assert found.second == pytest.approx(missed_by_scikit_learn(second, every, 0.2), abs=1e-12)
    assert found.difference == pytest.approx(found.first - found.second)
    assert (found.unit, found.clusters, found.reason) == ("patient", 40, None)
    random, rows, drawn = np.random.default_rng(5), every.reshape(40, 8), []
    for _ in range(600):
        patients = np.concatenate([random.choice(np.arange(side, 40, 2), 19) for side in (0, 1)])
        own = rows[patients].ravel()
        drawn.append(missed_by_scikit_learn(first, own, 0.2) - missed_by_scikit_learn(second, own, 0.2))
    deviation = np.std(drawn, ddof=1)
    # Twenty patients of each class have 19 to 38 degrees of freedom together.
    widest, narrowest = (stats.t.ppf(0.975, freedom) * deviation for freedom in (19, 38))
    assert found.low is not None
    assert found.high is not None
    assert found.p is not None
    assert found.high - found.difference == pytest.approx(found.difference - found.low)
    assert 0.9 * narrowest < found.high - found.difference < 1.1 * widest
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.difference) / deviation, 28), rel=0.6)


def test_pairs_tell_more_than_two_intervals_and_the_sign_turns() -> None:
    first, second = two_models(2)
    (found,), (turned,) = compare_missed(first, second, (0.1,)), compare_missed(second, first, (0.1,))
    assert (turned.difference, turned.low, turned.high) == pytest.approx(
        (-found.difference, -found.high, -found.low)  # type: ignore[operator]
    )
    assert turned.p == pytest.approx(found.p)
    apart = [missed_at(side, (0.1,))[0].false_negative_rate for side in (first, second)]
    reaches = [(one.high - one.low) / 2 for one in apart if one.low is not None and one.high is not None]
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 < np.hypot(*reaches), "what is hard is hard for both"


def test_a_model_and_any_rising_map_of_it_do_not_differ() -> None:
    first, _ = two_models(3)
    squared = first.table.with_columns(p_all=pl.col("p_all") ** 2).with_columns(p_hem=1 - pl.col("p_all"))
    for found in compare_missed(first, Predictions(squared.reverse(), PAIR), replicates=100):
        assert (found.difference, found.low, found.high, found.p) == (pytest.approx(0, abs=1e-12), None, None, 1.0)
        assert found.reason == "every resample gives the same difference"


def test_equal_models_are_told_apart_about_one_time_in_twenty() -> None:
    found = [compare_missed(*two_models(seed), (0.2,), replicates=200)[0].p for seed in range(100)]
    assert np.mean([p is not None and p < 0.05 for p in found]) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
    better = [compare_missed(*two_models(seed, edge=3.0), (0.2,), replicates=200)[0].p for seed in range(12)]
    assert np.mean([p is not None and p < 0.05 for p in better]) >= 0.75, "that it rejects is the other half"


def test_a_lone_patient_of_a_class_has_no_interval() -> None:
    first, second = two_models(4, patients=2)
    (found,) = compare_missed(first, second, (0.1,))
    assert (found.low, found.high, found.p, found.reason) == (None, None, None, "it rests on a single patient")


def test_what_cannot_be_paired_is_refused() -> None:
    first, second = two_models(5, patients=6)
    with pytest.raises(SettingsError) as wrong:
        compare_missed(first, second, (0.0,))
    assert str(wrong.value) == "A rate of false alarms must lie between 0 and 1; got 0."
    with pytest.raises(DataError) as caught:
        compare_missed(first, Predictions(second.table.tail(-1), PAIR))
    assert str(caught.value) == (
        "The second model has no prediction for 'c0'.\n  where: id c0\n"
        "  what to do: Compare two models on the same rows: the same part of the same split."
    )
