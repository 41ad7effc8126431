"""Backbones, timm's and ours, whole or cut after a stage. The one place that imports timm."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from leukoscope.errors import SettingsError, nearest
from leukoscope.models.first_stride import put_stride_in_first
from leukoscope.models.no_network import NoNetwork
from leukoscope.models.own_networks import OWN_NETWORKS
from leukoscope.models.stages import NECK, Layout, layout
from leukoscope.models.torchvision_cure import cure
from leukoscope.recipes.none import NONE

cure()

import timm  # noqa: E402 - dies without the cure where torchvision was built for another torch
from timm.models.vision_transformer import VisionTransformer, checkpoint_filter_fn  # noqa: E402 - likewise

CLOSE_NAMES = 5
FAILURES = (RuntimeError, TypeError, ValueError, AttributeError, IndexError, AssertionError)


class CutAway(nn.Module):
    """Stands where a cut took a module away: gives its first argument back, whatever else it is called with."""

    def forward(self, x: Tensor, *_: object, **__: object) -> Tensor:
        """Return ``x``."""
        return x


class Backbone(nn.Module):
    """A network without classifier, timm's or ours, which gives feature maps and their pooled vector.

    Args:
        net: The network, made with ``num_classes=0``.
        name: Its timm name.
        cut: The last stage that is kept, by its name in ``layout``; None keeps all.

    Attributes:
        layout: The network's division into stem, stages and neck, before any cut.
        removed: The dotted names of the modules that the cut took away.
        config: What timm knows of the network and its published weights (mean, std, input size, licence, tag).
        features: Length of the pooled vector, found by a trial on one black picture.

    Raises:
        SettingsError: there is no such stage, or the network can't do without what comes behind it.
    """

    net: Any

    def __init__(self, net: nn.Module, name: str, cut: str | None = None) -> None:
        super().__init__()
        self.net, self.name, self.cut = net, name, cut
        self.config: dict[str, Any] = dict(self.net.pretrained_cfg)
        self.layout = layout(net, [str(entry["module"]) for entry in getattr(net, "feature_info", [])])
        self.removed = _cut(net, self.layout, cut) if cut else ()
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(1)) if cut else None
        self.features = self._try()

    @property
    def side(self) -> int:
        """The side in px of the pictures that timm states for the network."""
        return int(self.config["input_size"][-1])

    @property
    def takes_any_size(self) -> bool:
        """Whether pictures of another side than ``side`` can be given too."""
        return getattr(self.net, "dynamic_img_size", False) or not self.config.get("fixed_input_size")

    def maps(self, pixels: Tensor) -> Tensor:
        """Return the feature maps behind the last stage that is kept.

        Args:
            pixels: (n, 3, h, w) float32, normalised as the weights want it.

        Returns:
            (n, c, h', w') float32. A transformer's tokens are laid out as the grid they came from, without its class
            token.

        Raises:
            SettingsError: the network takes pictures of one size only, and this is another; or it gives no maps.
        """
        return self._as_maps(self._run(pixels), pixels)

    def embed(self, pixels: Tensor) -> Tensor:
        """Return one vector a picture: by timm's own pooling for a whole network, the maps' average for a cut one.

        Args:
            pixels: (n, 3, h, w) float32, normalised as the weights want it.

        Returns:
            (n, features) float32.

        Raises:
            SettingsError: the network takes pictures of one size only, and this is another.
        """
        found = self._run(pixels)
        pooled: Tensor
        if self.pool is None:
            pooled = self.net.forward_head(found, pre_logits=True)
        else:
            pooled = self.pool(self._as_maps(found, pixels))
        return pooled

    @property
    def kept(self) -> list[str]:
        """The stem and the stages that are kept, in order: what ``stage_maps`` can be asked for."""
        parts = [part for part in self.layout.parts if part != NECK]
        return parts[: parts.index(self.cut) + 1] if self.cut else parts

    def stage_maps(self, pixels: Tensor, stages: Sequence[str]) -> list[Tensor]:
        """Return the feature maps behind several stages, in one pass.

        Args:
            pixels: (n, 3, h, w) float32, normalised as the weights want it.
            stages: Some of ``kept``.

        Returns:
            (n, c, h', w') for each of them, in the order that was asked for, laid out as by ``maps``.

        Raises:
            SettingsError: as of ``maps``.
        """
        found: dict[str, Any] = {}
        # A stage may consist of several modules (the stem: convolution, norm, pooling); what comes out last counts.
        units = [unit for unit in self.layout.units if unit.part in stages]
        hooks = [self.net.get_submodule(unit.name).register_forward_hook(_keep(found, unit.part)) for unit in units]
        try:
            self._run(pixels)
        finally:
            for hook in hooks:
                hook.remove()
        return [self._as_maps(found[stage], pixels) for stage in stages]

    def stage_channels(self, stages: Sequence[str]) -> list[int]:
        """Return the number of channels behind stages, found by a trial on one black picture.

        Raises:
            SettingsError: there is no such stage, or it was cut away, or its output is no feature map.
        """
        for stage in stages:
            if stage not in self.kept:
                cut = f" up to {self.cut}" if self.cut else ""
                raise SettingsError(
                    f"{self.name}{cut} has no stage {stage!r} that could be pooled.",
                    where="model.pool_stages",
                    do=nearest(stage, self.kept),
                )
        training = self.training
        self.eval()
        with torch.inference_mode():
            maps = self.stage_maps(torch.zeros(1, 3, self.side, self.side), stages)
        self.train(training)
        return [found.shape[1] for found in maps]

    def map_shape(self, size: tuple[int, int]) -> tuple[int, int, int]:
        """Return channels, height and width of the last maps of a picture, found by a trial on a black one.

        Args:
            size: The picture's height and width in px.

        Raises:
            SettingsError: as of ``maps``.
        """
        training = self.training
        self.eval()
        try:
            with torch.inference_mode():
                _, channels, height, width = self.maps(torch.zeros(1, 3, *size)).shape
        finally:
            self.train(training)
        return channels, height, width

    def _run(self, pixels: Tensor) -> Tensor:
        height, width = pixels.shape[-2:]
        if not self.takes_any_size and (height, width) != (self.side, self.side):
            raise SettingsError(
                f"{self.name} takes pictures of {self.side} x {self.side} px only; these have {height} x {width}.",
                where="model.backbone",
                do=f"End the framing with {{resize: {self.side}}}, or take another backbone.",
            )
        try:
            found: Tensor = self.net.forward_features(pixels)
        except AssertionError as error:  # timm's way to say that a side is no multiple of its patches
            raise SettingsError(
                f"{self.name} can't take pictures of {height} x {width} px: {error}.", where="model.backbone"
            ) from error
        return found

    def _as_maps(self, found: Tensor, pixels: Tensor) -> Tensor:
        shape = tuple(getattr(found, "shape", ()))  # some networks give several tensors
        if len(shape) == 4:  # noqa: PLR2004 - maps already, channels first or last
            return found.permute(0, 3, 1, 2) if getattr(self.net, "output_fmt", "NCHW") == "NHWC" else found
        if len(shape) == 3:  # noqa: PLR2004 - (n, tokens, channels)
            tokens = found[:, int(getattr(self.net, "num_prefix_tokens", 0)) :]
            rows = round((tokens.shape[1] * pixels.shape[-2] / pixels.shape[-1]) ** 0.5)
            if rows and tokens.shape[1] % rows == 0:
                return tokens.transpose(1, 2).reshape(tokens.shape[0], shape[2], rows, -1)
        raise SettingsError(
            f"What {self.name} gives can't be laid out as feature maps.",
            where="model",
        )

    def _try(self) -> int:
        self.eval()
        try:
            with torch.inference_mode():
                shape = self.embed(torch.zeros(1, 3, self.side, self.side)).shape
        except FAILURES as error:
            what = f"{self.name} can't do without what comes behind {self.cut}" if self.cut else f"{self.name} fails"
            raise SettingsError(f"{what}: {error}.", where="model", do="Take another cut or backbone.") from error
        if len(shape) != 2:  # noqa: PLR2004 - (n, features)
            raise SettingsError(f"{self.name} gives no vector a picture.", where="model.backbone")
        self.train()
        return shape[1]


def create_backbone(name: str, *, cut: str | None = None, stride_in_first: bool = False) -> Backbone:
    """Make a backbone with random weights, drawn from torch's generator.

    Args:
        name: One of ``own_networks``, or a timm name, with or without the tag of its weights: ``resnet18``,
            ``resnet18.tv_in1k``; or ``none``, which gives no features.
        cut: The last stage that is kept: ``layer3`` (ResNet), ``blocks.4`` (EfficientNet, MobileNet, ViT), ``stages.2``
            (ConvNeXt), ``denseblock3`` (DenseNet), ``block4`` (VGG).
        stride_in_first: For ResNets with bottlenecks: the stride on the first 1x1 convolution.

    Raises:
        SettingsError: timm knows no such network or tag, or it has no such stage, or no bottlenecks.
    """
    own = {**OWN_NETWORKS, NONE: NoNetwork}
    net = own[name]() if name in own else create_net(name)
    if stride_in_first:
        put_stride_in_first(net, name)
    return Backbone(net, name, cut)


def create_net(name: str, *, pretrained: bool = False) -> nn.Module:
    """Make a timm network without classifier.

    Args:
        name: A timm name, with or without tag.
        pretrained: Load its published weights; errors of the hub pass through.

    Raises:
        SettingsError: timm knows no such network, or no such tag.
    """
    _refuse_unknown(name)
    if getattr(timm.get_pretrained_cfg(name), "fixed_input_size", False):
        # Transformers of the ViT family can be told to take any size; their weights stay the same.
        with contextlib.suppress(TypeError):
            flexible: nn.Module = timm.create_model(name, pretrained=pretrained, num_classes=0, dynamic_img_size=True)
            return flexible
    net: nn.Module = timm.create_model(name, pretrained=pretrained, num_classes=0)
    return net


def in_timms_names(net: nn.Module, stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of a transformer trained as DINOv2 (DinoBloom, say) under timm's names, of timm's shapes.

    Its table of positions is resampled where it was trained at another size. All others are returned as they are.

    Args:
        net: The network that they are for.
        stored: Name to tensor.
    """
    if not isinstance(net, VisionTransformer) or "mask_token" not in stored:
        return stored
    return dict(checkpoint_filter_fn(dict(stored), net))


def has_published_weights(name: str) -> bool:
    """Return whether timm knows of trained weights for a name."""
    return bool(timm.is_model_pretrained(name))


def _refuse_unknown(name: str) -> None:
    if not timm.is_model(name):
        known = [*OWN_NETWORKS, *timm.list_models()]
        close = difflib.get_close_matches(name.partition(".")[0], known, n=CLOSE_NAMES, cutoff=0.4)
        hint = f"Nearest names: {', '.join(close)}. " if close else ""
        raise SettingsError(
            f"timm knows no network {name!r}.",
            where="model.backbone",
            do=f"{hint}timm.list_models() gives all of them; ours: {', '.join(OWN_NETWORKS)}.",
        )
    network, _, tag = name.partition(".")
    tags = [known.partition(".")[2] for known in timm.list_models(f"{network}.*", pretrained=True)]
    if tag and tag not in tags:
        raise SettingsError(
            f"timm knows no weights {tag!r} of {network}.", where="model.backbone", do=nearest(tag, tags)
        )


def _keep(found: dict[str, Any], part: str) -> Callable[[nn.Module, Any, Any], None]:
    def keep(_module: nn.Module, _given: Any, result: Any) -> None:  # noqa: ANN401 - whatever a layer takes and gives
        found[part] = result

    return keep


def _cut(net: nn.Module, divided: Layout, cut: str) -> tuple[str, ...]:
    if cut not in divided.stages:
        raise SettingsError(
            f"The network has no stage {cut!r} that it could be cut after.",
            where="model.cut",
            do=nearest(cut, divided.stages),
        )
    removed = tuple(divided.behind(cut))
    for name in removed:
        net.set_submodule(name, CutAway())
    return removed
