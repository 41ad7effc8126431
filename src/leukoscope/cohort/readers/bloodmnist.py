"""BloodMNIST: PBC's cells as MedMNIST publishes them, small, in one npz file, with an official split."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.known_groups import OF_EIGHT
from leukoscope.cohort.readers import npz
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.reader import Description, Option, Reader
from leukoscope.errors import DataError, SettingsError

CLASSES = Classes(
    ("basophil", "eosinophil", "erythroblast", "ig", "lymphocyte", "monocyte", "neutrophil", "platelet"),
    (
        "basophil",
        "eosinophil",
        "erythroblast",
        "immature granulocyte (myelocyte, metamyelocyte or promyelocyte)",
        "lymphocyte",
        "monocyte",
        "neutrophil",
        "platelet",
    ),
)
PARTS = ("train", "val", "test")
FILE = r"^bloodmnist(?:_(\d+))?\.npz$"
SMALLEST = 28  # px; the size whose file has no size in its name
PICTURE_AXES = 4
CHANNELS = 3

DESCRIPTION = Description(
    title="BloodMNIST: peripheral blood cells of healthy people at 28, 64, 128 or 224 px, eight classes",
    contents=(
        "17,092 cells, those of PBC: train 11,959, val 1,712, test 3,421. The centre 200 x 200 px of each picture, "
        "made smaller. No patients are named."
    ),
    layout=(
        "bloodmnist.npz (28 px), bloodmnist_64.npz, bloodmnist_128.npz or bloodmnist_224.npz, or a folder with one of "
        "them: arrays train_images, train_labels, val_images, ... Any part may be missing. A picture's path is "
        "file/array/number: bloodmnist.npz/train_images/17."
    ),
    sources=(
        (
            "Yang J, Shi R, Wei D, Liu Z, Zhao L, Ke B, Pfister H, Ni B. MedMNIST v2: a large-scale lightweight "
            "benchmark for 2D and 3D biomedical image classification. Scientific Data 10, 2023. "
            "doi:10.1038/s41597-022-01721-8"
        ),
        "MedMNIST, 28 px: Zenodo, doi:10.5281/zenodo.6496656",
        (
            "Acevedo A, Merino A, Alferez S, Molina A, Boldu L, Rodellar J. A dataset for microscopic peripheral blood "
            "cell images for development of automatic recognition systems. Mendeley Data, V1, "
            "2020. doi:10.17632/snkd93bnjr.1"
        ),
    ),
    licence="CC BY 4.0",
    classes=CLASSES,
    official={"train": ("train",), "validation": ("val",), "test": ("test",)},
    background="light",
    groups=OF_EIGHT,
    contradictions=(
        (
            "The official parts were drawn by picture, 7 : 1 : 2; no patients are published, so one person's cells may "
            "stand in several parts."
        ),
        (
            "Made from PBC, which holds 17 pairs of identical pictures, one of them in two classes; nothing says that "
            "they were taken out."
        ),
    ),
    links="made from PBC: its identical pictures may stand in two parts; patients are not known",
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds a file with one of BloodMNIST's names."""
    return bool(_files(listing))


def is_named(name: str) -> bool:
    """Whether a file's name is one of BloodMNIST's."""
    return re.match(FILE, name, re.IGNORECASE) is not None


def read(path: Path, *, size: int | str | None = None) -> Cohort:
    """Read BloodMNIST from its npz file, or from a folder with it; pixels are not read, pickles never.

    Args:
        path: The npz file, or a folder.
        size: Which size to read where the folder holds several, in pixels.

    Returns:
        Cells with the id ``train/17``, ``path`` as in ``npz.address``, ``place`` (``train``, ``val``, ``test``) and
        ``number`` (int64, the place in its array, from 0). No patients.

    Raises:
        DataError: nothing of that size is here, several sizes are and none was chosen, or the file is damaged or not
            made as BloodMNIST is.
        SettingsError: the size is no whole number.
    """
    wanted = _size(size)
    if path.suffix.lower() == npz.ENDING and path.is_file():
        root, name, left = path.parent, path.name, tuple[str, ...]()
    else:
        listing = list_files(path)
        root, name = path, _chosen(_files(listing), wanted, path)
        left = listing.left_out(name)
    file = root / name
    headers = npz.headers(file)
    parts = [part for part in PARTS if f"{part}_images" in headers]
    if not parts:
        raise DataError(
            f"This npz file is not made as BloodMNIST is: no array {', '.join(f'{part}_images' for part in PARTS)}; "
            f"there are: {', '.join(headers) or 'none'}.",
            where=str(file),
        )
    _refuse_other_size(headers[f"{parts[0]}_images"], wanted, file)
    cells = pl.concat([_part(file, name, part, headers) for part in parts])
    absent = [part for part in PARTS if part not in parts]
    notes = [f"Not in {name}: {', '.join(absent)}."] if absent else []
    return Cohort.from_cells("bloodmnist", root, cells, CLASSES, notes=(*notes, *left))


def _size(size: object) -> int | None:
    if size is None:
        return None
    try:
        return int(str(size))
    except ValueError:
        raise SettingsError(f"The option size must be a number of pixels; got {size!r}.", do="size=28.") from None


def _files(listing: Listing) -> dict[str, int]:
    """Return the paths of BloodMNIST's files with the sizes that their names say, in pixels."""
    files = listing.others.select("path", "name").iter_rows()
    named = {path: re.match(FILE, name, re.IGNORECASE) for path, name in files}
    return {path: int(found[1] or SMALLEST) for path, found in named.items() if found is not None}


def _chosen(files: dict[str, int], wanted: int | None, folder: Path) -> str:
    fitting = [path for path, side in files.items() if wanted in (None, side)]
    if len(fitting) == 1:
        return fitting[0]
    sizes = ", ".join(f"{path} ({side} px)" for path, side in sorted(files.items(), key=lambda item: item[1]))
    if not files:
        raise DataError(
            "This folder holds no BloodMNIST: no bloodmnist.npz, bloodmnist_64.npz, bloodmnist_128.npz or "
            "bloodmnist_224.npz.",
            where=str(folder),
            do="Check the path.",
        )
    if not fitting:
        raise DataError(f"BloodMNIST is not here at {wanted} px.", where=str(folder), do=f"Here: {sizes}.")
    raise DataError(
        f"BloodMNIST is here more than once: {sizes}.",
        where=str(folder),
        do="Name one of the files, or its size: size=64.",
    )


def _refuse_other_size(header: npz.ArrayHeader, wanted: int | None, file: Path) -> None:
    if wanted is not None and len(header.shape) > 1 and header.shape[1] != wanted:
        raise DataError(f"These pictures are {header.shape[1]} px wide, not {wanted} px.", where=str(file))


def _part(file: Path, name: str, part: str, headers: dict[str, npz.ArrayHeader]) -> pl.DataFrame:
    count = _pictures(file, f"{part}_images", headers)
    labels = _labels(file, f"{part}_labels", headers, count)
    known = dict(enumerate(CLASSES.names))
    label = pl.col("code").replace_strict(known, default=None, return_dtype=pl.String)
    wrong = pl.format("its label is {}, not 0 to {}", "code", pl.lit(len(CLASSES) - 1))
    start, _ = npz.address(name, f"{part}_images", 0).rsplit("/", 1)
    rows = pl.DataFrame({"number": np.arange(count, dtype=np.int64), "code": labels})
    return rows.select(
        id=pl.format(f"{part}/{{}}", "number"),
        path=pl.lit(f"{start}/") + pl.col("number").cast(pl.String),
        label=label,
        source=pl.lit("bloodmnist"),
        place=pl.lit(part),
        excluded=pl.when(label.is_null()).then(wrong),
        number="number",
    )


def _pictures(file: Path, array: str, headers: dict[str, npz.ArrayHeader]) -> int:
    """Return how many pictures an array holds."""
    header = headers[array]
    if header.dtype != "uint8" or len(header.shape) != PICTURE_AXES or header.shape[-1] != CHANNELS:
        raise DataError(
            f"Pictures must be (n, height, width, 3) uint8; these are {header.shape} {header.dtype}.",
            where=f"{file}, {array}",
        )
    return header.shape[0]


def _labels(file: Path, array: str, headers: dict[str, npz.ArrayHeader], count: int) -> np.ndarray:
    if array not in headers:
        raise DataError(f"The array {array} is missing: it says the classes.", where=str(file))
    header = headers[array]
    if header.shape not in ((count, 1), (count,)) or np.dtype(header.dtype).kind not in "iu":
        raise DataError(
            f"Labels must be ({count}, 1) whole numbers, one a picture; these are {header.shape} {header.dtype}.",
            where=f"{file}, {array}",
        )
    return npz.read_array(file, array).reshape(count).astype(np.int64)


READER = Reader(
    "bloodmnist",
    read,
    recognises,
    DESCRIPTION,
    (Option("size", "Which size to read where the folder holds several, in pixels: 28, 64, 128 or 224."),),
)
