from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.models.probabilities import logit_of, outputs_of, probabilities

TWO, FIRST = Classes(("hem", "all")), Classes(("tumoral", "reactive"), positive="tumoral")
THREE = Classes(("a", "b", "c"))
logits = st.floats(-30, 30, width=32)


def test_two_classes_need_one_logit_and_three_need_three() -> None:
    assert (outputs_of(TWO), outputs_of(THREE)) == (1, 3)


def test_the_logit_is_the_positive_class_wherever_it_stands() -> None:
    one = torch.tensor([[2.0]])
    positive = torch.sigmoid(one).item()
    torch.testing.assert_close(probabilities(one, TWO), torch.tensor([[1 - positive, positive]]))
    torch.testing.assert_close(probabilities(one, FIRST), torch.tensor([[positive, 1 - positive]]))


def test_a_small_probability_keeps_its_digits() -> None:
    far = probabilities(torch.tensor([[60.0]]), TWO)
    assert far[0, 0].item() == pytest.approx(8.7565e-27, rel=1e-4)


@given(st.lists(st.tuples(logits, logits, logits), min_size=1, max_size=5))
def test_rows_sum_to_one_and_come_back(values: list[tuple[float, float, float]]) -> None:
    several = torch.tensor(values)
    found = probabilities(several, THREE)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(len(values)))
    torch.testing.assert_close(probabilities(logit_of(found, THREE), THREE), found)
    for classes in (TWO, FIRST):
        one = several[:, :1]
        binary = probabilities(one, classes)
        torch.testing.assert_close(binary.sum(dim=1), torch.ones(len(values)))
        torch.testing.assert_close(logit_of(binary, classes), one, rtol=1e-5, atol=1e-4)


def test_certainty_gives_a_finite_logit() -> None:
    certain = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    assert torch.isfinite(logit_of(certain, TWO)).all()
    assert logit_of(certain, TWO)[0, 0] == -logit_of(certain, TWO)[1, 0] > 80


def test_two_logits_for_two_classes_are_taken_by_softmax() -> None:
    pair = torch.tensor([[1.0, 3.0]])
    torch.testing.assert_close(probabilities(pair, TWO), torch.softmax(pair, dim=1))


def test_another_number_of_logits_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        probabilities(torch.zeros(2, 4), THREE)
    assert str(caught.value) == "The network gives 4 logits, but there are 3 classes."
    with pytest.raises(SettingsError) as caught:
        logit_of(torch.zeros(2, 1), TWO)
    assert str(caught.value) == "There are 1 probabilities a cell, but 2 classes."
