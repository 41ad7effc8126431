"""The cure for a torchvision that was built for another torch: without it timm can't be imported."""

from __future__ import annotations

import functools
import importlib
import sys
from dataclasses import dataclass
from typing import Literal

from torch.library import Library

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@dataclass(frozen=True)
class Cure:
    """What was done about torchvision.

    Args:
        operators: ``own`` where torchvision loads its compiled operators; ``defined`` where it can't and the two
            schemas that it asks for on import were defined in their place (they can't be called: nothing here does).
        version: torchvision's version.
        reason: Why torchvision could not be imported as it is; None where it could.
        library: What holds the schemas: they are gone with it. None where there is nothing to hold.
    """

    operators: Literal["own", "defined"]
    version: str
    reason: str | None
    library: Library | None


@functools.cache
def cure() -> Cure:
    """Make ``import torchvision`` work; call it before timm is first imported, as often as you like.

    A torchvision wheel built for CUDA can't load its compiled operators on a CPU-only torch, and its import then dies
    with "operator torchvision::nms does not exist". It only wants the operators' schemas; they are defined here, and
    only where torchvision can't load its own. The first call's answer is kept, and with it the definitions.

    Returns:
        What was done.

    Raises:
        ImportError: torchvision is not installed.
        RuntimeError: torchvision can't be imported for another reason.
    """
    try:
        return Cure("own", _import_torchvision(), None, None)
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        reason = str(error)
    _forget_half_imported()
    library = Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for schema in SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    return Cure("defined", _import_torchvision(), reason, library)


def _import_torchvision() -> str:
    return str(importlib.import_module("torchvision").__version__)


def _forget_half_imported() -> None:
    # A failed import leaves its submodules behind; with them the second import would meet a half-made package.
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
