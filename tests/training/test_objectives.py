from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
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
