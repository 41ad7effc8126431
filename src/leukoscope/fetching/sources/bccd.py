"""BCCD: from GitHub, by git."""

from __future__ import annotations

from leukoscope.fetching.source import Source

PAGE = "https://github.com/Shenggan/BCCD_Dataset"

SOURCE = Source(
    "bccd",
    "BCCD: 364 fields with boxes of white and red cells and platelets",
    PAGE,
    "MIT",
    "Shenggan. BCCD Dataset. github.com/Shenggan/BCCD_Dataset; from cosmicad and akshaylamba",
    steps=(f"git clone {PAGE}",),
    layout=("BCCD/JPEGImages/BloodImage_00000.jpg with BCCD/Annotations/BloodImage_00000.xml, BCCD/ImageSets/Main",),
)
