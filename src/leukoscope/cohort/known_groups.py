"""Groups of the classes of leukocytes that several data sets share the names of."""

from __future__ import annotations

from dataclasses import replace

from leukoscope.cohort.groups import ClassGroup, ClassGroups

MATEK_2019 = "Matek et al. 2019, Nature Machine Intelligence 1:538"
ATYPICAL = ("MYO", "MOB", "MYB", "MMZ", "PMO", "EBO", "LYA")

OF_FIFTEEN = ClassGroups(
    groups=(
        ClassGroup("blast", ("MYO", "MOB"), "blasts", {"roc_auc": [0.991, 0.002]}, MATEK_2019),
        ClassGroup("atypical", ATYPICAL, "atypical cells", {"roc_auc": [0.992, 0.001]}, MATEK_2019),
        ClassGroup("atypical_pmb", (*ATYPICAL, "PMB"), "atypical cells, bilobed promyelocytes among them"),
    ),
    lineages=(
        ClassGroup(
            "granulocytic", ("MYO", "PMO", "PMB", "MYB", "MMZ", "NGB", "NGS", "EOS", "BAS"), "granulocytic lineage"
        ),
        ClassGroup("monocytic", ("MOB", "MON"), "monocytic lineage"),
        ClassGroup("lymphoid", ("LYT", "LYA"), "lymphoid lineage"),
    ),
)
"""Of Matek's fifteen. The paper's P(atypical) sums seven terms; with bilobed promyelocytes is a second variant."""

OF_EIGHT = ClassGroups(
    groups=(
        ClassGroup("granulocytic", ("basophil", "eosinophil", "neutrophil", "ig"), "granulocytic lineage"),
        ClassGroup("immature", ("ig",), "immature granulocytes"),
    ),
    lineages=(ClassGroup("granulocytic", ("basophil", "eosinophil", "neutrophil", "ig"), "granulocytic lineage"),),
)
"""Of Acevedo's eight."""

OF_DRAWN = ClassGroups(
    tuple(replace(group, published={}, source=None) for group in OF_FIFTEEN.groups + OF_EIGHT.groups),
    (
        ClassGroup(
            "granulocytic", (*OF_FIFTEEN.lineages[0].classes, *OF_EIGHT.lineages[0].classes), "granulocytic lineage"
        ),
        *OF_FIFTEEN.lineages[1:],
    ),
)
"""Of drawn cells, whose classes have the names of either; published figures are of real ones."""
