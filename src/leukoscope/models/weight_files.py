"""Finding the file of weights that fits a network, by the names of the files in a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from leukoscope.errors import WeightsError
from leukoscope.models.hub import HUB_NAME
from leukoscope.models.tensors import ENDINGS, SAFETENSORS

PRECISIONS = ("fp16", "bf16", "fp32")
KERAS = "keras"


@dataclass(frozen=True)
class Wanted:
    """The network that weights are sought for.

    Args:
        backbone: Its timm name.
        stages: The names of its stages, in order.
        cut: The last stage that is kept; None for all.
        stride_in_first: Whether its bottlenecks stride in the first convolution, as Keras's do.
        activation: As ``model.activation``; a file does not tell, a bundle does.
        normalise: As ``model.normalise``; likewise.
    """

    backbone: str
    stages: list[str]
    cut: str | None
    stride_in_first: bool
    activation: str = "own"
    normalise: str = "weights"


@dataclass(frozen=True)
class Candidate:
    """A file that is named after the wanted backbone: ``resnet50.keras.to_layer3.fp16.safetensors``.

    Args:
        path: The file.
        cut: The last stage that it holds (``to_<stage>`` in its name); None for all.
        stride_in_first: Whether it is for bottlenecks that stride in the first convolution (``keras`` in its name).
    """

    path: Path
    cut: str | None
    stride_in_first: bool

    def lacks(self, wanted: Wanted) -> list[str]:
        """Return what would have to be set for this file to fit, as ``model.cut=layer3``; empty where it fits."""
        changes = []
        if not self._reaches(wanted):
            changes.append(f"model.cut={self.cut}")
        if self.stride_in_first != wanted.stride_in_first:
            changes.append(f"model.stride_in_first={str(self.stride_in_first).lower()}")
        return changes

    def _reaches(self, wanted: Wanted) -> bool:
        if self.cut is None or self.cut == wanted.cut:
            return True
        order = wanted.stages
        return wanted.cut is not None and self.cut in order and order.index(wanted.cut) <= order.index(self.cut)


def find_file(folder: Path, wanted: Wanted) -> Path | None:
    """Return the file in a folder that fits the wanted network; None where none is named after its backbone.

    Files are looked at by name: ``<backbone>[.keras][.to_<stage>][.<anything>].safetensors``. One cut where the network
    is cut comes before a whole one, and a whole one before others. A snapshot of the hub (``model.safetensors`` and
    nothing else) is taken as it is.

    Raises:
        WeightsError: the folder is missing, or files are named after the backbone, but none of them fits.
    """
    if not folder.is_dir():
        raise WeightsError("There is no such folder of weights.", where=str(folder), do="Check --weights.")
    files = sorted(path for path in folder.iterdir() if path.suffix == SAFETENSORS)
    if [path.name for path in files] == [HUB_NAME]:
        return files[0]
    candidates = [found for path in files if (found := candidate(path, wanted.backbone)) is not None]
    fitting = [found for found in candidates if not found.lacks(wanted)]
    if candidates and not fitting:
        _refuse(min(candidates, key=lambda found: len(found.lacks(wanted))), len(candidates), wanted)
    fitting.sort(key=lambda found: (found.cut != wanted.cut, found.cut is not None, found.path.name))
    return fitting[0].path if fitting else None


def candidate(path: Path, backbone: str) -> Candidate | None:
    """Read a file's name; None where it is not named after the backbone.

    Example:
        >>> found = candidate(Path("resnet50.keras.to_layer3.fp16.safetensors"), "resnet50")
        >>> found.cut, found.stride_in_first
        ('layer3', True)
    """
    stem = path.name.removesuffix(path.suffix)
    if stem != backbone and not stem.startswith(f"{backbone}."):
        return None
    rest = stem.removeprefix(backbone)
    cut = re.search(rf"\.to_(.+?)(?:\.(?:{'|'.join(PRECISIONS)}))?$", rest)
    return Candidate(path, cut.group(1) if cut else None, KERAS in rest.split("."))


def named_place(name: str, beside: Path | None) -> Path:
    """Return the file or the folder that ``model.weights`` names.

    Args:
        name: A path, from the working folder or from the folder of weights.
        beside: The folder of weights, where there is one.

    Raises:
        WeightsError: there is nothing of that name.
    """
    places = [Path(name), *([beside / name] if beside is not None else [])]
    path = next((place for place in places if place.exists()), None)
    if path is None:
        files = beside.iterdir() if beside is not None and beside.is_dir() else ()
        known = sorted(file.name for file in files if file.suffix in ENDINGS)
        listed = f" The folder of weights holds: {', '.join(known)}." if known else ""
        raise WeightsError("There are no such weights.", where=name, do=f"Check the path.{listed}")
    return path


def named_file(name: str, wanted: Wanted, beside: Path | None) -> Path:
    """Return the file that ``model.weights`` names: a file, or the one that fits in a folder.

    Args:
        name: As of ``named_place``.
        wanted: The network.
        beside: As of ``named_place``.

    Raises:
        WeightsError: there is nothing of that name, or nothing in it that fits.
    """
    path = named_place(name, beside)
    found = path if path.is_file() else find_file(path, wanted)
    if found is None:
        raise WeightsError(
            f"No file of the folder is named after {wanted.backbone}.",
            where=str(path),
            do=f"Name the file itself, or call it {wanted.backbone}{SAFETENSORS}.",
        )
    return found


def _refuse(closest: Candidate, count: int, wanted: Wanted) -> None:
    changes = closest.lacks(wanted)
    reaches = f"reaches only to {closest.cut}" if changes[0].startswith("model.cut") else ""
    other = "has its stride in another convolution" if "model.stride_in_first" in changes[-1] else ""
    raise WeightsError(
        f"The weights don't fit this {wanted.backbone}: the file {' and '.join(filter(None, [reaches, other]))}.",
        where=str(closest.path),
        more=count - 1,
        do=f"Set {' and '.join(changes)}, or name other weights.",
    )
