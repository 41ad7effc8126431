from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from leukoscope.errors import LeukoscopeError, SettingsError
from leukoscope.recipes.schema import StageSettings
from leukoscope.training.optimisers import OPTIMISERS, make_optimiser, optimiser_state, restore_optimiser, set_rates

KINDS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop}


def stage(optimizer: str, **others: object) -> StageSettings:
    return StageSettings.model_validate({"epochs": 4, "optimizer": optimizer, "weight_decay": 0.01, **others})


def network() -> nn.Sequential:
    generator = torch.Generator().manual_seed(1)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(16, 2))
    for parameter in layers.parameters():
        nn.init.normal_(parameter, generator=generator)
    return layers.to(memory_format=torch.channels_last)


def groups(model: nn.Module) -> list[dict[str, object]]:
    return [{"name": "all", "params": list(model.parameters()), "lr": 0.01}]


def step(model: nn.Module, optimiser: torch.optim.Optimizer, number: int) -> None:
    pixels = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(number))
    optimiser.zero_grad()
    model(pixels).square().mean().backward()
    optimiser.step()


@pytest.mark.parametrize("name", sorted(OPTIMISERS))
def test_each_name_is_torchs_optimiser_with_the_stage_s_settings(name: str) -> None:
    optimiser = make_optimiser(groups(network()), stage(name, momentum=0.8))
    assert type(optimiser) is KINDS[name]
    group = optimiser.param_groups[0]
    assert group["weight_decay"] == 0.01
    assert group.get("momentum", 0) == (0.8 if name == "sgd" else 0)
    assert group.get("alpha") == (0.8 if name == "rmsprop" else None)


@pytest.mark.parametrize("name", sorted(OPTIMISERS))
def test_a_restored_optimiser_goes_on_to_the_bit(name: str) -> None:
    model = network()
    optimiser = make_optimiser(groups(model), stage(name))
    for number in range(3):
        step(model, optimiser, number)
    weights = {key: value.clone() for key, value in model.state_dict().items()}
    tensors, others = optimiser_state(optimiser)
    step(model, optimiser, 3)
    again = network()
    again.load_state_dict(weights)
    restored = make_optimiser(groups(again), stage(name))
    restore_optimiser(restored, tensors, others)
    step(again, restored, 3)
    for ours, theirs in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_state_is_tensors_and_plain_values() -> None:
    model = network()
    optimiser = make_optimiser(groups(model), stage("adam"))
    step(model, optimiser, 0)
    tensors, others = optimiser_state(optimiser)
    assert set(tensors) == {f"{place}/{name}" for place in range(4) for name in ("step", "exp_avg", "exp_avg_sq")}
    assert tensors["0/step"].item() == 1
    assert others == {}


def test_a_state_of_another_network_is_refused() -> None:
    optimiser = make_optimiser(groups(network()), stage("sgd"))
    for key, shape in (("0/momentum_buffer", (2, 2)), ("9/momentum_buffer", (4, 3, 3, 3))):
        with pytest.raises(LeukoscopeError, match=r"The optimiser's saved state does not fit the network\."):
            restore_optimiser(optimiser, {key: torch.zeros(shape)}, {})


def test_rates_follow_the_schedule_in_every_group() -> None:
    model = network()
    two = [
        {"name": "stem", "params": list(model[0].parameters()), "lr": 0.1},
        {"name": "head", "params": list(model[2].parameters()), "lr": 0.4},
    ]
    settings = stage("sgd", schedule={"kind": "step", "every": 2, "factor": 0.5})
    optimiser = make_optimiser(two, settings)
    for position in (3.9, 0.0, 2.0):
        set_rates(optimiser, settings, position)
    assert [group["lr"] for group in optimiser.param_groups] == [0.05, 0.2]


def test_rates_fall_in_every_group_and_are_those_of_the_stage_again_without_falls() -> None:
    model = network()
    two = [
        {"name": "stem", "params": list(model[0].parameters()), "lr": 0.1},
        {"name": "head", "params": list(model[2].parameters()), "lr": 0.4},
    ]
    settings = stage("rmsprop", schedule={"kind": "plateau", "factor": 0.1})
    optimiser = make_optimiser(two, settings)
    for falls, rates in ((2, (0.001, 0.004)), (1, (0.01, 0.04)), (0, (0.1, 0.4))):
        set_rates(optimiser, settings, 1.5, falls)
        assert [group["lr"] for group in optimiser.param_groups] == pytest.approx(rates, rel=1e-12)


@pytest.mark.parametrize("name", ["adam", "adamw", "rmsprop"])
def test_epsilon_is_torchs_unless_it_is_set(name: str) -> None:
    for asked, expected in ((None, 1e-8), (1e-7, 1e-7), (0.1, 0.1)):
        optimiser = make_optimiser(groups(network()), stage(name, epsilon=asked))
        assert (
            optimiser.param_groups[0]["eps"]
            == expected
            == KINDS[name](network().parameters(), eps=expected).defaults["eps"]
        )
    assert (
        make_optimiser(groups(network()), stage(name)).param_groups[0]["eps"]
        == KINDS[name](network().parameters()).defaults["eps"]
    )


def test_rmsprop_with_keras_s_numbers_is_its_formula() -> None:
    # Keras 2.2.4, optimizers.RMSprop: a = rho * a + (1 - rho) * g^2; p = p - lr * g / (sqrt(a) + epsilon).
    drawn = np.random.default_rng(3)
    # Some gradients are as small as epsilon, so that it counts.
    gradients = drawn.normal(size=(6, 5)) * np.array([1.0, 1e-3, 1e-6, 1e-7, 1e-8])
    start = drawn.normal(size=5)
    weight = nn.Parameter(torch.from_numpy(start.copy()))
    settings = StageSettings(epochs=1, optimizer="rmsprop", momentum=0.9, epsilon=1e-7)
    optimiser = make_optimiser([{"name": "all", "params": [weight], "lr": 1e-3}], settings)
    expected, mean = start.copy(), np.zeros(5)
    for gradient in gradients:
        weight.grad = torch.from_numpy(gradient)
        optimiser.step()
        mean = 0.9 * mean + 0.1 * gradient**2
        expected -= 1e-3 * gradient / (np.sqrt(mean) + 1e-7)
    np.testing.assert_allclose(weight.detach().numpy(), expected, rtol=1e-12)


def test_an_unknown_optimiser_is_refused() -> None:
    settings = StageSettings.model_construct(optimizer="adan", epochs=1)
    with pytest.raises(SettingsError) as caught:
        make_optimiser(groups(network()), settings)
    assert str(caught.value) == (
        "There is no optimiser 'adan'.\n  where: stages: optimizer\n"
        "  what to do: Did you mean 'adam'? Known: adam, adamw, rmsprop, sgd."
    )
