"""The usual mistakes, each made in a network whose self-test lies ready: it must be refused, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.selftest import run_selftest, write_selftest
from leukoscope.bundles.suspects import Saved, by_class, way_on
from leukoscope.cohort.classes import Classes
from leukoscope.errors import BundleError
from leukoscope.files import read_json, write_json
from leukoscope.models.building import build_model
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.known_weights import IMAGENET_MEAN, IMAGENET_STD
from leukoscope.models.network import Network, cells_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BranchSettings, ModelSettings

Change = Callable[[Network], object]
FAILED = "The bundle does not give the results that it was saved with: "


def parts(made: Any) -> tuple[Network, BundleCard]:
    return deepcopy(made.model).eval(), made.card


def normalise(model: Network, mean: Sequence[float], std: Sequence[float]) -> None:
    model.mean.copy_(torch.tensor(mean).view_as(model.mean))
    model.std.copy_(torch.tensor(std).view_as(model.std))


def of_imagenet(made: Any) -> Network:
    """Return a copy that normalises each colour otherwise, as most networks do."""
    model, _ = parts(made)
    normalise(model, IMAGENET_MEAN, IMAGENET_STD)
    return model


def turn_first_layer(model: Network, order: Sequence[int] = (2, 1, 0)) -> None:
    """Let the first layer of each backbone take the colours in another order."""
    net = cells_of(model).backbone.net
    first = [value for value in net.parameters() if value.ndim == 4 and value.shape[1] == 3]
    assert first
    for weight in first:
        weight.data = weight.data[:, list(order)].contiguous()


def turn_all_but_pixels(model: Network) -> None:
    turn_first_layer(model)
    turn_normalisation(model, (2, 1, 0))


def turn_outputs(model: Network, order: Sequence[int]) -> None:
    """Let output i be what output ``order[i]`` was."""
    for name in ("linear.weight", "linear.bias"):
        values = cells_of(model).head.get_parameter(name)
        values.data = values.data[list(order)]


def turn_normalisation(model: Network, order: Sequence[int]) -> None:
    model.mean.copy_(model.mean[:, list(order)])
    model.std.copy_(model.std[:, list(order)])


def refusal(folder: Path, model: Network, card: BundleCard, change: Change, edit: Change | None = None) -> str:
    """Write the model's self-test, change a copy of the model, and return why that is refused.

    Args:
        folder: Where the self-test is written.
        model: The network.
        card: Its card.
        change: What is done to the copy.
        edit: What is done to the expected values before.
    """
    write_selftest(folder, model, card)
    if edit is not None:
        kept = read_json(folder / "selftest" / "expected.json")
        edit(kept)
        write_json(folder / "selftest" / "expected.json", kept)
    other = deepcopy(model)
    change(other)
    state = {name: value.clone() for name, value in other.state_dict().items()}
    with pytest.raises(BundleError) as caught:
        run_selftest(folder, other, card, "")
    # The trials leave the network as it was.
    torch.testing.assert_close(other.state_dict(), state, rtol=0, atol=0, equal_nan=True)
    return str(caught.value)


def without_logits(kept: Any) -> None:
    """Make of the expected values what an earlier version wrote."""
    del kept["logits"], kept["logit_tolerance"]


def swapped(first: int, second: int, classes: int = 15) -> list[int]:
    order = list(range(classes))
    order[first], order[second] = second, first
    return order


def test_two_rare_classes_that_were_swapped_are_refused(made_of_fifteen: Any, tmp_path: Path) -> None:
    order = swapped(3, 11)
    text = refusal(tmp_path, *parts(made_of_fifteen), lambda model: turn_outputs(model, order))
    assert text.startswith(f"{FAILED}the logit of 'c")
    named = ", ".join(f"c{place}" for place in order)
    assert f"The classes stand in another order: its outputs fit these pictures in the order {named}.\n" in text
    assert text.endswith("Save the bundle again from the run that it came from. Do not use this one.")
    kept = read_json(tmp_path / "selftest" / "expected.json")
    # The probabilities alone could not have told, which is why a bundle of an earlier version is read as it was.
    assert max(max(row[3], row[11]) for row in kept["probabilities"].values()) < kept["tolerance"]
    without_logits(kept)
    write_json(tmp_path / "selftest" / "expected.json", kept)
    other = deepcopy(made_of_fifteen.model)
    turn_outputs(other, order)
    run_selftest(tmp_path, other, made_of_fifteen.card, "")


@pytest.mark.parametrize("edit", [None, without_logits])
def test_a_cycle_of_three_classes_is_named_in_the_order_of_the_outputs(
    made_of_three: Any, tmp_path: Path, edit: Change | None
) -> None:
    # Output 1 is now what was said of b, output 2 of c, output 3 of a.
    text = refusal(tmp_path, *parts(made_of_three), lambda model: turn_outputs(model, [1, 2, 0]), edit)
    assert "The classes stand in another order: its outputs fit these pictures in the order b, c, a.\n" in text


@pytest.mark.parametrize("edit", [None, without_logits])
def test_the_order_of_fifteen_classes_is_found_though_most_are_improbable(
    made_of_fifteen: Any, tmp_path: Path, edit: Change | None
) -> None:
    order = [4, 0, 2, 11, 1, 5, 6, 3, 8, 9, 10, 7, 14, 12, 13]
    text = refusal(tmp_path, *parts(made_of_fifteen), lambda model: turn_outputs(model, order), edit)
    assert f"in the order {', '.join(f'c{place}' for place in order)}.\n" in text


def test_two_classes_of_one_output_that_were_swapped_are_refused_with_the_reason(made: Any, tmp_path: Path) -> None:
    def negate(model: Any) -> None:
        for value in model.head.parameters():
            value.data = -value.data

    assert "its outputs fit these pictures in the order all, hem." in refusal(tmp_path, *parts(made), negate)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (turn_first_layer, "The channels of the first layer stand in another order: with blue, green, red"),
        (
            lambda model: turn_first_layer(model, (1, 2, 0)),
            "The channels of the first layer stand in another order: with green, blue, red",
        ),
        (
            turn_all_but_pixels,
            "The channels stand in another order: with blue, green, red",
        ),
        (
            lambda model: turn_normalisation(model, (2, 0, 1)),
            "The normalisation's channels stand in another order: with green, blue, red",
        ),
        (
            lambda model: normalise(model, (0, 0, 0), (1, 1, 1)),
            "The normalisation of the channels is another: with ImageNet's",
        ),
        (
            lambda model: normalise(model, [255 * value for value in IMAGENET_MEAN], [255 * v for v in IMAGENET_STD]),
            "The pixels have another range: with 0 to 255 instead of 0 to 1",
        ),
    ],
)
def test_other_colours_are_refused_with_the_reason(made: Any, tmp_path: Path, change: Change, reason: str) -> None:
    text = refusal(tmp_path, of_imagenet(made), made.card, change)
    assert f"{reason} it says what it said.\n" in text
    assert text.endswith("Save the bundle again from the run that it came from. Do not use this one.")


def test_networks_side_by_side_are_normalised_each_in_the_other_order_too(tmp_path: Path) -> None:
    branches = {name: BranchSettings(backbone="test_resnet", cut="layer1") for name in ("A", "B")}
    settings, classes = ModelSettings(backbone="joint", branches=branches), Classes(("hem", "all"))
    model = build_model(settings, 1, seed=4)[0].eval()
    nn.init.normal_(model.head.get_parameter("linear.weight"), std=2.0, generator=torch.Generator().manual_seed(1))
    backbone = model.backbone
    assert isinstance(backbone, JointBackbone)
    for buffer, value in zip((backbone.means, backbone.stds), (IMAGENET_MEAN, IMAGENET_STD), strict=True):
        buffer[0] = torch.tensor(value).view(3, 1, 1)
    card = BundleCard("joint", classes, parse_framing([{"resize": 32}]), settings)
    text = refusal(tmp_path, model, card, turn_first_layer)
    assert "The channels of the first layer stand in another order: with blue, green, red it says" in text


@pytest.mark.parametrize("kind", ["three classes", "gate", "late"])
def test_other_colours_of_patients_are_refused_with_the_reason(
    others_of_patients: Any, of_patients: Any, tmp_path: Path, kind: str
) -> None:
    made = of_patients if kind == "late" else others_of_patients[kind]
    text = refusal(tmp_path, of_imagenet(made), made.card, turn_first_layer)
    assert text.startswith(f"{FAILED}of drawn patient 1 one of the logits is ")
    assert "The channels of the first layer stand in another order: with blue, green, red it says" in text
    assert text.endswith("Save the bundle again from the run that it came from. Do not use this one.")


def test_another_order_of_patients_classes_is_refused_with_the_reason(others_of_patients: Any, tmp_path: Path) -> None:
    text = refusal(tmp_path, *parts(others_of_patients["three classes"]), lambda model: turn_outputs(model, [1, 2, 0]))
    assert "The classes stand in another order: its outputs fit these pictures in the order b, c, a.\n" in text


def test_where_nothing_is_found_no_reason_is_given(made: Any, tmp_path: Path) -> None:
    def double(model: Any) -> None:
        model.head.get_parameter("linear.weight").data *= 2

    text = refusal(tmp_path, *parts(made), double)
    assert " was saved.\n  where: " in text
    assert text.endswith(
        "what to do: The libraries are the same: its weights or bundle.json were altered, or this machine computes "
        "otherwise. Do not use it here."
    )
    assert way_on(None, "It was saved with timm 0.1.") == "It was saved with timm 0.1. Do not use it here."


def test_weights_that_are_no_numbers_are_refused(made_of_three: Any, tmp_path: Path) -> None:
    def spoil(model: Any) -> None:
        model.head.get_parameter("linear.bias").data[1] = torch.nan

    text = refusal(tmp_path, *parts(made_of_three), spoil)
    assert "is nan, " in text
    assert "another order" not in text


def test_a_trial_that_changes_nothing_is_not_blamed(of_patients: Any, tmp_path: Path) -> None:
    # The network sees no colours at all, so any order of them fits; it is the calibrator that is another.
    model = deepcopy(of_patients.model).eval()
    for value in model.cells.head.parameters():
        value.data.zero_()
    write_selftest(tmp_path, model, of_patients.card)
    card = of_patients.with_card(calibrator={**of_patients.card.calibrator, "offset": 1.0}).card
    with pytest.raises(BundleError) as caught:
        run_selftest(tmp_path, model, card, "")
    assert "one of the probabilities is " in str(caught.value)
    assert " was saved.\n  where: " in str(caught.value)


def test_the_tolerance_of_a_logit_grows_with_it_and_that_of_a_probability_does_not() -> None:
    then = np.array([[0.5, -20.0]])
    said = then + np.array([[0.0009, 0.019]])
    assert Saved(then, 1e-3, relative=True).fits(said)
    assert Saved(then, 1e-3).wrong(said).tolist() == [[False, True]]
    assert Saved(then, 1e-3, relative=True).wrong(then + np.array([[0.0011, 0.021]])).tolist() == [[True, True]]
    assert not Saved(then, 1e-3).fits(np.array([[np.nan, -20.0]]))


def test_one_logit_is_the_positive_class_s_wherever_that_stands() -> None:
    logits = np.array([[2.0], [-1.0]])
    assert by_class(logits, Classes(("hem", "all"))).tolist() == [[-2.0, 2.0], [1.0, -1.0]]
    assert by_class(logits, Classes(("all", "hem"), positive="all")).tolist() == [[2.0, -2.0], [-1.0, 1.0]]
    assert by_class(np.ones((1, 3)), Classes(("a", "b", "c"))).tolist() == [[1.0, 1.0, 1.0]]
