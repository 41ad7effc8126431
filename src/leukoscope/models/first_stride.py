"""ResNets of the first version: the stride stands on the bottleneck's first convolution."""

from __future__ import annotations

from torch import nn

from leukoscope.errors import SettingsError


def put_stride_in_first(net: nn.Module, name: str) -> None:
    """Move each bottleneck's stride from its 3x3 to its first 1x1 convolution, in place.

    He et al. 2016 (CVPR) and Keras stride in ``conv1``; torchvision and timm in ``conv2`` ("version 1.5"). Weights of
    the one give other features in the other, so the recipe must say which it is.

    Args:
        net: A ResNet with bottlenecks.
        name: The backbone's name, for the error.

    Raises:
        SettingsError: the network has no bottleneck whose stride could be moved.
    """
    blocks = [block for block in net.modules() if _strides_in_second(block)]
    if not blocks:
        raise SettingsError(
            f"'stride_in_first' is for ResNets with bottlenecks; {name} has none whose stride could be moved.",
            where="model.stride_in_first",
            do="Leave it out, or take resnet50.",
        )
    for block in blocks:
        first, second = block.get_submodule("conv1"), block.get_submodule("conv2")
        first.stride, second.stride = second.stride, first.stride


def _strides_in_second(block: nn.Module) -> bool:
    convolutions = [getattr(block, name, None) for name in ("conv1", "conv2", "conv3")]
    if not all(isinstance(convolution, nn.Conv2d) for convolution in convolutions):
        return False
    first, second, third = ((c.kernel_size, c.stride) for c in convolutions if isinstance(c, nn.Conv2d))
    return first == third == ((1, 1), (1, 1)) and second[1] == (2, 2)
