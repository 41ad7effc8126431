from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from leukoscope.errors import WeightsError
from leukoscope.models.fitting import fit_tensors
from leukoscope.models.tensors import read_tensors
from leukoscope.models.timm_backbones import Backbone, create_backbone

OTHER_FILE = "Name weights made for this network, under timm's names, or another model.backbone."


def stored(name: str = "test_resnet") -> dict[str, Tensor]:
    """The tensors of another network of the same kind."""
    return {key: value.clone() for key, value in create_backbone(name).net.state_dict().items()}


def refused(backbone: Backbone, tensors: dict[str, Tensor]) -> str:
    before = {name: value.clone() for name, value in backbone.net.state_dict().items()}
    with pytest.raises(WeightsError) as caught:
        fit_tensors(backbone, tensors, "a.safetensors")
    assert all(torch.equal(value, before[name]) for name, value in backbone.net.state_dict().items())
    return str(caught.value)


def test_half_precision_is_cast_and_every_tensor_is_copied() -> None:
    backbone, tensors = create_backbone("test_resnet"), stored()
    half = {name: value.half() if value.is_floating_point() else value for name, value in tensors.items()}
    half["bn1.num_batches_tracked"] = torch.tensor(5)
    assert fit_tensors(backbone, half, "a") == ()
    for name, value in backbone.net.state_dict().items():
        assert value.dtype == tensors[name].dtype
        torch.testing.assert_close(value, half[name].to(value.dtype), rtol=0, atol=0)


def test_the_classifier_and_what_was_cut_away_are_left_out() -> None:
    backbone = create_backbone("test_resnet", cut="layer3")
    tensors = stored() | {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}
    count = sum(name.startswith("layer4.") for name in tensors)
    assert fit_tensors(backbone, tensors, "a") == ("fc.weight", "fc.bias", f"layer4 ({count} tensors)")


def test_a_missing_counter_of_batches_is_tolerated() -> None:
    backbone = create_backbone("test_resnet")
    tensors = {name: value for name, value in stored().items() if not name.endswith("num_batches_tracked")}
    assert fit_tensors(backbone, tensors, "a") == ()
    assert backbone.net.state_dict()["bn1.num_batches_tracked"] == 0


def test_weights_of_the_first_stages_say_where_to_cut() -> None:
    tensors = {name: value for name, value in stored().items() if not name.startswith("layer4.")}
    backbone = create_backbone("test_resnet")
    needed = [n for n in backbone.net.state_dict() if n.startswith("layer4.") and not n.endswith("tracked")]
    assert refused(backbone, tensors) == (
        "The weights lack tensors that test_resnet needs.\n"
        f"  where: a.safetensors, {needed[0]} (and {len(needed) - 1} more)\n"
        "  what to do: Use the network as far as the weights go: set model.cut=layer3."
    )


def test_a_single_missing_tensor_is_named_without_such_advice() -> None:
    tensors = stored()
    del tensors["layer4.0.conv1.weight"]
    assert refused(create_backbone("test_resnet"), tensors) == (
        "The weights lack tensors that test_resnet needs.\n"
        "  where: a.safetensors, layer4.0.conv1.weight\n"
        f"  what to do: {OTHER_FILE}"
    )
    assert refused(create_backbone("test_resnet"), {}).endswith(OTHER_FILE)


def test_a_tensor_without_a_place_is_refused() -> None:
    tensors = stored() | {"layer5.conv.weight": torch.zeros(1), "layer5.conv.bias": torch.zeros(1)}
    assert refused(create_backbone("test_resnet"), tensors) == (
        "The weights hold tensors that test_resnet has no place for.\n"
        "  where: a.safetensors, layer5.conv.weight (and 1 more)\n"
        f"  what to do: {OTHER_FILE}"
    )


def test_a_tensor_of_another_shape_is_refused() -> None:
    tensors = stored()
    tensors["layer1.0.bn1.bias"] = torch.zeros(1)
    tensors["layer2.0.bn1.bias"] = torch.tensor(0.0)
    wanted = len(create_backbone("test_resnet").net.state_dict()["layer1.0.bn1.bias"])
    assert refused(create_backbone("test_resnet"), tensors) == (
        f"A tensor has the shape 1, but test_resnet needs {wanted}.\n"
        "  where: a.safetensors, layer1.0.bn1.bias (and 1 more)\n"
        f"  what to do: {OTHER_FILE}"
    )


def test_values_that_are_not_finite_are_refused() -> None:
    tensors = stored()
    tensors["bn1.running_var"][3] = torch.nan
    tensors["bn1.bias"][0] = torch.inf
    assert refused(create_backbone("test_resnet"), tensors) == (
        "A tensor holds values that are not finite.\n"
        "  where: a.safetensors, bn1.bias (and 1 more)\n"
        "  what to do: Fetch the file anew."
    )


def test_a_teacher_of_dinov2_is_read_and_its_positions_resampled(tmp_path: Path) -> None:
    own = create_backbone("test_vit")
    state = {name: value.clone() for name, value in own.net.state_dict().items()}
    positions = state["pos_embed"]
    smaller = positions[:, : 1 + 25]  # as if trained on 5 x 5 patches
    teacher = {f"backbone.{name}": value for name, value in (state | {"pos_embed": smaller}).items()}
    teacher |= {"backbone.mask_token": torch.zeros(1, positions.shape[-1]), "dino_head.mlp.0.weight": torch.zeros(2, 2)}
    torch.save({"teacher": teacher}, tmp_path / "dino.pth")
    other = create_backbone("test_vit")
    assert fit_tensors(other, read_tensors(tmp_path / "dino.pth"), "dino.pth") == ()
    found = other.net.state_dict()
    assert found["pos_embed"].shape == positions.shape
    assert torch.allclose(found["pos_embed"][:, 0], positions[:, 0])  # the class token's
    same = [name for name in state if name != "pos_embed"]
    assert all(torch.equal(found[name], state[name]) for name in same)
