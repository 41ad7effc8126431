"""The lymphocytosis of Lyon: from a Kaggle challenge whose rules a person must accept."""

from __future__ import annotations

from leukoscope.fetching.source import Source

PAGE = "https://www.kaggle.com/competitions/dlmi-lymphocytosis-classification"
DOWNLOAD = (
    "Or, on a machine without a browser: make an API token in the account's settings, and run",
    "  pip install kaggle",
    "  kaggle competitions download -c dlmi-lymphocytosis-classification",
)

SOURCE = Source(
    "lyon",
    "Lyon: lymphocytes of 205 patients, reactive or tumoral",
    PAGE,
    "the challenge's rules; no other is stated",
    "Sahasrabudhe M et al. IEEE J Biomed Health Inform 25(6):2125-2136, 2021. doi:10.1109/JBHI.2020.3038889",
    steps=(
        "Make an account at kaggle.com.",
        f"Open {PAGE} (earlier: https://www.kaggle.com/c/3md3070-dlmi).",
        "Press 'Join' or 'Late submission', and accept the rules. If that is closed, ask the course's organisers.",
        "Under 'Data', press 'Download All', and unpack the zip.",
        "\n".join(DOWNLOAD),
    ),
    layout=("clinical_annotation.csv, trainset/P1/….jpg, testset/P2/….jpg",),
)
