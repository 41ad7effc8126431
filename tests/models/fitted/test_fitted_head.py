from __future__ import annotations

from typing import Any

import pytest
import torch

from leukoscope.models.fitted import (
    FittedHead,
    ForestScores,
    HeadInputs,
    PrototypeScores,
    SvmScores,
    make_fitted_head,
)
from leukoscope.recipes.schema import ModelSettings

HEADS = pytest.mark.parametrize("head", ["svm", "forest", "mlp", "prototypes"])
NUMBERS = torch.Generator().manual_seed(0)


def settings(**changes: Any) -> ModelSettings:
    return ModelSettings.model_validate({"backbone": "test_resnet"} | changes)


@HEADS
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_head_that_is_not_fitted_says_the_same_of_every_cell(head: str, outputs: int) -> None:
    made = make_fitted_head(6, outputs, settings(head=head))
    said = made(torch.rand(5, 6, generator=NUMBERS))
    assert said.shape == (5, outputs)
    assert torch.isfinite(said).all()
    torch.testing.assert_close(said, said[:1].expand(5, -1))


@HEADS
def test_no_cells_give_no_logits(head: str) -> None:
    assert make_fitted_head(6, 1, settings(head=head))(torch.zeros(0, 6)).shape == (0, 1)


def test_measures_are_no_features_of_the_network() -> None:
    head = make_fitted_head(30, 1, settings(head="svm", measures=True, pca=5))
    assert head.inputs.pooled == 20
    assert head.inputs.width == 11  # one component until it is fitted


@HEADS
def test_room_is_made_for_what_was_fitted(head: str) -> None:
    fitted = make_fitted_head(6, 3, settings(head=head, pca=4))
    lengths = {"svm": {"support": (7, 9), "weight": (3, 7)}, "mlp": {"hidden.weight": (7, 9)},
               "forest": {"feature": (11,), "roots": (2,)}, "prototypes": {"prototypes": (3, 4)}}  # fmt: skip
    own = {f"scores.{name}": shape for name, shape in lengths[head].items()}
    fitted.make_room({"inputs.components": (4, 6), **own})
    found = {name: tuple(value.shape) for name, value in fitted.state_dict().items()}
    assert found["inputs.components"] == (4, 6)
    if head == "svm":
        assert (found["scores.support"], found["scores.weight"]) == ((7, 4), (3, 7))
    if head == "mlp":
        assert (found["scores.hidden.weight"], found["scores.last.weight"]) == ((7, 4), (3, 7))
    if head == "prototypes":
        assert found["scores.prototypes"] == (3, 4)
    if head == "forest":
        assert (found["scores.shares"], found["scores.roots"]) == ((11, 3), (2,))


def test_room_for_what_is_not_there_is_that_of_a_head_without_a_fit() -> None:
    head = make_fitted_head(6, 1, settings(head="forest"))
    before = {name: value.shape for name, value in head.state_dict().items()}
    head.make_room({})
    assert {name: value.shape for name, value in head.state_dict().items()} == before


def test_a_kernel_and_a_line_by_hand() -> None:
    scores = SvmScores(2, 1, vectors=2)
    with torch.no_grad():
        scores.support.copy_(torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
        scores.weight.copy_(torch.tensor([[2.0, -1.0]]))
        scores.intercept.fill_(0.5)
        scores.gamma.fill_(0.1)
    head = FittedHead(HeadInputs(2, 2), scores)
    head.slope.fill_(2)
    head.bias.fill_(1)
    far = torch.exp(torch.tensor(-2.5))  # 25 apart, squared, times gamma
    expected = torch.stack([2 * (2 - far + 0.5) + 1, 2 * (2 * far - 1 + 0.5) + 1])[:, None]
    torch.testing.assert_close(head(torch.tensor([[0.0, 0.0], [3.0, 4.0]])), expected)


def test_a_class_has_the_decision_value_against_the_one_that_it_has_most_trouble_with() -> None:
    scores = SvmScores(1, 3)
    scores.intercept.copy_(torch.tensor([2.0, -1.0, 0.5]))  # 0 before 1, 2 before 0, 1 before 2
    said = scores(torch.zeros(1, 1, dtype=torch.float64))
    torch.testing.assert_close(said, torch.tensor([[-1.0, -2.0, -0.5]], dtype=torch.float64))


def test_slope_and_intercepts_make_logits_of_scores() -> None:
    head = make_fitted_head(4, 3, settings(head="prototypes"))
    head.scores.get_parameter("prototypes").copy_(torch.eye(3, 4))
    head.slope.fill_(2)
    head.bias.copy_(torch.tensor([0.5, 0.0, -0.5]))
    torch.testing.assert_close(head(torch.eye(1, 4)), torch.tensor([[2.5, 0.0, -0.5]]))


def test_a_walk_down_two_trees_by_hand() -> None:
    scores = ForestScores(1, 1, nodes=4, trees=2)
    # a tree of a root and two leaves, and a tree that is one leaf
    for name, values in {"left": [1, 1, 2, 3], "right": [2, 1, 2, 3], "feature": [0] * 4, "roots": [0, 3]}.items():
        scores.get_buffer(name).copy_(torch.tensor(values))
    with torch.no_grad():
        scores.threshold.copy_(torch.tensor([0.5, 0, 0, 0]))
        scores.shares.copy_(torch.tensor([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [0.6, 0.4]]))
    likely = scores.probabilities(torch.tensor([[0.5], [0.6]], dtype=torch.float64))
    torch.testing.assert_close(likely, torch.tensor([[0.8, 0.2], [0.3, 0.7]], dtype=torch.float64))


def test_likeness_to_prototypes_by_hand() -> None:
    scores = PrototypeScores(2, 3)
    scores.prototypes.data = torch.tensor([[2.0, 0.0], [0.0, 0.5], [-3.0, 0.0]], dtype=torch.float64)
    said = scores(torch.tensor([[5.0, 0.0], [1.0, 1.0], [0.0, 0.0]], dtype=torch.float64))
    half = 0.5**0.5
    expected = torch.tensor([[1.0, 0.0, -1.0], [half, half, -half], [0.0, 0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(said, expected)


def test_of_two_classes_the_second_counts_less_the_first() -> None:
    scores = PrototypeScores(2, 1)
    scores.prototypes.copy_(torch.tensor([[2.0, 0.0], [0.0, 0.5]]))
    said = scores(torch.tensor([[5.0, 0.0], [0.6, 0.8]], dtype=torch.float64))
    torch.testing.assert_close(said, torch.tensor([[-1.0], [0.2]], dtype=torch.float64))
