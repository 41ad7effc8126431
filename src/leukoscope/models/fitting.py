"""Putting stored tensors into a network, strictly: every one that is needed, none that is not, each of its shape."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import torch
from torch import Tensor

from leukoscope.errors import WeightsError
from leukoscope.models.timm_backbones import Backbone, in_timms_names

# The number of batches that batch-norm has seen is used by nobody here (it counts only without momentum), and some
# exporters leave it out.
COUNTER = "num_batches_tracked"
OTHER_FILE = "Name weights made for this network, under timm's names, or another model.backbone."
CLASSIFIERS = ("fc", "classifier", "head", "head.fc", "last_linear", "head_dist")


def fit_tensors(backbone: Backbone, stored: dict[str, Tensor], where: str) -> tuple[str, ...]:
    """Copy stored tensors into a backbone, cast to the backbone's own types (float32).

    Args:
        backbone: The network, whole or cut; changed in place.
        stored: Name to tensor under timm's names, or DINOv2's. The classifier's tensors and those of stages that were
            cut away may be there and are left out; a missing batch-norm counter (``num_batches_tracked``) stays 0.
        where: The file, for the errors.

    Returns:
        What was left out: names of classifier tensors; for a module that was cut away one entry with the number of its
        tensors, ``"layer4 (60 tensors)"``.

    Raises:
        WeightsError: a tensor is missing, has no place, has another shape, or holds values that are not finite.
    """
    needed, stored = backbone.net.state_dict(), in_timms_names(backbone.net, stored)
    spare, dropped = _spare(backbone, [name for name in stored if name not in needed])
    _refuse_missing(backbone, [name for name in needed if name not in stored and not name.endswith(COUNTER)], where)
    _refuse_unknown(backbone, [name for name in stored if name not in needed and name not in spare], where)
    _refuse_other_shapes(backbone, needed, stored, where)
    _refuse_not_finite([name for name in needed if name in stored and not _finite(stored[name])], where)
    backbone.net.load_state_dict({name: stored.get(name, own) for name, own in needed.items()})
    return dropped


def _spare(backbone: Backbone, names: list[str]) -> tuple[set[str], tuple[str, ...]]:
    stated = backbone.config.get("classifier") or ()
    heads = {*CLASSIFIERS, *((stated,) if isinstance(stated, str) else stated)}
    classifier = [name for name in names if name.rpartition(".")[0] in heads]
    rest = [name for name in names if name not in classifier]
    cut_away = {unit: [name for name in rest if name.startswith(f"{unit}.")] for unit in backbone.removed}
    counted = [f"{unit} ({len(found)} tensors)" for unit, found in cut_away.items() if found]
    return {*classifier, *(name for found in cut_away.values() for name in found)}, (*classifier, *counted)


def _refuse_missing(backbone: Backbone, missing: list[str], where: str) -> None:
    if not missing:
        return
    last = _last_whole_stage(backbone, missing)
    raise WeightsError(
        f"The weights lack tensors that {backbone.name} needs.",
        where=f"{where}, {missing[0]}",
        more=len(missing) - 1,
        do=f"Use the network as far as the weights go: set model.cut={last}." if last else OTHER_FILE,
    )


def _last_whole_stage(backbone: Backbone, missing: list[str]) -> str | None:
    """Return the stage that nothing is missing up to, and behind which nothing is there; None where there is none."""
    needed: dict[str, set[str]] = {}
    for name in backbone.net.state_dict():
        if not name.endswith(COUNTER):
            needed.setdefault(backbone.layout.part_of(name), set()).add(name)
    whole = list(itertools.takewhile(lambda part: not needed[part] & set(missing), needed))
    behind = set().union(*(names for part, names in needed.items() if part not in whole))
    return whole[-1] if whole and whole[-1] in backbone.layout.stages and behind == set(missing) else None


def _refuse_unknown(backbone: Backbone, unknown: list[str], where: str) -> None:
    if unknown:
        raise WeightsError(
            f"The weights hold tensors that {backbone.name} has no place for.",
            where=f"{where}, {unknown[0]}",
            more=len(unknown) - 1,
            do=OTHER_FILE,
        )


def _refuse_other_shapes(backbone: Backbone, needed: dict[str, Tensor], stored: dict[str, Tensor], where: str) -> None:
    wrong = [name for name, own in needed.items() if name in stored and stored[name].shape != own.shape]
    if wrong:
        found, wanted = (_shape(tensors[wrong[0]].shape) for tensors in (stored, needed))
        raise WeightsError(
            f"A tensor has the shape {found}, but {backbone.name} needs {wanted}.",
            where=f"{where}, {wrong[0]}",
            more=len(wrong) - 1,
            do=OTHER_FILE,
        )


def _refuse_not_finite(names: list[str], where: str) -> None:
    if names:
        raise WeightsError(
            "A tensor holds values that are not finite.",
            where=f"{where}, {names[0]}",
            more=len(names) - 1,
            do="Fetch the file anew.",
        )


def _finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())


def _shape(sizes: Iterable[int]) -> str:
    return " x ".join(map(str, sizes)) or "of a single number"
