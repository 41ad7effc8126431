"""The kinds of cells that can be drawn, a row of morphology each.

Sizes, nuclei and stains follow the standard descriptions of blood and marrow cells (ICSH recommendations for the
nomenclature and grading of peripheral blood cell morphology, Palmer et al. 2015; WHO classification for the blasts).
"""

from __future__ import annotations

from dataclasses import replace

from leukoscope.drawn.anatomy import About, CellKind, Cytoplasm, Granules, Nucleus
from leukoscope.drawn.stains import Stain
from leukoscope.errors import SettingsError, nearest

_PINK = Stain(purple=0.03, blue=0.08, eosin=0.20)
_BLUE = Stain(purple=0.05, blue=0.62, eosin=0.03)
_GREY = Stain(purple=0.06, blue=0.38, eosin=0.10)
_FINE = Granules(Stain(purple=0.34, blue=0.05, eosin=0.18), About(1.6, 0.3), About(0.15, 0.02))
_AZURE = Granules(Stain(purple=0.85, eosin=0.25), About(1.3, 0.4), About(0.20, 0.03), over_nucleus=0.35)
_RIPE = Nucleus(About(0.74, 0.04), density=About(0.95, 0.06), clumps=About(0.62, 0.06), grain=0.95)
_BLAST = Nucleus(About(0.80, 0.04), density=About(0.80, 0.07), clumps=About(0.20, 0.05), grain=0.8, nucleoli=(1, 3))

_ALL = (
    CellKind(
        "normal_lymphoid",
        "normal lymphoid cell",
        About(12.1, 1.15),
        Cytoplasm(Stain(purple=0.40, blue=0.62, eosin=0.02), rim=0.25),
        Nucleus(
            About(0.92, 0.025),
            wobble=0.08,
            offset=0.8,
            density=About(0.97, 0.08),
            clumps=About(0.50, 0.13),
            grain=1.1,
            edge=0.9,
        ),
        elongation=About(1.10, 0.07),
        wobble=0.07,
    ),
    CellKind(
        "lymphoblast",
        "leukaemic lymphoblast",
        About(13.8, 1.45),
        Cytoplasm(Stain(purple=0.40, blue=0.66, eosin=0.02), rim=0.25),
        Nucleus(
            About(0.94, 0.025),
            wobble=0.12,
            offset=0.8,
            density=About(0.95, 0.08),
            clumps=About(0.38, 0.12),
            grain=0.8,
            nucleoli=(0, 3),
            edge=0.9,
        ),
        elongation=About(1.16, 0.11),
        wobble=0.11,
    ),
    CellKind(
        "basophil",
        "basophil",
        About(12.5, 0.8),
        Cytoplasm(Stain(purple=0.16, blue=0.10, eosin=0.15), mottle=0.25),
        Nucleus(About(0.78, 0.05), "lobes", (2, 3), density=About(0.80, 0.06), clumps=About(0.3, 0.05)),
        (Granules(Stain(purple=1.30, blue=0.30), About(2.1, 0.4), About(0.31, 0.04), over_nucleus=0.75),),
        wobble=0.08,
    ),
    CellKind(
        "eosinophil",
        "eosinophil",
        About(13.6, 0.8),
        Cytoplasm(Stain(purple=0.04, blue=0.16, eosin=0.42), mottle=0.2),
        replace(_RIPE, shape="lobes", lobes=(2, 3), offset=0.9),
        (Granules(Stain(purple=0.14, eosin=1.15), About(2.8, 0.4), About(0.28, 0.03)),),
    ),
    CellKind(
        "erythroblast",
        "erythroblast",
        About(10.8, 1.0),
        Cytoplasm(Stain(purple=0.04, blue=0.42, haem=0.42), mottle=0.08, rim=0.10),
        Nucleus(
            About(0.58, 0.08),
            elongation=About(1.04, 0.03),
            wobble=0.03,
            density=About(1.18, 0.1),
            clumps=About(0.55, 0.12),
            grain=1.1,
        ),
        wobble=0.07,
    ),
    CellKind(
        "lymphocyte",
        "typical lymphocyte",
        About(10.0, 0.9),
        Cytoplasm(_BLUE, rim=0.12),
        Nucleus(About(0.86, 0.04), offset=0.9, density=About(0.98, 0.07), clumps=About(0.45, 0.08), grain=1.2),
    ),
    CellKind(
        "atypical_lymphocyte",
        "atypical lymphocyte",
        About(15.4, 1.4),
        Cytoplasm(Stain(purple=0.04, blue=0.55), mottle=0.15, rim=0.30, halo=0.3, vacuoles=(0, 2)),
        Nucleus(
            About(0.66, 0.05),
            elongation=About(1.3, 0.12),
            wobble=0.12,
            offset=0.7,
            density=About(0.98, 0.07),
            clumps=About(0.38, 0.07),
            grain=1.3,
        ),
        elongation=About(1.3, 0.15),
        wobble=0.18,
    ),
    CellKind(
        "monocyte",
        "monocyte",
        About(16.8, 1.2),
        Cytoplasm(_GREY, mottle=0.16, vacuoles=(0, 8)),
        Nucleus(
            About(0.70, 0.05),
            "folded",
            wobble=0.14,
            elongation=About(1.2, 0.1),
            density=About(0.84, 0.06),
            clumps=About(0.36, 0.06),
            grain=0.9,
        ),
        (Granules(Stain(purple=0.30, blue=0.1, eosin=0.12), About(0.6, 0.2), About(0.13, 0.02)),),
        elongation=About(1.15, 0.1),
        wobble=0.16,
    ),
    CellKind(
        "monoblast",
        "monoblast",
        About(18.0, 1.2),
        Cytoplasm(Stain(purple=0.06, blue=0.55, eosin=0.03), mottle=0.14, rim=0.15, vacuoles=(0, 4)),
        replace(_BLAST, size=About(0.74, 0.04), shape="folded", wobble=0.08, elongation=About(1.12, 0.08)),
        elongation=About(1.12, 0.07),
        wobble=0.12,
    ),
    CellKind(
        "myeloblast",
        "myeloblast",
        About(15.2, 1.3),
        Cytoplasm(Stain(purple=0.05, blue=0.70), rim=0.18),
        replace(_BLAST, size=About(0.84, 0.04), wobble=0.08, offset=0.9),
        wobble=0.09,
    ),
    CellKind(
        "promyelocyte",
        "promyelocyte",
        About(18.2, 1.1),
        Cytoplasm(Stain(purple=0.10, blue=0.48, eosin=0.05), mottle=0.15, rim=0.1, halo=0.6),
        Nucleus(
            About(0.70, 0.05),
            wobble=0.07,
            offset=0.95,
            density=About(0.88, 0.06),
            clumps=About(0.28, 0.05),
            grain=1.0,
            nucleoli=(0, 2),
        ),
        (_AZURE,),
    ),
    CellKind(
        "bilobed_promyelocyte",
        "bilobed promyelocyte",
        About(17.0, 1.1),
        Cytoplasm(Stain(purple=0.12, blue=0.42, eosin=0.08), mottle=0.15),
        Nucleus(
            About(0.82, 0.04),
            "lobes",
            (2, 2),
            offset=0.3,
            density=About(0.86, 0.06),
            clumps=About(0.26, 0.05),
            grain=1.0,
        ),
        (_AZURE,),
    ),
    CellKind(
        "myelocyte",
        "myelocyte",
        About(15.2, 1.0),
        Cytoplasm(Stain(purple=0.04, blue=0.22, eosin=0.16), mottle=0.15, halo=0.2),
        Nucleus(About(0.66, 0.05), elongation=About(1.2, 0.08), offset=0.95, clumps=About(0.42, 0.06), grain=1.2),
        (_FINE, Granules(Stain(purple=0.7, eosin=0.2), About(0.35, 0.15), About(0.17, 0.02), over_nucleus=0.2)),
    ),
    CellKind(
        "metamyelocyte",
        "metamyelocyte",
        About(14.6, 0.9),
        Cytoplasm(_PINK, mottle=0.15),
        Nucleus(
            About(0.70, 0.04), "kidney", elongation=About(1.35, 0.08), offset=0.9, clumps=About(0.46, 0.06), grain=1.3
        ),
        (_FINE,),
    ),
    CellKind(
        "band_neutrophil",
        "band neutrophil",
        About(13.6, 0.8),
        Cytoplasm(_PINK, mottle=0.15),
        replace(_RIPE, size=About(0.72, 0.04), shape="band", wobble=0.08),
        (_FINE,),
    ),
    CellKind(
        "segmented_neutrophil",
        "segmented neutrophil",
        About(13.6, 0.8),
        Cytoplasm(_PINK, mottle=0.15),
        replace(_RIPE, size=About(0.76, 0.04), shape="lobes", lobes=(3, 5), wobble=0.08),
        (_FINE,),
    ),
    CellKind(
        "platelet",
        "platelet",
        About(4.2, 1.0),
        Cytoplasm(Stain(purple=0.10, blue=0.34, eosin=0.08), mottle=0.2),
        None,
        (Granules(Stain(purple=0.95, eosin=0.2), About(2.6, 0.6), About(0.21, 0.03)),),
        elongation=About(1.2, 0.15),
        wobble=0.16,
        ragged=0.10,
    ),
    CellKind(
        "smudge",
        "smudge cell",
        About(16.5, 2.0),
        Cytoplasm(Stain(purple=0.10, blue=0.03, eosin=0.10), mottle=0.4),
        Nucleus(
            About(0.97, 0.02),
            "smudge",
            wobble=0.22,
            density=About(0.46, 0.08),
            clumps=About(0.34, 0.08),
            grain=1.1,
            edge=0.9,
            blueness=0.35,
        ),
        elongation=About(1.4, 0.2),
        wobble=0.24,
        ragged=0.3,
    ),
)

KINDS: dict[str, CellKind] = {kind.name: kind for kind in _ALL}


def kind_of(kind: CellKind | str) -> CellKind:
    """Return a kind by its name; a kind is returned as it is.

    Raises:
        SettingsError: there is no kind of that name.
    """
    if isinstance(kind, CellKind):
        return kind
    if kind not in KINDS:
        raise SettingsError(f"There is no kind of cell {kind!r} to draw.", do=nearest(kind, KINDS))
    return KINDS[kind]
