"""Several backbones side by side: each sees the same pixels, and their pooled features stand one behind the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from leukoscope.errors import SettingsError
from leukoscope.models.part_names import OTHERS
from leukoscope.models.stages import HEAD, NECK, STEM, side_by_side
from leukoscope.models.timm_backbones import Backbone
from leukoscope.models.weights import Normalisation
from leukoscope.recipes.joint_contradictions import JOINT

TAKEN = (HEAD, STEM, NECK, OTHERS, "all")
"""Names that stand for parts already."""


class JointBackbone(nn.Module):
    """Several backbones as one: what a network of cells asks of a ``Backbone``, but for feature maps.

    Each branch normalises the pixels as its own weights want it. The parts are the branches' own, with the branch's
    name before them: ``A.stem``, ``A.layer1``, ``B.blocks.0``; ``A`` alone stands for all of its parts.

    Args:
        branches: The backbones by name, in the order of their features.
        normalisations: What each branch's weights want done to the channels, by the same names.

    Attributes:
        net: The branches' networks by name; what is not kept of a cut one is taken away.
        lengths: Number of features of each branch, in order.
        features: Their sum.
        layout: The division into all branches' parts.

    Raises:
        SettingsError: there is no branch, or one has a name that no part can begin with.
    """

    means: Tensor
    stds: Tensor
    cut: None = None
    pool: None = None

    def __init__(self, branches: Mapping[str, Backbone], normalisations: Mapping[str, Normalisation]) -> None:
        super().__init__()
        refuse_names(branches)
        # A plain dictionary registers nothing: each branch's network stands once, in ``net``.
        self.branches = dict(branches)
        self.net: Any = nn.ModuleDict({name: branch.net for name, branch in branches.items()})
        self.layout = side_by_side({name: branch.layout for name, branch in branches.items()})
        self.removed = tuple(f"{name}.{gone}" for name, branch in branches.items() for gone in branch.removed)
        self.lengths = {name: branch.features for name, branch in branches.items()}
        self._ends = list(accumulate(self.lengths.values()))
        self.features = self._ends[-1]
        wanted = [normalisations[name] for name in branches]
        self.register_buffer("means", torch.tensor([each.mean for each in wanted]).view(-1, 3, 1, 1))
        self.register_buffer("stds", torch.tensor([each.std for each in wanted]).view(-1, 3, 1, 1))

    @property
    def name(self) -> str:
        """``joint (A: resnet18, B: mobilenetv2_100 up to blocks.4)``."""
        said = [
            f"{name}: {branch.name}" + (f" up to {branch.cut}" if branch.cut else "")
            for name, branch in self.branches.items()
        ]
        return f"{JOINT} ({', '.join(said)})"

    @property
    def side(self) -> int:
        """The largest side in px of the pictures that timm states for a branch."""
        return max(branch.side for branch in self.branches.values())

    def embed(self, pixels: Tensor) -> Tensor:
        """Return the branches' pooled features, one behind the other.

        Args:
            pixels: (n, 3, h, w) float32, RGB, 0 to 1, not normalised.

        Returns:
            (n, ``features``) float32, the branches in their order.

        Raises:
            SettingsError: a branch takes pictures of one size only, and this is another.
        """
        normalised = [(pixels - mean) / std for mean, std in zip(self.means, self.stds, strict=True)]
        found = [branch.embed(given) for branch, given in zip(self.branches.values(), normalised, strict=True)]
        return torch.cat(found, dim=1)

    def of_branches(self, features: Tensor) -> dict[str, Tensor]:
        """Return each branch's own features, (n, d), of what ``embed`` returned."""
        return dict(zip(self.lengths, features.tensor_split(self._ends[:-1], dim=1), strict=True))

    def normalisation_of(self, branch: str) -> dict[str, list[float]]:
        """Return what a branch subtracts from each channel and divides it by, as JSON values."""
        place = list(self.branches).index(branch)
        return {"mean": self.means[place].flatten().tolist(), "std": self.stds[place].flatten().tolist()}

    @property
    def kept(self) -> NoReturn:
        """No stage's maps can be asked for.

        Raises:
            SettingsError: always.
        """
        refuse_maps()

    def maps(self, pixels: Tensor) -> Tensor:  # noqa: ARG002 - called as a backbone's
        """Refuse, as ``refuse_maps`` says."""
        refuse_maps()

    def stage_maps(self, pixels: Tensor, stages: Sequence[str]) -> list[Tensor]:  # noqa: ARG002 - likewise
        """Refuse, as ``refuse_maps`` says."""
        refuse_maps()

    def stage_channels(self, stages: Sequence[str]) -> list[int]:  # noqa: ARG002 - likewise
        """Refuse, as ``refuse_maps`` says."""
        refuse_maps()

    def map_shape(self, size: tuple[int, int]) -> tuple[int, int, int]:  # noqa: ARG002 - likewise
        """Refuse, as ``refuse_maps`` says."""
        refuse_maps()


def refuse_maps() -> NoReturn:
    """Refuse to give feature maps of several networks.

    Raises:
        SettingsError: always.
    """
    raise SettingsError(
        "Several networks side by side have no feature maps in common.",
        where="model.backbone",
        do="Take one instance a cell (bag.instances: cells) and the usual pooling (model.pool: average), or one of the "
        "networks alone.",
    )


def refuse_names(names: Mapping[str, object]) -> None:
    """Refuse branches that no part could be named after.

    Args:
        names: The branches by name.

    Raises:
        SettingsError: there is none, or the name is that of a part, holds a dot, or means something to PyTorch.
    """
    if not names:
        raise SettingsError(
            "A joint model has no branches.",
            where="model.branches",
            do="Name its networks: {A: {backbone: resnet18, weights: imagenet}, B: {backbone: mobilenetv2_100}}.",
        )
    for name in names:
        if not name or "." in name or name in TAKEN or hasattr(nn.ModuleDict(), name):
            raise SettingsError(
                f"A branch can't be named {name!r}.",
                where="model.branches",
                do=f"Take a short name without dots, such as A; not {', '.join(TAKEN)}, nor a word of PyTorch's own.",
            )
