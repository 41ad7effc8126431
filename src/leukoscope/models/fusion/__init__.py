"""Fusion: from a patient's vector and facts to logits. A new one is one file here and one line in ``FUSIONS``."""

from __future__ import annotations

from leukoscope.errors import SettingsError, nearest
from leukoscope.models.fusion.concatenate import Concatenate
from leukoscope.models.fusion.experts import Experts
from leukoscope.models.fusion.fusion import Fusion
from leukoscope.models.fusion.gate import Gate

__all__ = ["FUSIONS", "Concatenate", "Experts", "Fusion", "Gate", "make_fusion"]

FUSIONS: dict[str, type[Fusion]] = {"concatenate": Concatenate, "gate": Gate, "experts": Experts}


def make_fusion(name: str, vector: int, facts: int, outputs: int, seed: int) -> Fusion:
    """Make a fusion by its name.

    Args:
        name: ``concatenate``, ``gate`` or ``experts``.
        vector: Length of the patient's vector: aggregated logits (then ``outputs``) or aggregated features.
        facts: Number of encoded facts' columns, 1 or more.
        outputs: Number of logits: 1 for two classes, else one a class.
        seed: Seed of the weights.

    Raises:
        SettingsError: there is no such fusion, or there are no facts.
    """
    if name not in FUSIONS:
        raise SettingsError(f"There is no fusion {name!r}.", where="facts.fusion", do=nearest(name, FUSIONS))
    if facts < 1:
        raise SettingsError(
            f"The fusion {name!r} needs facts, and there are none.",
            where="facts.inputs",
            do="Name some: facts.inputs={age: linear}, or set facts.fusion=none.",
        )
    return FUSIONS[name](vector, facts, outputs, seed)
