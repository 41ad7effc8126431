"""ALL-IDB: given by its authors to whoever asks."""

from __future__ import annotations

from leukoscope.fetching.source import Source

PAGE = "https://scotti.di.unimi.it/all/"

SOURCE = Source(
    "all-idb",
    "ALL-IDB: 108 fields with the centres of blasts, 260 single cells",
    PAGE,
    "free for research, on the authors' permission",
    "Donida Labati R, Piuri V, Scotti F. ALL-IDB. IEEE ICIP 2011, 2045-2048. doi:10.1109/ICIP.2011.6115881",
    steps=(
        f"Open {PAGE} and follow what it says on getting the data.",
        "The authors (University of Milan) give them to those who ask: expect to say who you are and what for.",
        "Download ALL_IDB1 and ALL_IDB2, and unpack them into one folder.",
    ),
    layout=(
        "ALL_IDB1/im/Im001_1.jpg with ALL_IDB1/xyc/Im001_1.xyc (_1: a patient with ALL, _0: a healthy one)",
        "ALL_IDB2/img/Im001_1.tif (_1: a blast, _0: another cell)",
    ),
)
