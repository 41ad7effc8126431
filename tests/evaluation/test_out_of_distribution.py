from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.evaluation.out_of_distribution import OutOfDistribution, fit_out_of_distribution


def drawn(number: int, seed: int, far: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(number, 8)) + far


def nobody(number: int) -> pl.Series:
    return pl.Series([None] * number, dtype=pl.String)


@pytest.fixture
def fitted() -> OutOfDistribution:
    return fit_out_of_distribution(drawn(400, 0), drawn(300, 1), nobody(300))


def test_one_cell_in_a_hundred_like_the_validation_cells_is_flagged_and_strangers_are(
    fitted: OutOfDistribution,
) -> None:
    validation = fitted.distances(drawn(300, 1))
    assert int(fitted.flags(validation).sum()) == 3
    assert validation.max() > 1 >= np.sort(validation)[-4]
    assert 0 < fitted.flags(fitted.distances(drawn(4000, 2))).mean() < 0.03
    assert fitted.flags(fitted.distances(drawn(50, 3, far=4))).all()


def test_patients_weigh_alike_in_the_limit() -> None:
    # One patient of many far cells and ninety-nine of one near cell: the far ones are one patient in a hundred.
    validation = np.concatenate([drawn(99, 1), drawn(500, 2, far=5)])
    names = [*(f"P{place}" for place in range(99)), *["many"] * 500]
    by_patient = fit_out_of_distribution(drawn(400, 0), validation, pl.Series(names))
    by_cell = fit_out_of_distribution(drawn(400, 0), validation, nobody(599))
    assert by_patient.limits[0] < by_cell.limits[0] / 2
    assert (by_patient.cells, by_patient.patients) == (599, 100)
    assert by_cell.patients is None


def test_few_validation_cells_or_patients_are_noted() -> None:
    few = fit_out_of_distribution(drawn(50, 0), drawn(30, 1), pl.Series(["P"] * 15 + ["Q"] * 15))
    rest = "new patients may have more cells beyond it, or strangers may stay within it."
    assert few.notes == (f"The limit rests on 30 validation cells of 2 patients: {rest}",)
    assert (
        fit_out_of_distribution(drawn(50, 0), drawn(1, 1), nobody(1))
        .notes[0]
        .startswith("The limit rests on 1 validation cell: ")
    )
    many = pl.Series([f"P{place % 9}" for place in range(200)])
    assert fit_out_of_distribution(drawn(50, 0), drawn(200, 1), many).notes == ()


def test_json_and_arrays_bring_it_back_to_the_last_digit(fitted: OutOfDistribution) -> None:
    again = OutOfDistribution.restored(fitted.as_json(), fitted.arrays())
    assert again.distances(drawn(20, 5)).tolist() == fitted.distances(drawn(20, 5)).tolist()
    assert again.as_json() == fitted.as_json()
    assert fitted.as_json()["validation_patients"] is None


def test_another_limit_s_arrays_are_refused(fitted: OutOfDistribution) -> None:
    other = fit_out_of_distribution(drawn(100, 0), drawn(300, 1), nobody(300))
    what = r"^The limit of what is out of distribution is not of these training cells' features\.$"
    with pytest.raises(DataError, match=what):
        OutOfDistribution.restored(fitted.as_json(), other.arrays())
    with pytest.raises(DataError, match=what):
        OutOfDistribution.restored(fitted.as_json() | {"limit": 0}, fitted.arrays())
    with pytest.raises(DataError, match=r"^These are no limits of what is out of distribution: 'limits'\.$"):
        OutOfDistribution.restored({"limit": 1.0}, fitted.arrays())


def test_a_small_part_is_heard_beside_a_large_one() -> None:
    def both(number: int, seed: int, far: float = 0.0) -> np.ndarray:
        draw = np.random.default_rng(seed)
        return np.hstack([draw.normal(size=(number, 4)) + far, draw.normal(size=(number, 600))])

    train, validation, strange = both(200, 0), both(150, 1), both(50, 2, far=4)
    together = fit_out_of_distribution(train, validation, nobody(150))
    by_part = fit_out_of_distribution(train, validation, nobody(150), widths=(4, 600))
    assert together.flags(together.distances(strange)).mean() < 0.5
    assert by_part.flags(by_part.distances(strange)).all()
    # Two parts do not flag more of what is like the validation cells than one.
    assert by_part.flags(by_part.distances(validation)).sum() == 1
    assert by_part.flags(by_part.distances(both(1000, 3))).mean() < 0.06
    again = OutOfDistribution.restored(by_part.as_json(), by_part.arrays())
    assert again.distances(strange).tolist() == by_part.distances(strange).tolist()
    assert again.nearest(train[:2])[0][:, 0].tolist() == [0, 1]
    assert by_part.as_json()["features"] == [4, 600]


def test_too_few_cells_and_features_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(
        DataError,
        match=r"^To tell what is unlike the training cells, 20 of them are needed, and a validation cell; there are "
        r"19 and 5\.$",
    ):
        fit_out_of_distribution(drawn(19, 0), drawn(5, 1), nobody(5))
    wrong = drawn(30, 0)
    wrong[3, 3] = np.nan
    with pytest.raises(DataError, match=r"^What the network sees in some cells is no number; nothing can be"):
        fit_out_of_distribution(wrong, drawn(5, 1), nobody(5))


def test_cells_of_another_network_are_refused(fitted: OutOfDistribution) -> None:
    with pytest.raises(DataError, match=r"^The training cells have 8 features; these cells have 5\.$"):
        fitted.distances(np.zeros((2, 5)))


def test_the_nearest_are_said_with_their_distance_in_limits(fitted: OutOfDistribution) -> None:
    places, apart = fitted.nearest(drawn(400, 0)[[7, 3]], number=2)
    assert places[:, 0].tolist() == [7, 3]
    assert apart[:, 0] == pytest.approx(0, abs=1e-3)
    assert (apart[:, 1] > 0).all()
    assert fitted.nearest(drawn(5, 9), among=10)[0].max() < 10
