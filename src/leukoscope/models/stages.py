"""How a network is divided into parts: the stem, its stages in order, and the neck behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from torch import nn

STEM, NECK, HEAD = "stem", "neck", "head"
FEATURES, BLOCK = "features", "block"
CONTAINERS = ("blocks", "stages", "layers", "levels", "features", "network", "body")
# legacy_seresnext50_32x4d calls its stem layer0: a number directly behind the word counts from 1.
STAGE = re.compile(r"(blocks|stages|layers|levels)\.\d+|(layer|stage|level|s|block|denseblock)_?[1-9]\d*")


@dataclass(frozen=True)
class Unit:
    """A module that belongs to one part as a whole.

    Args:
        name: Its dotted name in the network, ``layer1`` or ``blocks.0``.
        part: The part it belongs to.
    """

    name: str
    part: str


@dataclass(frozen=True)
class Layout:
    """The division of one network.

    Args:
        units: All units, in the order in which the network registers them, which is the order of the forward pass.
        branches: The names of the networks that stand side by side, each with a stem of its own; none for one network.
    """

    units: tuple[Unit, ...]
    branches: tuple[str, ...] = ()

    @property
    def parts(self) -> list[str]:
        """The names of the parts in order, each once."""
        return list(dict.fromkeys(unit.part for unit in self.units))

    @property
    def stages(self) -> list[str]:
        """The parts that a network can be cut after: all but the stem and the neck."""
        return [part for part in self.parts if part not in (STEM, NECK)]

    def behind(self, stage: str) -> list[str]:
        """Return the names of the units that come after a stage."""
        last = max(place for place, unit in enumerate(self.units) if unit.part == stage)
        return [unit.name for unit in self.units[last + 1 :]]

    def part_of(self, name: str) -> str:
        """Return the part of a parameter or tensor by its dotted name; one that no unit owns is the stem's.

        Tokens and position tables stand directly in a transformer and enter before its first block.
        """
        owners = (unit.part for unit in self.units if name == unit.name or name.startswith(f"{unit.name}."))
        return next(owners, self._stem_of(name))

    def owns(self, name: str) -> bool:
        """Return whether a parameter or tensor stands in one of the units."""
        return any(name == unit.name or name.startswith(f"{unit.name}.") for unit in self.units)

    def _stem_of(self, name: str) -> str:
        return next((f"{branch}.{STEM}" for branch in self.branches if name.startswith(f"{branch}.")), STEM)


def layout(net: nn.Module, features: Iterable[str] = ()) -> Layout:
    """Divide a network into stem, stages and neck.

    A stage is a unit whose name says so (``layer1``, ``s1``, ``blocks.0``, ``stages.0``, ``denseblock1``). What stands
    before the first is the stem, what stands between two goes with the later one (a transition prepares the next
    stage), what follows the last is the neck. A network without such names is divided at the modules that timm lists
    as its feature maps (Inception); the first of them ends the stem. VGG, which is a plain list of layers, is divided
    behind each pooling, as its authors and Keras do: ``block1`` to ``block5``, without a stem.

    Args:
        net: The network, uncut.
        features: Dotted names of the modules whose outputs timm calls feature maps, in order.
    """
    names = list(_units(net))
    ends = {name: _short(name) for name in names if STAGE.fullmatch(_short(name))}
    pooled = {} if ends else _pooled_blocks(net)
    if pooled:
        ends = pooled
    elif ends:
        before = names[: names.index(next(iter(ends)))]
        ends = dict.fromkeys(before[-1:], STEM) | ends
    else:
        ends = _ends_of_features(names, features)
    return Layout(tuple(map(Unit, names, _parts(names, ends))))


def side_by_side(layouts: Mapping[str, Layout]) -> Layout:
    """Return the division of several networks that stand side by side: each one's parts behind its name.

    Args:
        layouts: The networks' own divisions by name, in order.

    Example:
        >>> one = Layout((Unit("conv1", "stem"), Unit("layer1", "layer1")))
        >>> side_by_side({"A": one, "B": one}).parts
        ['A.stem', 'A.layer1', 'B.stem', 'B.layer1']
    """
    units = [
        Unit(f"{name}.{unit.name}", f"{name}.{unit.part}") for name, layout in layouts.items() for unit in layout.units
    ]
    return Layout(tuple(units), tuple(layouts))


def _units(net: nn.Module) -> Iterator[str]:
    for name, child in net.named_children():
        if name in CONTAINERS and isinstance(child, nn.Sequential | nn.ModuleList):
            yield from (f"{name}.{inner}" for inner, _ in child.named_children())
        else:
            yield name


def _short(name: str) -> str:
    # densenet keeps everything in one container: features.denseblock1 is known as denseblock1
    last = name.rpartition(".")[2]
    return name if last.isdecimal() else last


def _pooled_blocks(net: nn.Module) -> dict[str, str]:
    features = dict(net.named_children()).get(FEATURES)
    if not isinstance(features, nn.Sequential):
        return {}
    # a module that has modules of its own is a block already, not a layer of a plain list
    if any(
        next(layer.children(), None) is not None or not name.isdecimal() for name, layer in features.named_children()
    ):
        return {}
    poolings = [name for name, layer in features.named_children() if isinstance(layer, nn.MaxPool2d)]
    return {f"{FEATURES}.{name}": f"{BLOCK}{place}" for place, name in enumerate(poolings, start=1)}


def _ends_of_features(names: list[str], features: Iterable[str]) -> dict[str, str]:
    owners = [name for feature in features for name in names if feature == name or feature.startswith(f"{name}.")]
    ends = {name: _short(name) for name in owners if _short(name) != HEAD}  # a part of that name is ours
    return ends | dict.fromkeys(owners[:1] or names[-1:], STEM)


def _parts(names: list[str], ends: dict[str, str]) -> list[str]:
    parts, current = [], NECK
    for name in reversed(names):
        current = ends.get(name, current)
        parts.append(current)
    return parts[::-1]
