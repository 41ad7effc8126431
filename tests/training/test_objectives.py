from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.recipes.schema import LossSettings
from leukoscope.training.objectives import Objective, class_weights, make_objective

TWO = Classes(("hem", "all"))
THREE = Classes(("a", "b", "c"))


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_balanced_weights_are_one_on_average_and_give_classes_equal_sums(drawn: list[int]) -> None:
    labels = np.array([*drawn, 0, 1, 2])
    weights = class_weights("balanced", labels, THREE)
    assert weights[labels].mean() == pytest.approx(1)
    assert weights * np.bincount(labels) == pytest.approx(np.full(3, len(labels) / 3))


def test_classes_are_counted_in_the_cells_weights() -> None:
    labels, own = np.array([0, 0, 1]), np.array([0.25, 0.25, 2.0])
    weights = own * class_weights("balanced", labels, TWO, own)[labels]
    assert weights[:2].sum() == pytest.approx(weights[2])
    assert class_weights("negatives_over_positives", labels, TWO, own).tolist() == [1, 0.25]


def test_negatives_over_positives_weighs_the_positive_class_wherever_it_stands() -> None:
    labels = np.array([0, 1, 1, 1])
    assert class_weights("negatives_over_positives", labels, TWO).tolist() == pytest.approx([1, 1 / 3])
    turned = Classes(TWO.names, positive="hem")
    assert class_weights("negatives_over_positives", labels, turned).tolist() == [3, 1]


def test_named_weights_are_taken_as_they_are() -> None:
    assert class_weights({"c": 2.5}, np.array([0, 1, 2]), THREE).tolist() == [1, 1, 2.5]
    assert class_weights("none", np.array([0, 1, 2]), THREE).tolist() == [1, 1, 1]


def test_an_unknown_class_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        class_weights({"hemm": 2}, np.array([0, 1]), TWO)
    assert str(caught.value) == (
        "There is no class 'hemm' to weigh.\n  where: balance.loss_weights\n"
        "  what to do: Did you mean 'hem'? Known: all, hem."
    )


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_a_weight_must_be_a_number_above_nought(weight: float) -> None:
    with pytest.raises(SettingsError, match="The weight of class 'hem' must be above 0; found"):
        class_weights({"hem": weight}, np.array([0, 1]), TWO)


def test_negatives_over_positives_is_for_two_classes() -> None:
    with pytest.raises(SettingsError, match=r"negatives_over_positives is for two classes; there are 3\."):
        class_weights("negatives_over_positives", np.array([0, 1, 2]), THREE)


def test_a_class_without_cells_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        class_weights("none", np.array([0, 0]), THREE)
    assert str(caught.value) == (
        "The training part has no cell of the class 'b'.\n  where: the training part (and 1 more)\n"
        "  what to do: Take another split, or leave the class out of the cohort."
    )


@pytest.mark.parametrize("setting", ["none", "balanced", "class_balanced"])
def test_where_a_class_may_be_absent_it_weighs_one_and_the_others_as_without_it(setting: Any) -> None:
    found = class_weights(setting, np.array([0, 0, 0, 2]), THREE, absent=True)
    among = class_weights(setting, np.array([0, 0, 0, 1]), TWO)
    assert found.tolist() == [among[0], 1, among[1]]


@pytest.mark.parametrize("classes", [TWO, THREE])
def test_training_cells_of_one_class_alone_are_refused(classes: Classes) -> None:
    with pytest.raises(DataError, match=r"The training part has no cell of the class '(hem|a)'\."):
        make_objective("balanced", np.array([1, 1]), classes)


def test_a_class_that_is_absent_is_not_adjusted() -> None:
    objective = make_objective("none", np.array([0, 0, 0, 2]), THREE, loss=LossSettings(logit_adjustment=2.0))
    assert objective.shift is not None
    assert objective.shift.tolist() == pytest.approx([2 * np.log(0.75), 0, 2 * np.log(0.25)])


def test_two_classes_are_weighted_logistic_loss() -> None:
    logits, labels = torch.tensor([[0.3], [-2.0], [1.5]]), torch.tensor([0, 1, 1])
    objective = Objective(TWO, torch.tensor([1.0, 3.0]))
    reference = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))
    assert objective(logits, labels).item() == pytest.approx(reference(logits[:, 0], labels.float()).item())


def test_the_positive_class_may_be_the_first() -> None:
    logits, labels = torch.tensor([[4.0]]), torch.tensor([0])
    turned = Objective(Classes(TWO.names, positive="hem"), torch.ones(2))
    assert turned(logits, labels).item() < 0.02 < Objective(TWO, torch.ones(2))(logits, labels).item()


def test_more_classes_are_weighted_cross_entropy_over_cells() -> None:
    logits, labels = torch.randn(5, 3, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 2, 2, 1])
    weights = torch.tensor([1.0, 2.0, 0.5])
    reference = torch.nn.CrossEntropyLoss(weight=weights, reduction="sum")(logits, labels) / 5
    assert Objective(THREE, weights)(logits, labels).item() == pytest.approx(reference.item())


def test_a_cell_counts_the_same_in_any_batch() -> None:
    objective = make_objective("balanced", np.array([0, 1, 1, 1]), TWO)
    logits, labels = torch.tensor([[0.3], [-2.0], [1.5], [0.1]]), torch.tensor([0, 1, 1, 1])
    halves = (objective(logits[:2], labels[:2]) + objective(logits[2:], labels[2:])) / 2
    assert objective(logits, labels).item() == pytest.approx(halves.item())


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_weights_by_effective_number_lie_between_equal_and_balanced(drawn: list[int]) -> None:
    labels = np.array([*drawn, 0, 1, 2])
    weights = class_weights("class_balanced", labels, THREE, beta=0.9)
    assert weights[labels].mean() == pytest.approx(1)
    counts = np.bincount(labels)
    # Cui et al. 2019, equation 6, as it is written there.
    written = (1 - 0.9) / (1 - 0.9**counts)
    assert weights / weights[0] == pytest.approx(written / written[0], rel=1e-5)
    assert class_weights("class_balanced", labels, THREE, beta=0.0) == pytest.approx(np.ones(3))
    balanced = class_weights("balanced", labels, THREE)
    assert class_weights("class_balanced", labels, THREE, beta=1 - 1e-9) == pytest.approx(balanced, rel=1e-4)


def test_the_focal_loss_is_that_of_its_formula() -> None:
    logits, labels = torch.randn(5, 3, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 2, 2, 1])
    own = torch.softmax(logits, dim=1)[torch.arange(5), labels]
    expected = (-((1 - own) ** 2) * own.log()).mean().item()
    assert Objective(THREE, torch.ones(3), focal=2.0)(logits, labels).item() == pytest.approx(expected, rel=1e-5)
    of_two = torch.stack([torch.zeros(5), logits[:, 0]], dim=1)
    both = Objective(Classes(("a", "b")), torch.ones(2), focal=2.0)(logits[:, :1], labels % 2)
    own = torch.softmax(of_two, dim=1)[torch.arange(5), labels % 2]
    assert both.item() == pytest.approx((-((1 - own) ** 2) * own.log()).mean().item(), rel=1e-5)


def test_a_cell_that_is_told_for_sure_has_a_focal_loss_and_gradient_that_are_numbers() -> None:
    logits = torch.tensor([[60.0, 0.0, 0.0]], requires_grad=True)
    loss = Objective(THREE, torch.ones(3), focal=0.5)(logits, torch.tensor([0]))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert bool(torch.isfinite(logits.grad).all())


def test_a_focal_loss_keeps_its_digits_where_a_cell_is_told_well() -> None:
    # log(1 + e^-12) in float64; 1 - exp(-loss) of it in float32 would be off by some percent.
    loss = Objective(TWO, torch.ones(2), focal=1.0)(torch.tensor([[12.0]]), torch.tensor([1])).item()
    plain = np.log1p(np.exp(-12.0))
    assert loss == pytest.approx(-np.expm1(-plain) * plain, rel=1e-5)


@pytest.mark.parametrize("tau", [0.5, 1.0])
def test_logits_are_adjusted_by_the_logarithm_of_the_classes_shares(tau: float) -> None:
    labels = np.array([0] * 6 + [1] * 3 + [2])
    objective = make_objective("none", labels, THREE, loss=LossSettings(logit_adjustment=tau))
    logits, some = torch.randn(4, 3, generator=torch.Generator().manual_seed(2)), torch.tensor([0, 1, 2, 2])
    shifted = logits + tau * torch.log(torch.tensor([0.6, 0.3, 0.1]))
    expected = torch.nn.functional.cross_entropy(shifted, some)
    assert objective(logits, some).item() == pytest.approx(expected.item(), rel=1e-5)


def test_two_classes_are_adjusted_by_their_odds() -> None:
    turned = Classes(TWO.names, positive="hem")
    objective = make_objective("none", np.array([0, 1, 1, 1]), turned, loss=LossSettings(logit_adjustment=1.0))
    told = objective(torch.tensor([[0.7]]), torch.tensor([0])).item()
    assert told == pytest.approx(np.log1p(np.exp(-(0.7 + np.log(1 / 3)))), rel=1e-5)
