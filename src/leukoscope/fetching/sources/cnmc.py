"""C-NMC 2019: from The Cancer Imaging Archive, by a program of IBM's that a person must install."""

from __future__ import annotations

from leukoscope.fetching.source import Source
from leukoscope.fetching.sources import tcia

PAGE = "https://www.cancerimagingarchive.net/collection/c-nmc-2019/"

SOURCE = Source(
    "cnmc",
    "C-NMC 2019: 15,114 leukaemic blasts (ALL) and normal cells (HEM)",
    PAGE,
    "CC BY 3.0",
    "Gupta A, Gupta R. The Cancer Imaging Archive, 2019. doi:10.7937/tcia.2019.dc64i46r",
    steps=tcia.steps(PAGE, "PKG - C-NMC 2019", "data/cnmc"),
    layout=(
        "…/fold_0/all/UID_1_1_1_all.bmp, …/fold_0/hem/UID_H1_1_1_hem.bmp, and fold_1, fold_2 likewise",
        "…/C-NMC_test_prelim_phase_data/1.bmp, and C-NMC_test_prelim_phase_data_labels.csv in or beside that folder",
        "…/C-NMC_test_final_phase_data/1.bmp (without labels)",
        "Any part may be missing; name the folder above them.",
    ),
)
