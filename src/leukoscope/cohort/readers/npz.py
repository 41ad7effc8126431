"""Arrays within an npz file: what there is, by their headers alone, and how one picture in them is addressed.

An npz file is a zip archive of npy arrays. A picture in one of them has a path of its own, file/array/number:
``bloodmnist.npz/train_images/17``. Pickled arrays are never read.
"""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from leukoscope.errors import DataError

ENDING = ".npz"
_MEMBER = ".npy"
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


@dataclass(frozen=True)
class Address:
    """One picture within an npz file.

    Args:
        file: The npz file.
        array: The array's name, ``train_images``.
        number: The picture's place along its first axis, from 0.
    """

    file: Path
    array: str
    number: int


@dataclass(frozen=True)
class ArrayHeader:
    """What an array's header says.

    Args:
        shape: Its shape.
        dtype: Its kind of number, in NumPy's words (``uint8``).
        start: Bytes before its first value.
    """

    shape: tuple[int, ...]
    dtype: str
    start: int


def address(file: str, array: str, number: int) -> str:
    """Return the path of one picture within an npz file.

    Args:
        file: The path of the npz file, with ``/``.
        array: The array's name.
        number: The picture's place in it, from 0.

    Example:
        >>> address("data/bloodmnist.npz", "train_images", 17)
        'data/bloodmnist.npz/train_images/17'
    """
    return f"{file}/{array}/{number}"


def parted(path: Path) -> Address | None:
    """Return what a path names within an npz file; None for any other path.

    Example:
        >>> parted(Path(address("bloodmnist.npz", "val_images", 3)))
        Address(file=PosixPath('bloodmnist.npz'), array='val_images', number=3)
        >>> parted(Path("P1/3.jpg"))
    """
    number, file = path.name, path.parent.parent
    if not (number.isascii() and number.isdigit() and file.suffix.lower() == ENDING):
        return None
    return Address(file, path.parent.name, int(number))


@contextlib.contextmanager
def opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open an npz file; whatever shows that it is damaged becomes one error.

    Raises:
        DataError: the file is missing, no npz file, cut off or damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError:
        raise DataError("The file is missing.", where=str(file)) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise DataError(
            f"This npz file is damaged or cut off: {reason}.", where=str(file), do="Download it again."
        ) from None
    except OSError as error:
        raise DataError(f"This file cannot be read: {error.strerror or error}.", where=str(file)) from None


def headers(file: Path) -> dict[str, ArrayHeader]:
    """Return what the arrays of an npz file are, without reading them.

    Raises:
        DataError: the file is missing or damaged, or an array holds pickled objects, is stored column by column, or is
            not as long as its header says.
    """
    with opened(file) as archive:
        members = [info for info in archive.infolist() if info.filename.endswith(_MEMBER)]
        return {info.filename.removesuffix(_MEMBER): _header(archive, info) for info in members}


def header(archive: zipfile.ZipFile, array: str) -> tuple[zipfile.ZipInfo, ArrayHeader]:
    """Return one array's place in the archive and its header.

    Raises:
        DataError: there is no such array, or as ``headers``.
    """
    name = array + _MEMBER
    if name not in archive.namelist():
        raise DataError(f"There is no array {array!r} in this npz file.", where=str(archive.filename))
    info = archive.getinfo(name)
    return info, _header(archive, info)


def read_array(file: Path, array: str) -> np.ndarray[Any, Any]:
    """Read one array whole; for labels, not for pictures.

    Raises:
        DataError: as ``header``.
    """
    with opened(file) as archive:
        info, _ = header(archive, array)
        with archive.open(info) as stream:
            return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))


def _header(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> ArrayHeader:
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in _HEADERS:
            raise ValueError(f"{info.filename} is of the unknown version {version}")
        shape, fortran, dtype = _HEADERS[version](stream)
        start = stream.tell()
    where = f"{archive.filename}, {info.filename}"
    if dtype.hasobject:
        raise DataError("This array holds pickled objects; it is not read, since it could run any code.", where=where)
    if fortran and len(shape) > 1:
        raise DataError("This array is stored column by column, so its pictures lie in no one place.", where=where)
    if start + prod(shape) * dtype.itemsize != info.file_size:
        raise DataError("This array is not as long as its header says.", where=where, do="Download the file again.")
    return ArrayHeader(tuple(shape), str(dtype), start)
