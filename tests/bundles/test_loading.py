from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from leukoscope.bundles import parts
from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.bundles.seals import seals_of
from leukoscope.errors import BundleError, WeightsError
from leukoscope.files import read_json, sha256, write_json
from leukoscope.models.seen import seen_by_bundle

Change = Callable[[dict[str, Any]], None]


def edit(folder: Path, change: Change, *, reseal: bool = False) -> None:
    """Change ``bundle.json``, as someone would by hand or, with ``reseal``, as another program would."""
    fields = read_json(folder / "bundle.json")
    change(fields)
    if reseal:
        fields["files"] = parts.hashes_of(folder)
        fields["seals"] = seals_of(fields)
    write_json(folder / "bundle.json", fields)


def refusal(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        load_bundle(folder)
    return str(caught.value)


def test_a_loaded_bundle_is_the_saved_model(saved: Path, made: Any) -> None:
    bundle = load_bundle(saved)
    assert isinstance(bundle, Bundle)
    pixels = torch.rand(3, 3, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(bundle.model(pixels), made.model.eval()(pixels), atol=1e-5)
    assert bundle.card == made.card
    assert not bundle.model.training
    assert not any(parameter.requires_grad for parameter in bundle.model.parameters())


def test_a_copy_elsewhere_works_as_well(saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "elsewhere")
    shutil.rmtree(saved)
    assert load_bundle(str(tmp_path / "elsewhere")).classes.names == ("hem", "all")


def test_a_changed_order_of_classes_is_refused(saved: Path) -> None:
    edit(saved, lambda fields: fields["classes"]["names"].reverse())
    assert refusal(saved) == (
        "The field 'classes' was changed after the bundle was saved. "
        "The probabilities would be given to the wrong classes.\n"
        f"  where: {saved / 'bundle.json'}\n"
        "  what to do: Take the file as it was saved, or save the bundle again."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda fields: fields["normalisation"].update(mean=[0.1, 0.2, 0.3]), "'normalisation' was changed"),
        (lambda fields: fields["input"]["channels"].reverse(), "'input' was changed"),
        (lambda fields: fields.update(outputs=2), "'outputs' was changed"),
        (lambda fields: fields.update(threshold=0.7), "'threshold' was changed"),
        (lambda fields: fields.update(framing=[{"resize": 32}]), "'framing' was changed"),
        (lambda fields: fields["scores"].update(weighted_f1=0.99), "'scores' was changed"),
        (lambda fields: fields.update(leakage="none, really"), "The mark of a leaking split must stay"),
        (lambda fields: fields.update(comment="mine"), "'comment' was changed"),
    ],
)
def test_a_field_changed_by_hand_is_refused_by_name(saved: Path, change: Change, sentence: str) -> None:
    edit(saved, change)
    assert sentence in refusal(saved)


def test_a_lost_field_is_refused_by_name(saved: Path) -> None:
    edit(saved, lambda fields: (fields.pop("framing"), fields.pop("seals"))[0])
    assert refusal(saved).startswith("bundle.json lacks: framing, seals.\n")


def test_a_newer_format_is_refused(saved: Path) -> None:
    edit(saved, lambda fields: fields.update(format=4))
    assert refusal(saved) == (
        "The bundle was saved by a newer Leukoscope (format 4; this one reads 3).\n"
        f"  where: {saved / 'bundle.json'}\n  what to do: Update Leukoscope."
    )


@pytest.mark.parametrize("name", ["weights.safetensors", "selftest/expected.json", "selftest/3.png"])
def test_a_missing_file_is_refused(saved: Path, name: str) -> None:
    (saved / name).unlink()
    assert refusal(saved) == (
        "A file of the bundle is missing; it was probably not copied whole.\n"
        f"  where: {saved / name}\n  what to do: Copy the bundle's folder again."
    )


def test_a_cut_off_file_is_refused(saved: Path) -> None:
    weights = saved / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert refusal(saved).startswith("A file of the bundle is not the one that was saved; it was cut off in copying")


def test_weights_of_another_training_are_refused(saved: Path, made: Any) -> None:
    state = {name: value.clone() + (value.is_floating_point()) * 0.5 for name, value in made.model.state_dict().items()}
    save_file(state, saved / "weights.safetensors")
    assert "belongs to another" in refusal(saved)
    # Even with everything sealed anew the self-test tells: it is what the model does that counts.
    edit(saved, lambda fields: fields["normalisation"].update(mean=state["mean"].flatten().tolist()), reseal=True)
    edit(saved, lambda fields: fields["normalisation"].update(std=state["std"].flatten().tolist()), reseal=True)
    text = refusal(saved)
    assert text.startswith("The bundle does not give the results that it was saved with: the probability of '")
    assert (
        "  what to do: The libraries are the same: its weights or bundle.json were altered, or this machine computes "
        "otherwise. Do not use it here."
    ) in text
    assert len(sha256(saved / "weights.safetensors")) == 64


def test_a_bundle_of_an_earlier_version_without_logits_is_still_read(saved: Path) -> None:
    expected = saved / "selftest" / "expected.json"
    kept = read_json(expected)
    del kept["logits"], kept["logit_tolerance"]
    write_json(expected, kept)
    edit(saved, lambda _: None, reseal=True)
    assert load_bundle(saved).classes.names == ("hem", "all")


def test_a_failed_self_test_names_other_versions(saved: Path) -> None:
    expected = saved / "selftest" / "expected.json"
    kept = read_json(expected)
    kept["probabilities"]["2.png"] = [0.5, 0.5]
    write_json(expected, kept)
    edit(saved, lambda fields: fields["versions"].update(timm="0.1"), reseal=True)
    text = refusal(saved)
    assert f"  where: {saved / 'selftest' / '2.png'}\n" in text
    assert "It was saved with timm 0.1 (here " in text


def test_another_number_of_outputs_in_the_weights_is_refused(saved: Path, made_of_three: Any) -> None:
    save_file(dict(made_of_three.model.state_dict()), saved / "weights.safetensors")
    edit(saved, lambda _: None, reseal=True)
    assert refusal(saved).startswith("The weights give 3 outputs, but 1 are needed for the classes hem, all.")


def test_another_number_of_outputs_in_the_card_is_refused(saved: Path) -> None:
    edit(saved, lambda fields: fields.update(outputs=3), reseal=True)
    assert refusal(saved).startswith("The bundle states 3 outputs, but 1 are needed for the classes hem, all.")


def test_another_normalisation_than_that_of_the_weights_is_refused(saved: Path) -> None:
    edit(saved, lambda fields: fields["normalisation"].update(mean=[0.1, 0.2, 0.3]), reseal=True)
    assert refusal(saved).startswith("The bundle states another normalisation of the channels than its weights hold.")


def test_weights_of_another_network_are_refused(saved: Path) -> None:
    tensors = load_file(saved / "weights.safetensors")
    first = next(name for name in tensors if name.startswith("backbone"))
    save_file({name: value for name, value in tensors.items() if name != first}, saved / "weights.safetensors")
    edit(saved, lambda _: None, reseal=True)
    text = refusal(saved)
    assert text.startswith("The weights are those of another network than the bundle's settings say.\n")
    assert f"where: {first}: missing in the weights" in text


def test_settings_of_another_version_are_refused(saved: Path) -> None:
    edit(saved, lambda fields: fields["model"].update(head="attention"), reseal=True)
    text = refusal(saved)
    assert text.startswith("This version of Leukoscope cannot read the bundle's settings.")
    assert "Use the version that it was saved with: " in text


def test_an_unknown_backbone_is_refused(saved: Path) -> None:
    edit(saved, lambda fields: fields["model"].update(backbone="resnet_of_tomorrow"), reseal=True)
    assert refusal(saved).startswith("The bundle's network cannot be built here. timm knows no network")


def test_what_is_no_bundle_is_refused(tmp_path: Path, saved: Path) -> None:
    assert refusal(tmp_path / "nowhere") == (
        f"This is no bundle: it holds no bundle.json.\n  where: {tmp_path / 'nowhere'}\n  what to do: Check the path."
    )
    assert f"what to do: Name {tmp_path / 'bundle'}." in refusal(tmp_path)
    (saved / "bundle.json").write_text("{", encoding="utf-8")
    assert refusal(saved).startswith("bundle.json is damaged. This is not a JSON file")
    (saved / "bundle.json").write_text("[]", encoding="utf-8")
    assert refusal(saved).startswith("This is no bundle: its bundle.json names no format.")


def swapped(folder: Path, made: Any, first: str) -> None:
    """Swap the colours that the first convolution takes, as a conversion from another framework would, and seal it."""
    tensors = {name: value.clone() for name, value in made.model.state_dict().items()}
    tensors[first] = tensors[first].flip(1).contiguous()
    save_file(tensors, folder / "weights.safetensors")
    edit(folder, lambda _: None, reseal=True)


def test_swapped_colours_are_refused_with_the_reason(saved: Path, made: Any) -> None:
    weights = made.model.state_dict()
    first = next(
        name for name, value in weights.items() if name.endswith("weight") and value.ndim == 4 and value.shape[1] == 3
    )
    swapped(saved, made, first)
    text = refusal(saved)
    assert "The channels stand in another order: with blue, green, red it says what it said." in text
    assert "what to do: Save the bundle again from the run that it came from. Do not use this one." in text


def test_another_normalisation_sealed_anew_is_refused_with_the_reason(saved: Path, made: Any) -> None:
    tensors = {name: value.clone() for name, value in made.model.state_dict().items()}
    tensors["mean"], tensors["std"] = torch.zeros_like(tensors["mean"]), torch.ones_like(tensors["std"])
    save_file(tensors, saved / "weights.safetensors")
    edit(saved, lambda fields: fields["normalisation"].update(mean=[0.0] * 3, std=[1.0] * 3), reseal=True)
    assert "The normalisation of the channels is another: with that of -1 to 1 it says what it said." in refusal(saved)


def test_classes_in_another_order_sealed_anew_are_refused_with_the_reason(
    saved_of_three: Path, made_of_three: Any
) -> None:
    names = list(made_of_three.card.classes.names)
    turned = [names[1], names[0], names[2]]
    edit(saved_of_three, lambda fields: fields["classes"].update(names=turned), reseal=True)
    assert refusal(saved_of_three) == (
        f"The self-test was made with the classes {', '.join(names)}; on the card they are in another order: "
        f"{', '.join(turned)}. The probabilities would be given to the wrong classes.\n"
        f"  where: {saved_of_three / 'selftest' / 'expected.json'}\n"
        "  what to do: Take the bundle as it was saved, or save it again."
    )


def test_outputs_in_another_order_are_refused_with_the_reason(saved_of_three: Path, made_of_three: Any) -> None:
    tensors = {name: value.clone() for name, value in made_of_three.model.state_dict().items()}
    for name in ("head.linear.weight", "head.linear.bias"):
        tensors[name] = tensors[name][[1, 0, 2]].contiguous()
    save_file(tensors, saved_of_three / "weights.safetensors")
    edit(saved_of_three, lambda _: None, reseal=True)
    names = made_of_three.card.classes.names
    told = f"its outputs fit these pictures in the order {names[1]}, {names[0]}, {names[2]}."
    assert f"The classes stand in another order: {told}" in refusal(saved_of_three)


def test_the_pictures_that_were_seen_lie_in_the_bundle(tmp_path: Path, made: Any) -> None:
    save_bundle(tmp_path / "bundle", made.model, made.card, seen={"b" * 16, "a" * 16})
    assert seen_by_bundle(tmp_path / "bundle").pictures == {"a" * 16, "b" * 16}
    (tmp_path / "bundle" / "seen.txt").write_text("", encoding="ascii")
    with pytest.raises(WeightsError) as caught:
        seen_by_bundle(tmp_path / "bundle")
    assert str(caught.value) == (
        "The bundle's list of the pictures that it has seen is missing, or not the one that was saved.\n"
        f"  where: {tmp_path / 'bundle' / 'seen.txt'}\n  what to do: Copy the bundle's folder again."
    )
    assert refusal(tmp_path / "bundle").startswith("A file of the bundle is not the one that was saved")
