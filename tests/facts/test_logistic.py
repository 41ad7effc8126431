from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from leukoscope.errors import DataError
from leukoscope.facts import logistic
from leukoscope.facts.logistic import STRENGTHS, LogisticModel


def drawn(classes: int = 2, patients: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    random = np.random.default_rng(seed)
    truth = np.arange(patients) % classes
    values = random.normal(size=(patients, 3)) * [1, 5, 0.1] + truth[:, None] * [1, 0, 0.05]
    return values, truth, [f"P{place}" for place in range(patients)]


def fitted(classes: int = 2) -> LogisticModel:
    return LogisticModel.fit(*drawn(classes), names=("a", "b", "c"), seed=0, classes=classes)


@pytest.mark.parametrize("classes", [2, 3])
def test_logits_are_those_of_scikit_learn_at_the_chosen_strength(classes: int) -> None:
    model, (values, truth, _) = fitted(classes), drawn(classes)
    scaled = StandardScaler().fit_transform(values)
    oracle = LogisticRegression(C=model.strength, max_iter=10_000).fit(scaled, truth)
    expected = oracle.decision_function(scaled).reshape(len(values), -1)
    assert model.logits(values).shape == (60, 1 if classes == 2 else 3)
    assert np.allclose(model.logits(values), expected, atol=1e-10)


@pytest.mark.parametrize("classes", [2, 3])
def test_moves_and_intercept_sum_to_the_logit(classes: int) -> None:
    model, (values, _, _) = fitted(classes), drawn(classes)
    for output in range(len(model.intercepts)):
        total = model.moves(values, output=output).sum(axis=1) + model.intercepts[output]
        assert np.allclose(total, model.logits(values)[:, output], atol=1e-12)


def test_noise_gets_the_strongest_penalty_and_a_clear_signal_a_weak_one() -> None:
    values, truth, groups = drawn(patients=200)
    noise = LogisticModel.fit(np.random.default_rng(1).normal(size=(200, 20)), truth, groups, names="x" * 20, seed=0)
    clear = LogisticModel.fit(values + 8 * truth[:, None], truth, groups, names="abc", seed=0)
    assert noise.strength <= 0.01
    assert clear.strength == STRENGTHS[-1]


def test_an_input_that_never_varies_has_no_say() -> None:
    values, truth, groups = drawn()
    wide = np.column_stack([values, np.full(60, 0.1)])
    model = LogisticModel.fit(wide, truth, groups, names="abcd", seed=0)
    assert abs(model.coefficients[0][3]) < 1e-12
    assert np.isfinite(model.logits(wide + np.array([0, 0, 0, 1]))).all()


def test_the_model_does_not_depend_on_the_order_of_the_patients() -> None:
    values, truth, groups = drawn()
    order = np.random.default_rng(5).permutation(60)
    one = LogisticModel.fit(values, truth, groups, names="abc", seed=4)
    other = LogisticModel.fit(values[order], truth[order], [groups[n] for n in order], names="abc", seed=4)
    assert one.strength == other.strength
    assert np.allclose(one.logits(values), other.logits(values), atol=1e-4)


def test_a_model_goes_through_json_without_a_change() -> None:
    model = fitted(3)
    assert LogisticModel.from_json(json.loads(json.dumps(model.as_json()))) == model


def test_without_inputs_the_logit_is_that_of_the_classes_shares() -> None:
    truth = np.array([0, 0, 0, 1])
    model = LogisticModel.fit(np.empty((4, 0)), truth, list("abcd"), names=(), seed=0)
    assert np.allclose(model.logits(np.empty((2, 0))), np.log(1 / 3))


def test_two_patients_are_enough_to_learn_from_without_folds() -> None:
    model = LogisticModel.fit(np.array([[0.0], [1.0]]), np.array([0, 1]), ["a", "b"], names=["x"], seed=0)
    assert model.strength == 1.0
    low, high = model.logits(np.array([[0.0], [1.0]]))[:, 0]
    assert low < 0 < high


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"truth": np.zeros(60, dtype=np.int64)},
            (
                "Every one of the 2 classes needs a training patient; found the classes 0.\n"
                "  what to do: Train on more patients, and leave out those of unknown label."
            ),
        ),
        ({"names": ("a", "b")}, "60 patients and 2 inputs do not fit values of shape (60, 3) and 60 groups."),
        ({"values": np.full((60, 3), np.nan)}, "The input 'a' has a value that is no finite number."),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(change: dict[str, object], text: str) -> None:
    values, truth, groups = drawn()
    asked = {"values": values, "truth": truth, "groups": groups, "names": ("a", "b", "c"), "seed": 0} | change
    with pytest.raises(DataError) as caught:
        LogisticModel.fit(**asked)  # type: ignore[arg-type]
    assert str(caught.value) == text


def test_values_of_another_width_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        fitted().logits(np.zeros((2, 4)))
    assert str(caught.value) == "This model takes 3 inputs a patient (a, b, c); found values of shape (2, 4)."


def test_other_json_is_refused() -> None:
    with pytest.raises(DataError, match="This is no logistic regression: 'means' is missing or wrong"):
        LogisticModel.from_json({"names": []})


def test_more_inputs_than_patients_give_the_regression_on_all_of_them() -> None:
    random = np.random.default_rng(5)
    values, truth = random.normal(size=(24, 60)), np.repeat([0, 1], 12)
    values[truth == 1, :3] += 1.0
    groups, names = [str(place) for place in range(24)], [str(place) for place in range(60)]
    model = LogisticModel.fit(values, truth, groups, names=names, seed=0)
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    wanted = LogisticRegression(C=model.strength, tol=1e-10, max_iter=10_000).fit(scaled, truth)
    assert np.allclose(model.coefficients, wanted.coef_, atol=1e-3)
    assert np.allclose(model.logits(values)[:, 0], wanted.decision_function(scaled), atol=1e-2)


def test_a_row_that_weighs_twice_counts_like_two_rows() -> None:
    values, truth, groups = drawn(patients=40)
    weights = np.where(np.arange(40) % 4 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(40), weights.astype(int))
    one = LogisticModel.fit(values, truth, groups, names="abc", seed=0, weights=10 * weights)
    scaled = (values - np.array(one.means)) / np.array(one.scales)
    # C multiplies the summed loss, and the weights' mean is made 1.
    oracle = LogisticRegression(C=one.strength * 40 / weights.sum(), tol=1e-10, max_iter=10_000)
    oracle.fit(scaled[twice], truth[twice])
    assert np.allclose(one.coefficients, oracle.coef_, atol=1e-3)


def test_balanced_classes_weigh_the_same_in_the_rows_weights() -> None:
    values, truth, groups = drawn(patients=40)
    weights = 1.0 + (np.arange(40) % 5)
    of_class = weights * 40 / (2 * np.bincount(truth, weights)[truth])
    asked = {"names": "abc", "seed": 0}
    balanced = LogisticModel.fit(values, truth, groups, weights=weights, balanced=True, **asked)  # type: ignore[arg-type]
    by_hand = LogisticModel.fit(values, truth, groups, weights=of_class, **asked)  # type: ignore[arg-type]
    assert np.allclose(balanced.coefficients, by_hand.coefficients)


def test_of_copied_rows_the_axes_that_they_span_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic, "MOST", 30)
    draw = np.random.default_rng(0)
    values = draw.normal(size=(12, 50))[draw.integers(0, 12, 40)]
    truth = (values[:, 0] > np.median(values[:, 0])).astype(np.int64)
    found = LogisticModel.fit(
        values, truth, [str(row % 20) for row in range(40)], names=list(map(str, range(50))), seed=0
    )
    np.testing.assert_array_equal(found.logits(values)[:, 0] > 0, truth > 0)


@pytest.mark.parametrize(("rows", "columns"), [(60, 30), (30, 60)])
def test_of_very_many_inputs_the_leading_components_count(
    monkeypatch: pytest.MonkeyPatch, rows: int, columns: int
) -> None:
    monkeypatch.setattr(logistic, "MOST", 10)
    random = np.random.default_rng(0)
    truth = np.arange(rows) % 2
    values = random.normal(size=(rows, columns)) + truth[:, None]
    groups, names = [str(place) for place in range(rows)], [str(place) for place in range(columns)]
    model = LogisticModel.fit(values, truth, groups, names=names, seed=0)
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    axes = np.linalg.svd(scaled)[2]
    coefficients = np.array(model.coefficients)[0]
    assert np.abs(axes[10:] @ coefficients).max() < 1e-8 < np.abs(axes[:10] @ coefficients).min()
    oracle = LogisticRegression(C=model.strength, tol=1e-10, max_iter=10_000).fit(scaled @ axes[:10].T, truth)
    assert np.allclose(model.logits(values)[:, 0], oracle.decision_function(scaled @ axes[:10].T), atol=0.1, rtol=0.01)
