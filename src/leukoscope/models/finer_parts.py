"""Parts finer than stages: the blocks of one, where a recipe names them (``layer4.2``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from torch import nn

from leukoscope.errors import SettingsError, nearest
from leukoscope.models.part_names import ends_of
from leukoscope.models.stages import Layout, Unit


def refined(layout: Layout, net: nn.Module, entries: Iterable[str], where: str) -> Layout:
    """Split the units that entries look into: ``layer4.2`` splits ``layer4`` into ``layer4.0`` to ``layer4.2``.

    The coarse name, and ranges with it, still stand for all of the blocks (``part_names.expand``). A unit can be looked
    into as deep as its modules have names, ``stages.3.blocks.2``, but not where weights stand beside its blocks.

    Args:
        layout: The division so far.
        net: The network.
        entries: Parts and ranges of parts as recipes write them; those that name no block change nothing.
        where: The setting, for the errors.

    Raises:
        SettingsError: a part is there and has no such block.
    """
    for entry in entries:
        for end in ends_of(entry):
            while (unit := _owner(layout, end)) is not None:
                layout = _split(layout, net, unit, end, where)
    return layout


def _owner(layout: Layout, end: str) -> Unit | None:
    """Return the unit that a name looks into; None where it is a part's own name, or no part's."""
    return next((unit for unit in layout.units if end.startswith(f"{unit.part}.") and _is_part(unit)), None)


def _is_part(unit: Unit) -> bool:
    """Return whether the unit is its part, and not one of several modules that a part is made of (stem, transition).

    Its name ends with the part's, but for what stands between: ``A.features.denseblock1`` is ``A.denseblock1``.
    """
    pieces, wanted = unit.name.split("."), unit.part.split(".")
    rest = iter(pieces)
    return pieces[-1] == wanted[-1] and all(piece in rest for piece in wanted)


def _split(layout: Layout, net: nn.Module, unit: Unit, end: str, where: str) -> Layout:
    module = net.get_submodule(unit.name)
    blocks = [name for name, child in module.named_children() if any(True for _ in child.parameters())]
    alone = any(True for _ in module.parameters(recurse=False))
    asked = end.removeprefix(f"{unit.part}.").partition(".")[0]
    if alone or asked not in blocks:
        known = [unit.part] if alone else [unit.part, *(f"{unit.part}.{name}" for name in blocks)]
        raise SettingsError(f"The network has no part {end!r}.", where=where, do=nearest(end, known))
    place, finer, current = layout.units.index(unit), [], blocks[0]
    for name, _ in module.named_children():
        current = name if name in blocks else current  # what has no weights goes with the block before it
        finer.append(Unit(f"{unit.name}.{name}", f"{unit.part}.{current}"))
    return replace(layout, units=(*layout.units[:place], *finer, *layout.units[place + 1 :]))
