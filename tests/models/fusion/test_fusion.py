from __future__ import annotations

import pytest
import torch

from leukoscope.errors import DataError, SettingsError
from leukoscope.models.fusion import FUSIONS, Concatenate, Experts, Fusion, Gate, make_fusion
from leukoscope.models.fusion.experts import TRUST

SIZES = [(1, 1), (5, 1), (3, 3), (6, 3)]  # logits or features of two classes and of three


def stirred(fusion: Fusion, seed: int = 0) -> Fusion:
    """Return the fusion in float64 with weights that are nowhere zero."""
    generator = torch.Generator().manual_seed(seed)
    fusion = fusion.double()
    for parameter in fusion.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64) / 2
    return fusion


def drawn(vector: int, facts: int = 4, patients: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return (
        torch.randn(patients, vector, generator=generator, dtype=torch.float64),
        torch.randn(patients, facts, generator=generator, dtype=torch.float64),
    )


@pytest.mark.parametrize("name", FUSIONS)
@pytest.mark.parametrize(("vector", "outputs"), SIZES)
def test_gradients_are_those_of_finite_differences(name: str, vector: int, outputs: int) -> None:
    fusion = stirred(make_fusion(name, vector, 4, outputs, 0))
    parameters = [parameter.detach().requires_grad_() for parameter in fusion.parameters()]
    names = [key for key, _ in fusion.named_parameters()]
    image, facts = (one.requires_grad_() for one in drawn(vector))

    def called(*given: torch.Tensor) -> torch.Tensor:
        weights = dict(zip(names, given[2:], strict=True))
        found: torch.Tensor = torch.func.functional_call(fusion, weights, (given[0], given[1]))
        return found

    assert called(image, facts, *parameters).shape == (3, outputs)
    assert torch.autograd.gradcheck(called, (image, facts, *parameters))


@pytest.mark.parametrize("name", FUSIONS)
@pytest.mark.parametrize(("vector", "outputs"), SIZES)
def test_every_weight_learns_in_a_second_step(name: str, vector: int, outputs: int) -> None:
    fusion = make_fusion(name, vector, 4, outputs, 0).double()
    optimiser = torch.optim.SGD(fusion.parameters(), lr=0.1)
    for _ in range(2):
        optimiser.zero_grad()
        fusion(*drawn(vector)).square().sum().backward()
        optimiser.step()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in fusion.parameters())


@pytest.mark.parametrize("name", FUSIONS)
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_fresh_fusion_passes_the_image_logits_on(name: str, outputs: int) -> None:
    image, facts = drawn(outputs)
    fresh = make_fusion(name, outputs, 4, outputs, 0).double()(image, facts)
    share = torch.sigmoid(torch.tensor(TRUST)).item() if name == "experts" else 1.0
    assert torch.allclose(fresh, share * image)


@pytest.mark.parametrize("name", FUSIONS)
def test_a_fresh_fusion_of_features_is_small_and_comes_from_its_seed(name: str) -> None:
    first, again, other = (make_fusion(name, 50, 4, 1, seed).double() for seed in (1, 1, 2))
    image, facts = drawn(50)
    assert torch.equal(first(image, facts), again(image, facts))
    assert not torch.equal(first(image, facts), other(image, facts))
    assert first(image, facts).abs().max() < 0.5


@pytest.mark.parametrize("name", FUSIONS)
def test_a_patient_does_not_depend_on_who_else_is_asked(name: str) -> None:
    fusion = stirred(make_fusion(name, 5, 4, 1, 0)).eval()
    image, facts = drawn(5)
    alone = torch.cat([fusion(image[[row]], facts[[row]]) for row in range(3)])
    assert torch.allclose(fusion(image, facts), alone, atol=1e-12)


def test_concatenation_is_one_linear_map_of_both_side_by_side() -> None:
    fusion = stirred(Concatenate(5, 4, 2, 0))
    image, facts = drawn(5)
    weight = torch.cat([fusion.get_parameter("image.weight"), fusion.get_parameter("facts_layer.weight")], dim=1)
    expected = torch.cat([image, facts], dim=1) @ weight.T + fusion.get_parameter("image.bias")
    assert torch.allclose(fusion(image, facts), expected)


def test_hidden_units_start_without_a_say_and_let_vector_and_facts_act_on_each_other() -> None:
    image, facts = drawn(1)
    fresh = Concatenate(1, 4, 1, 0, hidden=8).double()
    assert torch.allclose(fresh(image, facts), image)
    fusion = stirred(Concatenate(1, 4, 1, 0, hidden=8))
    effect = fusion(image + 3, facts) - fusion(image, facts)
    assert (effect - effect[0]).abs().max() > 1e-3
    assert torch.autograd.gradcheck(fusion, (image.requires_grad_(), facts.requires_grad_()))


def test_the_gate_can_shut_a_feature_out_or_double_it() -> None:
    fusion = Gate(1, 1, 1, 0).double()
    fusion.gate.weight.data.fill_(50.0)
    image = torch.ones(2, 1, dtype=torch.float64)
    facts = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
    assert torch.allclose(fusion(image, facts), torch.tensor([[0.0], [2.0]], dtype=torch.float64))


def test_the_mixture_lies_between_its_experts_by_the_gates_share() -> None:
    fusion = stirred(Experts(5, 4, 1, 0))
    assert isinstance(fusion, Experts)
    image, facts = drawn(5)
    pictures, clinic = fusion.image(image), fusion.facts_layer(facts)
    share = fusion.share(image, facts)
    assert share.shape == (3, 1)
    assert torch.allclose(fusion(image, facts), share * pictures + (1 - share) * clinic)
    assert (fusion(image, facts) <= torch.maximum(pictures, clinic)).all()


def test_facts_that_are_missing_or_too_few_are_refused() -> None:
    fusion = make_fusion("gate", 1, 4, 1, 0)
    with pytest.raises(DataError) as caught:
        fusion(torch.zeros(2, 1), None)
    assert str(caught.value) == (
        "This network takes 4 columns of facts a patient; found none.\n"
        "  what to do: Give the patients' table with the facts that the network was trained with."
    )
    with pytest.raises(DataError, match="This network takes 4 columns of facts a patient; found 3"):
        fusion(torch.zeros(2, 1), torch.zeros(2, 3))


def test_a_wrong_name_and_no_facts_are_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        make_fusion("gates", 1, 1, 1, 0)
    assert str(caught.value) == (
        "There is no fusion 'gates'.\n  where: facts.fusion\n"
        "  what to do: Did you mean 'gate'? Known: concatenate, experts, gate."
    )
    with pytest.raises(SettingsError) as caught:
        make_fusion("gate", 1, 0, 1, 0)
    assert str(caught.value) == (
        "The fusion 'gate' needs facts, and there are none.\n  where: facts.inputs\n"
        "  what to do: Name some: facts.inputs={age: linear}, or set facts.fusion=none."
    )


def test_every_fusion_says_its_formula_and_where_it_comes_from() -> None:
    for kind in FUSIONS.values():
        assert kind.source
        assert "logits = " in (kind.__doc__ or "")
