"""The network of one cell: normalisation, backbone, head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Literal, Self

import torch
from torch import Tensor, nn

from leukoscope.errors import SettingsError
from leukoscope.models.cell_pooling import CellPooling
from leukoscope.models.finer_parts import refined
from leukoscope.models.flattening import Flattening
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.measures import CellMeasures
from leukoscope.models.part_names import is_within
from leukoscope.models.stages import HEAD
from leukoscope.models.stored_numbers import fitted_at_once, parameters_of
from leukoscope.models.synergy import Synergy
from leukoscope.models.timm_backbones import Backbone
from leukoscope.models.weights import Normalisation

AnyBackbone = Backbone | JointBackbone
BatchNorm = Literal["train", "frozen", "fixed"]
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


class CellModel(nn.Module):
    """From a cell's pixels to its logits; what the weights want done to the pixels is part of it.

    It takes pictures of any size that the backbone takes, in either memory format: on most processors
    ``model.to(memory_format=torch.channels_last)`` is the faster one, and ``(n, h, w, 3)`` pixels seen through
    ``permute(0, 3, 1, 2)`` are in it already.

    Args:
        backbone: What gives feature maps and pooled features; several side by side give pooled features alone.
        head: What turns pooled features, (n, d), into logits, (n, outputs).
        normalisation: What the backbone's weights want done to each channel; a joint backbone sees to it by itself.
        crop: Side of the picture's centre that the backbone sees, in px; None: all of it.
        measures: The named measures of the cell that stand behind the backbone's pooled features. They see all of the
            picture, whatever the crop.
        pool_stages: The stages whose maps are pooled over the cell's own pixels (``CellPooling``); None: the backbone's
            own pooling of the last maps.
        pool_rim: Width in px of what this pooling leaves out within the cell's outline.
        flatten: Height and width in px of what the backbone sees, where every pixel of the last maps is taken
            (``Flattening``); None: they are pooled.

    Attributes:
        frozen: The parts that are not trained; they stay in evaluation mode when ``train()`` is called, so that neither
            their batch-norm statistics nor their dropout move.
        batch_norm: ``frozen`` and ``fixed`` keep every batch-norm's statistics, in trained parts too.
        pooled: Length of what is pooled of the backbone's maps, measures not counted.
        division: The backbone's division into parts: its stages, and blocks of these where ``divide`` was asked for.
        synergy: What a joint model learns its synergic loss with, a part of the head while it is there; None but in
            training (``training.synergic``).
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        backbone: AnyBackbone,
        head: nn.Module,
        normalisation: Normalisation,
        *,
        crop: int | None = None,
        measures: Sequence[str] = (),
        pool_stages: Sequence[str] | None = None,
        pool_rim: int = 0,
        flatten: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        self.backbone, self.head, self.crop = backbone, head, crop
        self.measures = CellMeasures(measures) if measures else None
        self.pooling = None if pool_stages is None else CellPooling(pool_stages, rim=pool_rim)
        self.flattening = None if flatten is None else Flattening(flatten)
        self.pooled = pooled_length(backbone, pool_stages, flatten)
        self.division = backbone.layout
        self.synergy: Synergy | None = None
        self.register_buffer("mean", torch.tensor(normalisation.mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(normalisation.std).view(1, 3, 1, 1))
        self.frozen: frozenset[str] = frozenset()
        self.batch_norm: BatchNorm = "train"

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits.

        Args:
            pixels: (n, 3, h, w) float32, RGB, 0 to 1.

        Returns:
            (n, outputs) float32: one output, the positive class's logit, for two classes; else one a class.
        """
        logits: Tensor = self.head(self.embed(pixels))
        return logits

    def features(self, pixels: Tensor) -> Tensor:
        """Return feature maps, (n, c, h', w') float32, of (n, 3, h, w) float32 pixels in 0 to 1.

        Raises:
            SettingsError: there are measures, statistics of the whole cell, or all pixels of a map in one vector, which
                maps cannot hold; or a picture is smaller than the crop.
        """
        if self.measures is not None:
            raise SettingsError(
                "Named measures are of a whole cell; a feature map has no place for them.",
                where="model.measures",
                do="Take one instance a cell (bag.instances: cells), or no measures (model.measures: false).",
            )
        if self.pooling is not None:
            raise SettingsError(
                "Means and deviations over the cell are of a whole cell; a feature map has no place for them.",
                where="model.pool",
                do="Take one instance a cell (bag.instances: cells), or the usual pooling (model.pool: average).",
            )
        if self.flattening is not None:
            raise SettingsError(
                "All pixels of a map in one vector are of a whole cell; a feature map has no place for them.",
                where="model.pool",
                do="Take one instance a cell (bag.instances: cells), or the usual pooling (model.pool: average).",
            )
        return self.backbone.maps(self._normalised(self._seen(pixels)))

    def embed(self, pixels: Tensor) -> Tensor:
        """Return pooled features, then measures where there are any, of (n, 3, h, w) float32 pixels in 0 to 1.

        Returns:
            (n, ``embedded``) float32.

        Raises:
            SettingsError: a picture is smaller than the crop.
        """
        features = self._pooled(self._seen(pixels))
        if self.measures is None:
            return features
        return torch.cat([features, self.measures(pixels).to(features.dtype)], dim=1)

    @property
    def embedded(self) -> int:
        """Length of the vector that ``embed`` makes of a cell."""
        return self.pooled + self.measured

    @property
    def measured(self) -> int:
        """How many named measures stand behind the backbone's features; 0 where there are none."""
        return 0 if self.measures is None else len(self.measures.names)

    def _seen(self, pixels: Tensor) -> Tensor:
        """Return what the backbone sees: all, or the centre where there is a crop."""
        return pixels if self.crop is None else _centre(pixels, self.crop)

    def _normalised(self, pixels: Tensor) -> Tensor:
        return (pixels - self.mean) / self.std

    def _pooled(self, pixels: Tensor) -> Tensor:
        if self.flattening is not None:
            flat: Tensor = self.flattening(self.backbone.maps(self._normalised(pixels)), pixels)
            return flat
        if self.pooling is None:
            return self.backbone.embed(self._normalised(pixels))
        maps = self.backbone.stage_maps(self._normalised(pixels), self.pooling.stages)
        pooled: Tensor = self.pooling(maps, pixels)
        return pooled

    @property
    def part_names(self) -> list[str]:
        """The parts' names in order: ``stem``, the stages as timm calls them, ``neck`` where there is one, ``head``."""
        return list(self.parts())

    def divide(self, entries: Iterable[str], where: str = "train") -> None:
        """Divide stages further, into their blocks, as far as entries name these: ``layer4.2``, ``blocks.5.1..head``.

        The names of weights stay as they are.

        Args:
            entries: Parts and ranges of parts as recipes write them.
            where: The setting, for the errors.

        Raises:
            SettingsError: a stage has no such block.
        """
        self.division = refined(self.division, self.backbone.net, entries, where)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """Return the parameters by part, in order; each parameter is in exactly one, and no part is empty."""
        found: dict[str, list[nn.Parameter]] = {part: [] for part in self.division.parts}
        for name, parameter in self.backbone.net.named_parameters():
            found[self.division.part_of(name)].append(parameter)
        found[HEAD] = [value for module in self.modules_of(HEAD) for value in module.parameters()]
        return {part: parameters for part, parameters in found.items() if parameters}

    def modules_of(self, part: str) -> list[nn.Module]:
        """Return the modules that a part, or all blocks of one, consist of (not the modules within them)."""
        if part == HEAD:
            return [self.head] if self.synergy is None else [self.head, self.synergy]
        return [
            self.backbone.net.get_submodule(unit.name) for unit in self.division.units if is_within(unit.part, part)
        ]

    def train(self, mode: bool = True) -> Self:
        """Set training or evaluation mode; frozen parts, and batch-norms where they are frozen, stay in evaluation."""
        super().train(mode)
        for part in self.frozen:
            for module in self.modules_of(part):
                module.eval()
        if self.batch_norm != "train":
            for module in self.modules():
                if isinstance(module, BATCH_NORMS):
                    module.eval()
        return self

    def __repr__(self) -> str:
        cut = f" cut after {self.backbone.cut}" if self.backbone.cut else ""
        frozen = (
            f", frozen: {', '.join(part for part in self.part_names if part in self.frozen)}" if self.frozen else ""
        )
        count = sum(parameter.numel() for parameter in parameters_of(self))
        at_once = "" if (held := fitted_at_once(self)) is None else f"; the head holds {held}"
        parts = ", ".join(self.part_names)
        return f"CellModel: {self.backbone.name}{cut}, {count:,} parameters, parts {parts}{frozen}{at_once}"


def pooled_length(
    backbone: AnyBackbone, pool_stages: Sequence[str] | None, flatten: tuple[int, int] | None = None
) -> int:
    """Return the length of the vector that is made of a backbone's maps.

    Args:
        backbone: The backbone.
        pool_stages: As of ``CellModel``.
        flatten: As of ``CellModel``.

    Raises:
        SettingsError: there is no such stage, or it was cut away; or the backbone takes no pictures of this size.
    """
    if flatten is not None:
        return prod(backbone.map_shape(flatten))
    return backbone.features if pool_stages is None else 2 * sum(backbone.stage_channels(pool_stages))


def _centre(pixels: Tensor, side: int) -> Tensor:
    """Return the square in the middle; where the margin is odd, the smaller half is cut at the top and left."""
    height, width = pixels.shape[-2:]
    if min(height, width) < side:
        raise SettingsError(
            f"The backbone is to see {side} x {side} px in the middle of pictures that have {height} x {width}.",
            where="model.crop",
            do="Set a smaller crop, or frame larger pictures.",
        )
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[..., top : top + side, left : left + side]
