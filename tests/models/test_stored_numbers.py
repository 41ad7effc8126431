"""How large a network is, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from leukoscope.models.fitted import FittedHead, ForestScores, HeadInputs, MlpScores, PrototypeScores, SvmScores
from leukoscope.models.stored_numbers import StoredNumbers, fitted_at_once, stored_numbers


def head(scores: Any, features: int = 5) -> FittedHead:
    return FittedHead(HeadInputs(features, features), scores)


# Beside the scores: 5 means, 5 scales; a line of one slope and one shift, the only parameters of support vectors, trees
# and prototypes. 7 vectors of 5 numbers and their 7 weights, an intercept and gamma. 11 nodes of 2 ways, a feature, a
# threshold and 2 shares, and 2 roots. 4 x 5 + 4 and 4 + 1 of dense layers. 2 prototypes of 5 numbers.
@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (SvmScores(5, 1, vectors=7), StoredNumbers(2, 12 + 7 * 6 + 2, "7 support vectors")),
        (ForestScores(5, 1, nodes=11, trees=2), StoredNumbers(2, 12 + 11 * 6 + 2, "2 trees of 11 nodes together")),
        (MlpScores(5, 1, width=4), StoredNumbers(2 + 29, 12 + 29, None)),
        (PrototypeScores(5, 1), StoredNumbers(2, 12 + 10, "2 prototypes")),
    ],
)
def test_a_head_that_is_fitted_at_once(scores: Any, expected: StoredNumbers) -> None:
    assert stored_numbers(head(scores)) == expected


def test_a_networks_statistics_are_stored_and_no_parameters() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    assert stored_numbers(network) == StoredNumbers(3 * 4 * 9 + 4 + 8, 3 * 4 * 9 + 4 + 8 + 9, None)


def test_what_is_frozen_is_a_parameter_too_and_a_head_behind_it_is_told() -> None:
    network = nn.Sequential(nn.Linear(3, 5).requires_grad_(False), head(SvmScores(5, 1, vectors=7)))
    found = stored_numbers(network)
    assert found.parameters == 20 + 2
    assert found.holds == "7 support vectors"
    assert found.stored == sum(torch.numel(value) for value in network.state_dict().values())
    assert fitted_at_once(network) == "56 numbers fitted at once (7 support vectors)"
    assert fitted_at_once(network[0]) is None


def test_principal_components_are_parameters_of_several_classes_there_is_one_slope() -> None:
    network = FittedHead(HeadInputs(5, 4, 2), MlpScores(3, 3, width=4))
    assert stored_numbers(network).parameters == 2 * 4 + (3 * 4 + 4) + (4 * 3 + 3) + 1 + 3
    assert fitted_at_once(network) == f"{10 + 8 + 16 + 15 + 4} numbers fitted at once"
