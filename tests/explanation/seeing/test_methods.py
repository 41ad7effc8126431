from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.explanation.seeing import METHODS, class_maps
from leukoscope.explanation.seeing.maps import seen_part
from leukoscope.explanation.seeing.methods.occlusion import window_and_stride
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.patient_model import PatientModel
from leukoscope.recipes.schema import ModelSettings

Make = Callable[..., CellModel]
WEIGHTS = Path(__file__).parents[4] / "shared" / "data" / "weights" / "resnet18.to_layer3.fp16.safetensors"


def blocks(cells: np.ndarray) -> np.ndarray:
    """Return red less half in blocks of 4 px, which is what the hand-made network's layer holds of red."""
    red = cells[..., 0].astype(np.float64) / 255 - 0.5
    return red.reshape(len(cells), 8, 4, 8, 4).mean(axis=(2, 4))


def test_of_a_mean_of_one_channel_grad_cam_is_its_positive_part(
    red_network: CellModel, cells: np.ndarray, classes: Classes
) -> None:
    found = class_maps(red_network, cells, classes, of="all", method="grad_cam")
    assert (found.layer, found.method, found.of) == ("layer1", "grad_cam", "all")
    assert found.maps.dtype == np.float32
    np.testing.assert_allclose(found.maps, np.maximum(blocks(cells), 0) / 64, atol=1e-7)
    turned = class_maps(red_network, cells, classes, of="hem", method="grad_cam")
    np.testing.assert_allclose(turned.maps, np.maximum(-blocks(cells), 0) / 64, atol=1e-7)
    np.testing.assert_allclose(turned.logits, -found.logits)


def test_gradient_times_activation_sums_to_the_logit(
    red_network: CellModel, cells: np.ndarray, classes: Classes
) -> None:
    found = class_maps(red_network, cells, classes, of="all", method="gradient_times_activation")
    np.testing.assert_allclose(found.maps, blocks(cells) / 64, atol=1e-7)
    np.testing.assert_allclose(found.maps.sum(axis=(1, 2)), found.logits, atol=1e-6)


def test_integrated_gradients_sum_to_the_logit_less_that_of_black(
    red_network: CellModel, cells: np.ndarray, classes: Classes
) -> None:
    found = class_maps(red_network, cells, classes, of="all", method="integrated_gradients")
    assert found.layer is None
    np.testing.assert_allclose(found.maps, cells[..., 0] / 255 / 1024, atol=1e-7)
    np.testing.assert_allclose(found.maps.sum(axis=(1, 2)), found.logits + 0.5, atol=1e-5)


def test_occlusion_finds_the_spot_that_the_logit_comes_from(red_network: CellModel, classes: Classes) -> None:
    picture = np.zeros((1, 32, 32, 3), np.uint8)
    picture[0, 20:24, 4:8, 0] = 255
    found = class_maps(red_network, picture, classes, of="all", method="occlusion").maps[0]
    np.testing.assert_allclose(found[20:24, 4:8], 16 / 1024, rtol=1e-3)
    assert found.max() <= 16 / 1024 * 1.001
    assert np.abs(found[:12]).max() == np.abs(found[:, 16:]).max() == 0
    against = class_maps(red_network, picture, classes, of="hem", method="occlusion").maps[0]
    np.testing.assert_allclose(against, -found)


@given(st.integers(1, 600), st.integers(1, 600))
@settings(max_examples=30)
def test_the_window_fits_and_no_pixel_is_left_out(height: int, width: int) -> None:
    window, stride = window_and_stride(height, width)
    assert 1 <= stride <= window <= min(height, width)


@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_left_as_it_was_and_the_maps_are_the_same_again(
    method: str, make_network: Make, cells: np.ndarray, classes: Classes
) -> None:
    network = make_network(dropout=0.5)
    network.train()
    network.backbone.net.get_submodule("layer1").eval()
    for values in network.head.parameters():
        values.requires_grad_(requires_grad=False)
    before = {name: values.clone() for name, values in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    wanted = [values.requires_grad for values in network.parameters()]
    drawn = torch.get_rng_state()
    with torch.inference_mode():  # whatever the caller has switched off
        first = class_maps(network, cells, classes, of="all", method=method)
    again = class_maps(network, cells, classes, of="all", method=method)
    np.testing.assert_array_equal(first.maps, again.maps)
    assert all(torch.equal(values, before[name]) for name, values in network.state_dict().items())
    assert [module.training for module in network.modules()] == modes
    assert [values.requires_grad for values in network.parameters()] == wanted
    assert all(values.grad is None for values in network.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
    assert torch.equal(torch.get_rng_state(), drawn)


@pytest.mark.parametrize("method", METHODS)
def test_a_cell_s_map_does_not_depend_on_its_fellows(
    method: str, make_network: Make, cells: np.ndarray, classes: Classes
) -> None:
    network = make_network()
    together = class_maps(network, cells, classes, of="all", method=method).maps
    alone = class_maps(network, cells[1:2], classes, of="all", method=method).maps
    np.testing.assert_allclose(together[1:2], alone, rtol=1e-4, atol=1e-6)


def test_of_more_classes_each_has_its_own_logit(make_network: Make, cells: np.ndarray) -> None:
    three, network = Classes(("a", "b", "c")), make_network(outputs=3)
    logits = np.stack([class_maps(network, cells, three, of=name).logits for name in three.names], axis=1)
    with torch.no_grad():
        pixels = torch.from_numpy(cells).permute(0, 3, 1, 2).float() / 255
        np.testing.assert_allclose(logits, network.eval()(pixels).numpy(), rtol=1e-5)


def test_where_the_network_crops_the_map_is_of_the_middle(
    make_network: Make, cells: np.ndarray, classes: Classes
) -> None:
    network = make_network(crop=24)
    for method in METHODS:
        found = class_maps(network, cells, classes, of="all", method=method)
        size = (3, 24, 24) if found.layer is None else (3, *found.maps.shape[1:])
        assert found.maps.shape == size
    assert seen_part(cells[0], 24).shape == (24, 24, 3)


@pytest.mark.parametrize("real", [False, True], ids=["random weights", "ImageNet weights"])
def test_grad_cam_agrees_with_pytorch_grad_cam(real: bool, classes: Classes) -> None:
    """On the layer's own resolution, before pytorch-grad-cam stretches its map to 0 to 1 and to the picture's size.

    Its ``get_cam_image`` gives the weighted sum of channels; what it does to it next, ReLU, is in Grad-CAM's definition
    and in our map, so it is applied here.
    """
    oracle = pytest.importorskip("pytorch_grad_cam", reason="grad-cam is not installed: pip install -e .[dev]")
    if real and not WEIGHTS.is_file():
        pytest.skip("the ImageNet weights are not beside the project")
    asked = ModelSettings(backbone="resnet18", cut="layer3" if real else None, weights="imagenet" if real else None)
    network = build_model(asked, 1, weights_folder=WEIGHTS.parent, seed=3)[0].eval()
    torch.nn.init.normal_(network.head.linear.weight, generator=torch.Generator().manual_seed(0))
    cells = np.random.default_rng(0).integers(0, 255, (2, 96, 96, 3), dtype=np.uint8)
    layer = "layer3" if real else "layer4"
    pixels = torch.from_numpy(cells).permute(0, 3, 1, 2).float() / 255
    highest = []
    for of, sign in (("all", 1), ("hem", -1)):
        found = class_maps(network, cells, classes, of=of, method="grad_cam")
        assert found.layer == layer
        with oracle.GradCAM(network, [network.backbone.net.get_submodule(layer)]) as theirs:
            targets = [lambda output, sign=sign: sign * output[0]] * 2
            theirs(pixels, targets)
            kept = theirs.activations_and_grads
            activations, gradients = kept.activations[0].numpy(), kept.gradients[0].numpy()
            raw = theirs.get_cam_image(pixels, None, targets, activations, gradients)
        own = np.maximum(raw, 0)
        assert found.maps.shape == own.shape == ((2, 6, 6) if real else (2, 3, 3))
        highest.append(float(own.max()))
        np.testing.assert_allclose(found.maps, own, atol=1e-4 * float(np.abs(raw).max()))
    assert max(highest) > 0.01


def message(call: Callable[[], object]) -> str:
    with pytest.raises((SettingsError, DataError)) as caught:
        call()
    return str(caught.value)


def test_what_cannot_be_asked_is_said(make_network: Make, cells: np.ndarray, classes: Classes) -> None:
    network = make_network()
    assert message(lambda: class_maps(network, cells, classes, of="all", method="gradcam")) == (
        "There is no method 'gradcam'.\n  where: method\n  what to do: "
        "Did you mean 'grad_cam'? Known: grad_cam, gradient_times_activation, integrated_gradients, occlusion."
    )
    assert message(lambda: class_maps(network, cells, classes, of="hemm")).startswith(
        "There is no class 'hemm'.\n  where: class"
    )
    assert message(lambda: class_maps(network, cells, classes, of="all", layer="head.linear")) == (
        "The layer 'head.linear' gives n x 1, no feature maps.\n  where: layer\n  what to do: Name an earlier layer."
    )
    with torch.no_grad():
        network.head.linear.weight.fill_(torch.nan)
    assert message(lambda: class_maps(network, cells, classes, of="all")) == (
        "The map of grad_cam is no number at some places.\n  what to do: Check the network's weights."
    )


def test_networks_whose_logit_no_map_can_hold_are_refused(
    make_network: Make, cells: np.ndarray, classes: Classes
) -> None:
    measured = make_network(measures=["log_cell_area"])
    assert message(lambda: class_maps(measured, cells, classes, of="all")) == (
        "Part of the logit comes from measures of the whole cell (log_cell_area), which no map of places can show.\n"
        "  where: model.measures\n"
        "  what to do: Explain a network that was trained without measures (model.measures: false)."
    )
    pooled = make_network(pool="cell")
    assert message(lambda: class_maps(pooled, cells, classes, of="all")) == (
        "The logit comes from means and deviations over the cell's own outline, of several layers at once: no map of "
        "one layer can show it.\n  where: model.pool\n"
        "  what to do: Explain a network with the usual pooling (model.pool: average)."
    )
    patients = PatientModel(make_network(), torch.nn.Identity())  # type: ignore[arg-type]
    assert message(lambda: class_maps(patients, cells, classes, of="all")) == (
        "This network diagnoses patients, not single cells.\n  where: task\n"
        "  what to do: The patients' pages of its report show what each cell and place adds."
    )


def test_a_transformer_has_no_feature_maps_but_pixels(make_network: Make, classes: Classes) -> None:
    network = make_network(backbone="test_vit", cut=None)
    cells = np.random.default_rng(0).integers(0, 255, (1, 160, 160, 3), dtype=np.uint8)
    assert message(lambda: class_maps(network, cells, classes, of="all")) == (
        "test_vit gives no feature maps that a class map could be laid on.\n  where: layer\n"
        "  what to do: Take integrated_gradients or occlusion: they need no layer."
    )
    assert class_maps(network, cells, classes, of="all", method="integrated_gradients").maps.shape == (1, 160, 160)
