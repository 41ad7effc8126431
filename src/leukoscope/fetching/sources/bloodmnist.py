"""BloodMNIST: PBC's cells as one file, from Zenodo."""

from __future__ import annotations

from leukoscope.fetching.source import Digest, Download, RemoteFile, Source

RECORD = "https://zenodo.org/records/10519652"
PICTURES = 17_092
# From MedMNIST's own table: github.com/MedMNIST/MedMNIST, medmnist/info.py (version 3), entry "bloodmnist".
MD5 = {
    "28": "7053d0359d879ad8a5505303e11de1dc",
    "64": "2b94928a2ae4916078ca51e05b6b800b",
    "128": "adace1e0ed228fccda1f39692059dd4c",
    "224": "b718ff6835fcbdb22ba9eacccd7b2601",
}


def _file(size: str) -> RemoteFile:
    name = "bloodmnist.npz" if size == "28" else f"bloodmnist_{size}.npz"
    digest = Digest("md5", MD5[size], "MedMNIST (medmnist/info.py)")
    return RemoteFile(name, f"{RECORD}/files/{name}?download=1", digest=digest)


def _at_most(size: str) -> str:
    # Three bytes a pixel: what the pictures take unpacked. How large the packed files are is not in MedMNIST's table.
    return f"{PICTURES * int(size) ** 2 * 3 / 1e6:,.0f} MB"


SOURCE = Source(
    "bloodmnist",
    "BloodMNIST: 17,092 cells of PBC in eight classes, with a split",
    RECORD,
    "CC BY 4.0",
    "Yang J et al. MedMNIST v2. Scientific Data 10:41, 2023. doi:10.1038/s41597-022-01721-8",
    steps=(
        f"Open {RECORD} in a browser.",
        "Download bloodmnist.npz (28 px), bloodmnist_64.npz, bloodmnist_128.npz or bloodmnist_224.npz.",
        "Compare the MD5 that Zenodo shows beside it: " + ", ".join(f"{size} px {md5}" for size, md5 in MD5.items()),
    ),
    layout=("bloodmnist.npz, or bloodmnist_SIZE.npz: one file for each size",),
    download=Download(
        {size: _file(size) for size in MD5},
        "at most " + ", ".join(f"{_at_most(size)} at {size} px" for size in MD5),
    ),
)
