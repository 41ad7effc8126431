"""What a network sees in a cell, layer by layer, as one vector: by it cells are held beside the training cells.

Pooled features alone would not do: a network keeps in them what tells its classes apart, and another stain, or a
photograph, may look like a class there (``benchmarks/bench_out_of_distribution.py``). So the vector holds colours and
edges of the picture itself (``models.picture_look``), mean and deviation of each channel behind four of the network's
stages, from the first to the last, and the named measures where it has any. It is taken in passing while the network
looks, and costs no further pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from leukoscope.models.cell_model import AnyBackbone, CellModel
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.picture_look import NUMBERS, picture_look
from leukoscope.models.stages import NECK
from leukoscope.models.timm_backbones import Backbone

STAGES = 4
"""Of each network so many stages are looked at, evenly spread from the first to the last."""
MEASURES = "measures"
MAPS, TOKENS = 4, 3


class Looking:
    """Notes what a network's stages give the first time that it looks at cells.

    Args:
        model: The network.
    """

    def __init__(self, model: CellModel) -> None:
        self.model = model
        self.found: dict[str, Tensor] = {}
        self.order: list[str] = []
        self.done = False

    def look(self, pixels: Tensor) -> npt.NDArray[np.float32]:
        """Return what was seen in the n cells, (n, d) float32, and forget it.

        Of several calls of the network since the last time the first counts, or the last one where parts of it were
        called (``embed``, ``features``) and not the network itself.

        Args:
            pixels: The pictures that it saw, (n, 3, h, w) float32, RGB, 0 to 1.
        """
        seen = [self.found[name] for name in self.order if name in self.found]
        self.found, self.done = {}, False
        parts = [part.flatten(1).float().cpu() for part in (picture_look(pixels), *seen)]
        return np.ascontiguousarray(torch.cat(parts, dim=1).numpy())

    def hooks(self) -> Iterator[RemovableHandle]:
        """Put the hooks in place, and give the handles that remove them."""
        for name, (module, last) in watched(self.model.backbone).items():
            self.order.append(name)
            yield module.register_forward_hook(self._keep(name, last=last))
        if self.model.measures is not None:
            self.order.append(MEASURES)
            yield self.model.measures.register_forward_hook(self._keep(MEASURES, last=False))
        yield self.model.register_forward_hook(self._finish)

    def _keep(self, name: str, *, last: bool) -> Any:  # noqa: ANN401 - a hook
        def keep(_module: nn.Module, _given: Any, result: Any) -> None:  # noqa: ANN401 - whatever a layer takes and gives
            if not self.done:
                self.found[name] = result if name == MEASURES else statistics(result, channels_last=last)

        return keep

    def _finish(self, *_: object) -> None:
        self.done = True


@contextmanager
def looking(model: CellModel) -> Iterator[Looking]:
    """Note what a network sees while it looks at cells.

    Example:
        >>> from leukoscope.models.building import build_model
        >>> from leukoscope.recipes.schema import ModelSettings
        >>> model, _ = build_model(ModelSettings(backbone="test_resnet", cut="layer2"), 1, seed=0)
        >>> with looking(model.eval()) as seen, torch.inference_mode():
        ...     logits = model(pixels := torch.zeros(2, 3, 32, 32))
        >>> seen.look(pixels).shape
        (2, 240)
    """
    seen = Looking(model)
    with ExitStack() as stack:
        for handle in seen.hooks():
            stack.callback(handle.remove)
        yield seen


def statistics(result: Any, *, channels_last: bool) -> Tensor:  # noqa: ANN401 - whatever a layer gives
    """Return mean and deviation of each channel, (n, 2 c).

    Args:
        result: (n, c, h, w), or (n, h, w, c) where ``channels_last``; or tokens, (n, t, c). Of several tensors the
            first counts.
        channels_last: Whether maps have their channels last.
    """
    values: Tensor = result if isinstance(result, Tensor) else next(iter(result))
    if values.ndim == MAPS:
        values = values.flatten(1, 2) if channels_last else values.flatten(2).transpose(1, 2)
    values = values.detach().float()
    if values.ndim != TOKENS:
        return values.flatten(1)
    return torch.cat([values.mean(dim=1), values.std(dim=1, correction=0)], dim=1)


def watched(backbone: AnyBackbone) -> dict[str, tuple[nn.Module, bool]]:
    """Return the modules that are looked at, and whether their channels stand last, by a name, in order.

    Args:
        backbone: The backbone; of several side by side each one's stages are looked at.
    """
    if isinstance(backbone, JointBackbone):
        several = backbone.branches.items()
        return {f"{name}.{stage}": found for name, one in several for stage, found in _of_one(one).items()}
    return _of_one(backbone)


def _of_one(backbone: Backbone) -> dict[str, tuple[nn.Module, bool]]:
    last = {unit.part: unit.name for unit in backbone.layout.units if unit.part != NECK}
    kept = [part for part in backbone.kept if part in last]
    if not kept:
        return {}
    chosen = np.unique(np.linspace(0, len(kept) - 1, STAGES).round().astype(int))
    channels_last = getattr(backbone.net, "output_fmt", "NCHW") == "NHWC"
    return {kept[place]: (backbone.net.get_submodule(last[kept[place]]), channels_last) for place in chosen}


def widths_of(looks: npt.NDArray[np.float32]) -> tuple[int, int]:
    """Return how many columns are of the picture itself, and how many of the network.

    Args:
        looks: (n, d), from ``look_at``.
    """
    return NUMBERS, looks.shape[1] - NUMBERS


def look_at(model: CellModel, pixels: Tensor) -> npt.NDArray[np.float32]:
    """Return what a network sees in cells, (n, d) float32.

    Args:
        model: The network, in evaluation mode, on the pixels' device.
        pixels: (n, 3, h, w) float32, RGB, 0 to 1.
    """
    with looking(model) as seen, torch.inference_mode():
        model.embed(pixels)
        return seen.look(pixels)
