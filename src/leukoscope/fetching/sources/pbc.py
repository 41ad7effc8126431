"""PBC, Acevedo's peripheral blood cells: one zip, from Mendeley Data, which states its size and SHA-256 when asked."""

from __future__ import annotations

import re
from typing import Any

from leukoscope.errors import DataError
from leukoscope.fetching.connection import Patience, read_json
from leukoscope.fetching.source import Archive, Digest, Download, RemoteFile, Source

PAGE = "https://data.mendeley.com/datasets/snkd93bnjr/1"
FILES = "https://data.mendeley.com/public-api/datasets/snkd93bnjr/files?folder_id=root&version=1"
NAME = "PBC_dataset_normal_DIB.zip"
ADDRESS = (
    "https://data.mendeley.com/public-files/datasets/snkd93bnjr/files/2fc38728-2ae7-4a62-a857-032af82334c3"
    "/file_downloaded"
)
SHA256 = re.compile(r"[0-9a-f]{64}$")
# Table 1 of Acevedo et al., Data in Brief 30:105474, 2020; 17,092 in all.
PICTURES = {
    "basophil": 1218,
    "eosinophil": 3117,
    "erythroblast": 1551,
    "ig": 2895,
    "lymphocyte": 1214,
    "monocyte": 1420,
    "neutrophil": 3329,
    "platelet": 2348,
}


def ask_mendeley(file: RemoteFile, patience: Patience, address: str = FILES) -> RemoteFile:
    """Ask Mendeley for the zip's address, size and SHA-256.

    Args:
        file: What is sought, by its name.
        patience: How long to wait.
        address: Where the list of files is.

    Returns:
        The file as Mendeley describes it; without a checksum where Mendeley gives none.

    Raises:
        DataError: the list does not name the file.
        InterruptedTransferError: as in ``connection.connect``.
    """
    listed = read_json(address, patience)
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    found: dict[str, Any] | None = next((entry for entry in entries if entry.get("filename") == file.name), None)
    details = found.get("content_details") if found else None
    if not isinstance(details, dict) or not isinstance(details.get("download_url"), str):
        raise DataError(
            f"Mendeley's list of files does not name {file.name}.",
            where=address,
            do=f"Get it by hand from {PAGE}, and put it into the folder of --out.",
        )
    size, digest = details.get("size"), str(details.get("sha256_hash") or "").lower()
    return RemoteFile(
        file.name,
        details["download_url"],
        size if isinstance(size, int) and size > 0 else None,
        Digest("sha256", digest, "Mendeley Data") if SHA256.match(digest) else None,
    )


SOURCE = Source(
    "pbc",
    "PBC: 17,092 blood cells of healthy people in eight classes",
    PAGE,
    "CC BY 4.0",
    "Acevedo A et al. Data in Brief 30:105474, 2020. doi:10.17632/snkd93bnjr.1",
    steps=(
        f"Open {PAGE} in a browser.",
        f"Download {NAME}.",
        "Unpack it.",
    ),
    layout=("PBC_dataset_normal_DIB/basophil/BA_….jpg and so on: a folder for each of the eight classes",),
    download=Download(
        {"": RemoteFile(NAME, ADDRESS)},
        "about 0.3 GB, and as much again unpacked",
        ask_mendeley,
        Archive("PBC_dataset_normal_DIB", PICTURES, "Acevedo et al. 2020, table 1", 20_000, 2 * 10**9),
    ),
)
