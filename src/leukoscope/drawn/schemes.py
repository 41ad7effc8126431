"""The sets of classes that cells are drawn in: two as in C-NMC, eight as in PBC, fifteen as in Matek's AML set."""

from __future__ import annotations

import numpy as np

from leukoscope.cohort.classes import Classes
from leukoscope.drawn.anatomy import CellKind
from leukoscope.drawn.kinds import KINDS
from leukoscope.errors import SettingsError

# Class: its title, and the kinds it is made of.
Scheme = dict[str, tuple[str, tuple[str, ...]]]

_TWO: Scheme = {
    "hem": ("normal cell", ("normal_lymphoid",)),
    "all": ("leukaemic blast", ("lymphoblast",)),
}
_EIGHT: Scheme = {
    "basophil": ("basophil", ("basophil",)),
    "eosinophil": ("eosinophil", ("eosinophil",)),
    "erythroblast": ("erythroblast", ("erythroblast",)),
    "ig": ("immature granulocyte", ("promyelocyte", "myelocyte", "metamyelocyte")),
    "lymphocyte": ("lymphocyte", ("lymphocyte",)),
    "monocyte": ("monocyte", ("monocyte",)),
    "neutrophil": ("neutrophil", ("segmented_neutrophil", "band_neutrophil")),
    "platelet": ("platelet", ("platelet",)),
}
_FIFTEEN: Scheme = {
    "BAS": ("basophil", ("basophil",)),
    "EBO": ("erythroblast", ("erythroblast",)),
    "EOS": ("eosinophil", ("eosinophil",)),
    "KSC": ("smudge cell", ("smudge",)),
    "LYA": ("atypical lymphocyte", ("atypical_lymphocyte",)),
    "LYT": ("typical lymphocyte", ("lymphocyte",)),
    "MMZ": ("metamyelocyte", ("metamyelocyte",)),
    "MOB": ("monoblast", ("monoblast",)),
    "MON": ("monocyte", ("monocyte",)),
    "MYB": ("myelocyte", ("myelocyte",)),
    "MYO": ("myeloblast", ("myeloblast",)),
    "NGB": ("band neutrophil", ("band_neutrophil",)),
    "NGS": ("segmented neutrophil", ("segmented_neutrophil",)),
    "PMB": ("bilobed promyelocyte", ("bilobed_promyelocyte",)),
    "PMO": ("promyelocyte", ("promyelocyte",)),
}
SCHEMES: dict[int, Scheme] = {2: _TWO, 8: _EIGHT, 15: _FIFTEEN}


def scheme_of(count: int) -> Scheme:
    """Return the scheme of 2, 8 or 15 classes.

    Raises:
        SettingsError: cells cannot be drawn in so many classes.
    """
    if count not in SCHEMES:
        raise SettingsError(f"Cells are drawn in 2, 8 or 15 classes, not in {count}.")
    return SCHEMES[count]


def drawn_classes(count: int) -> Classes:
    """Return the classes of a scheme; of two, the leukaemic one is positive.

    Raises:
        SettingsError: cells cannot be drawn in so many classes.

    Example:
        >>> drawn_classes(2).positive, len(drawn_classes(15))
        ('all', 15)
    """
    scheme = scheme_of(count)
    return Classes(tuple(scheme), tuple(title for title, _ in scheme.values()))


def kind_in(scheme: Scheme, label: str, generator: np.random.Generator) -> CellKind:
    """Draw one of the kinds that a class is made of."""
    names = scheme[label][1]
    return KINDS[names[int(generator.integers(len(names)))]]
