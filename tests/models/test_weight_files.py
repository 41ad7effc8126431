from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from leukoscope.errors import WeightsError
from leukoscope.models.weight_files import Wanted, candidate, find_file, named_file

WHOLE = Wanted("resnet50", ["layer1", "layer2", "layer3", "layer4"], cut=None, stride_in_first=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).touch()


@pytest.mark.parametrize(
    ("name", "cut", "stride_in_first"),
    [
        ("resnet50.safetensors", None, False),
        ("resnet50.fp16.safetensors", None, False),
        ("resnet50.tv_in1k.safetensors", None, False),
        ("resnet50.to_layer3.fp16.safetensors", "layer3", False),
        ("resnet50.to_blocks.4.safetensors", "blocks.4", False),
        ("resnet50.keras.to_layer3.bf16.safetensors", "layer3", True),
    ],
)
def test_a_name_says_what_a_file_holds(name: str, cut: str | None, stride_in_first: bool) -> None:
    found = candidate(Path(name), "resnet50")
    assert found is not None
    assert (found.cut, found.stride_in_first) == (cut, stride_in_first)


@pytest.mark.parametrize("name", ["resnet50d.safetensors", "wide_resnet50.safetensors", "resnet5.safetensors"])
def test_the_backbones_name_must_match_whole(name: str) -> None:
    assert candidate(Path(name), "resnet50") is None


def test_the_closest_cut_comes_first_then_the_whole_then_a_later_cut(folder: Path) -> None:
    wanted = replace(WHOLE, cut="layer2")
    put(folder, "resnet50.to_layer1.safetensors", "resnet50.to_layer3.safetensors")
    assert find_file(folder, wanted) == folder / "resnet50.to_layer3.safetensors"
    put(folder, "resnet50.tv_in1k.safetensors")
    assert find_file(folder, wanted) == folder / "resnet50.tv_in1k.safetensors"
    put(folder, "resnet50.to_layer2.safetensors")
    assert find_file(folder, wanted) == folder / "resnet50.to_layer2.safetensors"
    assert find_file(folder, WHOLE) == folder / "resnet50.tv_in1k.safetensors"


def test_keras_weights_serve_only_the_first_version(folder: Path) -> None:
    put(folder, "resnet50.keras.to_layer3.safetensors", "resnet50.to_layer3.safetensors")
    wanted = replace(WHOLE, cut="layer3", stride_in_first=True)
    assert find_file(folder, wanted) == folder / "resnet50.keras.to_layer3.safetensors"
    assert find_file(folder, replace(wanted, stride_in_first=False)) == folder / "resnet50.to_layer3.safetensors"


def test_a_folder_without_the_backbone_gives_nothing(folder: Path) -> None:
    put(folder, "resnet18.safetensors", "resnet50.txt")
    assert find_file(folder, WHOLE) is None


def test_a_snapshot_of_the_hub_is_taken_as_it_is(folder: Path) -> None:
    put(folder, "model.safetensors", "config.json")
    assert find_file(folder, WHOLE) == folder / "model.safetensors"


def test_a_missing_folder_is_refused(folder: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        find_file(folder / "no", WHOLE)
    assert str(caught.value) == (
        f"There is no such folder of weights.\n  where: {folder / 'no'}\n  what to do: Check --weights."
    )


def test_files_that_do_not_fit_say_what_to_set(folder: Path) -> None:
    put(folder, "resnet50.keras.to_layer3.safetensors")
    with pytest.raises(WeightsError) as caught:
        find_file(folder, WHOLE)
    assert str(caught.value) == (
        "The weights don't fit this resnet50: the file reaches only to layer3 and has its stride in another "
        "convolution.\n"
        f"  where: {folder / 'resnet50.keras.to_layer3.safetensors'}\n"
        "  what to do: Set model.cut=layer3 and model.stride_in_first=true, or name other weights."
    )
    put(folder, "resnet50.to_layer2.safetensors")
    with pytest.raises(WeightsError) as caught:
        find_file(folder, WHOLE)
    assert str(caught.value) == (
        "The weights don't fit this resnet50: the file reaches only to layer2.\n"
        f"  where: {folder / 'resnet50.to_layer2.safetensors'} (and 1 more)\n"
        "  what to do: Set model.cut=layer2, or name other weights."
    )


def test_a_named_file_or_folder_is_found_from_here_or_beside_the_weights(folder: Path) -> None:
    put(folder, "a.pth", "resnet50.safetensors")
    assert named_file(str(folder / "a.pth"), WHOLE, None) == folder / "a.pth"
    assert named_file(str(folder), WHOLE, None) == folder / "resnet50.safetensors"
    assert named_file("a.pth", WHOLE, folder) == folder / "a.pth"


def test_a_name_that_leads_nowhere_is_refused(folder: Path) -> None:
    put(folder, "b.safetensors", "a.pth", "readme.txt")
    with pytest.raises(WeightsError) as caught:
        named_file("no/such.pth", WHOLE, folder)
    assert str(caught.value) == (
        "There are no such weights.\n"
        "  where: no/such.pth\n"
        "  what to do: Check the path. The folder of weights holds: a.pth, b.safetensors."
    )
    with pytest.raises(WeightsError) as caught:
        named_file("no/such.pth", WHOLE, None)
    alone = "There are no such weights.\n  where: no/such.pth\n  what to do: Check the path."
    assert str(caught.value) == alone
    with pytest.raises(WeightsError) as caught:
        named_file("no/such.pth", WHOLE, folder / "a.pth")  # --weights may name a file
    assert str(caught.value) == alone


def test_a_named_folder_without_the_backbone_is_refused(folder: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        named_file(str(folder), WHOLE, None)
    assert str(caught.value) == (
        "No file of the folder is named after resnet50.\n"
        f"  where: {folder}\n"
        "  what to do: Name the file itself, or call it resnet50.safetensors."
    )
