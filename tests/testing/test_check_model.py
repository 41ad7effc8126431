"""Each way to break the contract of networks is found, on a network that is whole but for that."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from leukoscope.models.aggregators import Aggregator
from leukoscope.models.bags import Bags
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.network import Network
from leukoscope.models.patient_model import PatientModel
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings
from leukoscope.testing import check_model
from leukoscope.testing.contract import fault_of
from leukoscope.testing.model_checks import promises
from leukoscope.testing.model_checks.all_checks import CHECKS
from leukoscope.testing.model_checks.example import Example

SIZE = (32, 32)
SETTINGS = ModelSettings(backbone="test_resnet", cut="layer1", head="dense", hidden=[6], hidden_dropout=0.5)
HEAD = "The network CellModel breaks its contract:"
Change = Callable[[Tensor], Tensor]


def whole(seed: int) -> CellModel:
    return build_model(SETTINGS, 3, seed=seed)[0]


def same(values: Tensor) -> Tensor:
    return values


class Changed(nn.Module):
    """A head that something is done before and behind."""

    def __init__(self, head: nn.Module, before: Change, behind: Change) -> None:
        super().__init__()
        self.head, self.before, self.behind = head, before, behind

    def forward(self, features: Tensor) -> Tensor:
        return self.behind(self.head(self.before(features)))


def broken(before: Change = same, behind: Change = same) -> Callable[[int], CellModel]:
    def make(seed: int) -> CellModel:
        model = whole(seed)
        model.head = Changed(model.head, before, behind)
        return model

    return make


def of_patients(seed: int, facts: int = 0, **bag: Any) -> PatientModel:
    known = FactsSettings(inputs={"age": "linear", "count": "log"}, fusion="concatenate") if facts else FactsSettings()
    settings = BagSettings.model_validate({"instances": "cells", "order": "features"} | bag)
    model = ModelSettings(backbone="test_resnet", cut="layer1")
    return build_patient_model(model, settings, known, 1, inputs=facts, seed=seed)[0]


def fault(promise: Callable[[Example], None], make: Callable[[int], Network], outputs: int = 3) -> str:
    """Return what one check has to say of a network; empty for nothing. All of them take seconds, for the graph."""
    return fault_of(promise, Example(make, outputs, SIZE)) or ""


def faults(make: Callable[[int], Any], outputs: int = 3) -> str:
    with pytest.raises(AssertionError) as raised:
        check_model(make, outputs=outputs, size=SIZE)
    return str(raised.value)


def test_whole_networks_pass() -> None:
    check_model(whole, outputs=3, size=SIZE)


@pytest.mark.parametrize("aggregator", ["mean", "gated_attention", {"top_and_bottom_k": {"k": 2}}])
@pytest.mark.parametrize("facts", [0, 2])
def test_networks_of_patients_pass(aggregator: Any, facts: int) -> None:
    check_model(lambda seed: of_patients(seed, facts, aggregator=aggregator), outputs=1, size=SIZE)


def test_every_promise_is_checked() -> None:
    own = [one for name, one in vars(promises).items() if inspect.isfunction(one) and not name.startswith("_")]
    assert set(CHECKS) == {one for one in own if one.__module__ == promises.__name__}


def test_all_faults_are_told_at_once() -> None:
    def make(_seed: int) -> CellModel:
        model = whole(0)
        model.register_parameter("lost", nn.Parameter(torch.zeros(2)))
        return model

    assert faults(make) == (
        f"{HEAD}\n- Made with two seeds, it has the same weights: nothing is drawn from the seed.\n"
        "- No gradient reaches lost."
    )


def test_another_number_of_logits_is_found() -> None:
    found = fault(promises.gives_finite_logits, whole, outputs=4)
    assert found == "Logits are of the shape (5, 4); these are (5, 3)."


def test_logits_of_another_kind_are_found() -> None:
    found = fault(promises.gives_finite_logits, broken(behind=Tensor.double))
    assert found == "Logits are float32; these are torch.float64."


def test_a_logit_that_is_no_number_is_found_and_told_once() -> None:
    def one_is_none(logits: Tensor) -> Tensor:
        return logits.masked_fill(logits == logits.max(), torch.nan)

    assert faults(broken(behind=one_is_none)) == f"{HEAD}\n- Logits are finite; some of these are not."


def test_a_head_that_was_not_fitted_is_found() -> None:
    settings = ModelSettings(backbone="test_resnet", cut="layer1", head="mlp")
    assert fault(promises.tells_cells_apart, lambda seed: build_model(settings, 3, seed=seed)[0]) == (
        "It says the same of every cell or patient. One that is fitted at once must be fitted to be tried."
    )


def test_what_depends_on_the_batch_is_found() -> None:
    found = fault(promises.keeps_in_any_batch, broken(lambda features: features - features.mean(0)))
    assert found.startswith("One by one it says something else than of all together: they differ by up to ")


def test_a_tenth_that_is_the_batch_s_is_found_though_logits_are_small() -> None:
    found = fault(promises.keeps_in_any_batch, broken(behind=lambda logits: 0.9 * logits + 0.1 * logits.mean(0)))
    assert found.startswith("One by one it says something else than of all together: they differ by up to 0.0")
    assert found.endswith(", where 1 is what lies between the cells.")


class Padded(Aggregator):
    """A mean over as many rows as the largest bag has, of eight or more; those of a smaller bag are noughts."""

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        del projected
        return bags.sum(values) / max(8, int(bags.sizes.max()))


def test_what_depends_on_padding_is_found() -> None:
    def make(seed: int) -> PatientModel:
        model = of_patients(seed)
        model.aggregator = Padded()
        return model

    found = fault(promises.keeps_beside_padding, make, outputs=1)
    assert found.startswith("Beside a large bag it says something else of small ones: they differ by up to ")
    assert not fault(promises.keeps_in_any_batch, make, outputs=1)


def test_what_depends_on_the_layout_in_memory_is_found() -> None:
    def make(seed: int) -> CellModel:
        model = whole(seed)
        first = next(module for module in model.modules() if isinstance(module, nn.Conv2d))

        def darken_where_channels_are_last(_module: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            return (given[0] / 2 if first.weight.stride(1) == 1 else given[0],)

        model.register_forward_pre_hook(darken_where_channels_are_last)
        return model

    found = fault(promises.agrees_in_any_layout, make)
    assert found.startswith("With channels last in memory it says something else: they differ by up to ")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(lambda features: features if features.sum() > 0 else -features, id="goes by the values"),
        pytest.param(lambda features: torch.stack(list(features)), id="for one size of batch"),
    ],
)
def test_what_is_not_one_graph_is_found(before: Change) -> None:
    assert fault(promises.is_one_graph, broken(before)).startswith("torch.export finds no single graph of it: ")


def test_a_graph_that_says_something_else_is_found() -> None:
    def otherwise_in_a_graph(features: Tensor) -> Tensor:
        return features / 2 if torch.compiler.is_exporting() else features

    found = fault(promises.is_one_graph, broken(otherwise_in_a_graph))
    assert found.startswith("The exported graph says something else: they differ by up to ")


@pytest.mark.parametrize("patients", [False, True])
def test_what_depends_on_the_order_is_found(patients: bool) -> None:
    def make(seed: int) -> CellModel | PatientModel:
        model = of_patients(seed, order="logits") if patients else whole(seed)
        cells = model.cells if isinstance(model, PatientModel) else model
        cells.head = Changed(cells.head, lambda given: given * torch.arange(1.0, len(given) + 1)[:, None], same)
        return model

    what = "patients, and the cells of each," if patients else "pictures"
    found = fault(promises.keeps_the_order, make, outputs=1 if patients else 3)
    assert found.startswith(f"Of {what} in another order it says something else: they differ by up to ")


def test_what_is_drawn_in_evaluation_is_found() -> None:
    found = fault(promises.keeps_when_asked_again, broken(lambda features: features + torch.rand_like(features)))
    assert found.startswith("Asked the same again, it says something else: ")


@pytest.mark.parametrize(("patients", "what"), [(False, "pictures"), (True, "pictures"), (True, "facts")])
def test_what_was_changed_is_found(patients: bool, what: str) -> None:
    def change(_module: nn.Module, given: tuple[Tensor, ...]) -> None:
        given[2 if what == "facts" else 0].mul_(0.5)

    def make(seed: int) -> CellModel | PatientModel:
        model = of_patients(seed, facts=2) if patients else whole(seed)
        model.register_forward_pre_hook(change)
        return model

    found = fault(promises.leaves_its_pictures, make, outputs=1 if patients else 3)
    assert found == f"The {what} that it was given were changed."


def test_weights_that_do_not_come_of_the_seed_are_found() -> None:
    def make(seed: int) -> CellModel:
        model = whole(seed)
        nn.init.normal_(model.head.get_parameter("linear.weight"))
        return model

    found = fault(promises.draws_from_its_seed, make)
    assert found == "Made twice with one seed, it has other weights: head.linear.weight."


def test_a_network_that_does_not_heed_its_seed_is_found() -> None:
    found = fault(promises.draws_from_its_seed, lambda _seed: whole(0))
    assert found == "Made with two seeds, it has the same weights: nothing is drawn from the seed."


def test_what_is_not_in_the_state_dict_is_found() -> None:
    def make(seed: int) -> CellModel:
        shift = torch.full((1,), float(seed))
        return broken(lambda features: features + shift)(seed)

    said = "All that is learnt must be in the state dict; loaded into one of another seed, it says something else: "
    assert fault(promises.is_saved_and_loaded, make).startswith(said)


@pytest.mark.parametrize("patients", [False, True])
@pytest.mark.parametrize("used", [False, True])
def test_a_weight_without_gradient_or_with_one_of_nought_is_found(patients: bool, used: bool) -> None:
    def make(seed: int) -> CellModel | PatientModel:
        model = of_patients(seed) if patients else whole(seed)
        lost = nn.Parameter(torch.ones(2))
        model.register_parameter("lost", lost)
        if used:
            model.register_forward_hook(lambda _module, _given, logits: logits + 0 * lost.sum())
        return model

    assert fault(promises.reaches_every_weight, make, outputs=1 if patients else 3) == "No gradient reaches lost."


def test_what_cannot_be_asked_is_told_once() -> None:
    def make(_seed: int) -> CellModel:
        raise ValueError("no such layer")

    assert faults(make) == "Making a network of seed 0 stopped with ValueError: no such layer"


def test_a_stranger_is_no_network() -> None:
    found = faults(lambda _seed: nn.Linear(3, 3))
    assert found == "A network is a CellModel or a PatientModel; this one is of the class Linear."
