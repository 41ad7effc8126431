"""AML-Cytomorphology_LMU (Matek): from The Cancer Imaging Archive, by a program of IBM's that a person must install."""

from __future__ import annotations

from leukoscope.fetching.source import Source
from leukoscope.fetching.sources import tcia

PAGE = "https://www.cancerimagingarchive.net/collection/aml-cytomorphology_lmu/"

SOURCE = Source(
    "matek",
    "AML-Cytomorphology_LMU (Matek): 18,365 cells in 15 classes",
    PAGE,
    "CC BY 3.0",
    "Matek C et al. The Cancer Imaging Archive, 2019. doi:10.7937/tcia.2019.36f5o9ld",
    steps=(
        *tcia.steps(PAGE, "PKG - AML-Cytomorphology_LMU", "data/matek"),
        "If you want the experts' second reading, take annotations.dat from the same page; put it beside the folders.",
    ),
    layout=(
        "…/BAS/BAS_0001.tiff and so on: a folder for each of BAS, EBO, EOS, KSC, LYA, LYT, MMZ, MOB, MON,",
        "MYB, MYO, NGB, NGS, PMB, PMO; annotations.dat beside them (not needed)",
    ),
)
