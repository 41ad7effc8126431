"""Each way to break the contract of networks is found, on a network that is whole but for that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.cell_model import CellModel
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings
from leukoscope.testing import check_model

SIZE = (32, 32)
SETTINGS = ModelSettings(backbone="test_resnet", cut="layer1", head="dense", hidden=[6], hidden_dropout=0.5)


def whole(seed: int) -> CellModel:
    return build_model(SETTINGS, 3, seed=seed)[0]


class Before(nn.Module):
    """A head that something is done before."""

    def __init__(self, head: nn.Module, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.head, self.change = head, change

    def forward(self, features: Tensor) -> Tensor:
        return self.head(self.change(features))  # type: ignore[no-any-return]


def broken(change: Callable[[Tensor], Tensor]) -> Callable[[int], CellModel]:
    def make(seed: int) -> CellModel:
        model = whole(seed)
        model.head = Before(model.head, change)
        return model

    return make


def fault(make: Any, outputs: int = 3) -> str:
    with pytest.raises(AssertionError) as raised:
        check_model(make, outputs=outputs, size=SIZE)
    return str(raised.value)


def test_whole_networks_pass() -> None:
    check_model(whole, outputs=3, size=SIZE)


@pytest.mark.parametrize("aggregator", ["mean", "gated_attention", {"top_and_bottom_k": {"k": 2}}])
@pytest.mark.parametrize("facts", [0, 2])
def test_networks_of_patients_pass(aggregator: Any, facts: int) -> None:
    bag = BagSettings(aggregator=aggregator, instances="cells", order="features")
    known = FactsSettings(inputs={"age": "linear", "count": "log"}, fusion="concatenate") if facts else FactsSettings()

    def make(seed: int) -> Any:
        model = ModelSettings(backbone="test_resnet", cut="layer1")
        return build_patient_model(model, bag, known, 1, inputs=facts, seed=seed)[0]

    check_model(make, outputs=1, size=SIZE)


def test_another_number_of_logits_is_found() -> None:
    assert "- Logits are of the shape (5, 4); these are (5, 3)." in fault(whole, outputs=4)


def test_logits_that_are_no_numbers_are_found() -> None:
    assert "- Logits are finite; some of these are not." in fault(broken(lambda features: features / 0))


def test_what_depends_on_the_batch_is_found() -> None:
    said = fault(broken(lambda features: features - features.mean(0)))
    assert "- One by one it says something else than of all together: they differ by up to " in said


def test_what_depends_on_the_order_is_found() -> None:
    said = fault(broken(lambda features: features * torch.arange(1.0, len(features) + 1)[:, None]))
    assert "- Of pictures in another order it says something else: they differ by up to " in said


def test_what_is_drawn_in_evaluation_is_found() -> None:
    assert "- Asked the same again, it says something else: " in fault(
        broken(lambda features: features + torch.rand_like(features))
    )


def darken(_module: nn.Module, given: tuple[Tensor, ...]) -> None:
    given[0].mul_(0.5)


def test_changed_pictures_are_found() -> None:
    def make(seed: int) -> CellModel:
        model = whole(seed)
        model.register_forward_pre_hook(darken)
        return model

    assert "- The pictures that it was given were changed." in fault(make)


def test_weights_that_do_not_come_of_the_seed_are_found() -> None:
    def make(seed: int) -> CellModel:
        model = whole(seed)
        nn.init.normal_(model.head.get_parameter("linear.weight"))
        return model

    assert "- Made twice with one seed, it has other weights: head.linear.weight." in fault(make)


def test_what_is_not_in_the_state_dict_is_found() -> None:
    def make(seed: int) -> CellModel:
        shift = torch.full((1,), float(seed))
        return broken(lambda features: features + shift)(seed)

    said = "- All that is learnt must be in the state dict; loaded into one of another seed, it says something else: "
    assert said in fault(make)


def test_a_weight_without_gradient_is_found() -> None:
    def make(seed: int) -> CellModel:
        model = whole(seed)
        model.register_parameter("lost", nn.Parameter(torch.zeros(2)))
        return model

    assert "- No gradient reaches lost." in fault(make)


def test_what_cannot_be_asked_is_told_once() -> None:
    def make(_seed: int) -> CellModel:
        raise ValueError("no such layer")

    with pytest.raises(AssertionError) as raised:
        check_model(make, outputs=3, size=SIZE)
    assert str(raised.value) == "Making a network of seed 0 stopped with ValueError: no such layer"


def test_a_stranger_is_no_network() -> None:
    with pytest.raises(AssertionError) as raised:
        check_model(lambda _seed: nn.Linear(3, 3), outputs=3, size=SIZE)  # type: ignore[arg-type,return-value]
    assert str(raised.value) == "A network is a CellModel or a PatientModel; this one is of the class Linear."
