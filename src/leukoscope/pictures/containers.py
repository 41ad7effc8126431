"""Pictures that lie in an array of an npz file, one after the other: read in blocks, never the whole array.

Such an array is a packed stream (deflate, RFC 1951), of which the picture with number n can only be had through those
before it. So the stream is unpacked in blocks, and the state of the decompressor is kept at each block's start (about
50 KB for 8 MiB of pixels): pictures in a row are unpacked once, and any other costs one block.
"""

from __future__ import annotations

import struct
import threading
import zipfile
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from leukoscope.cohort.readers.npz import header, opened, parted
from leukoscope.errors import DataError

if TYPE_CHECKING:
    from zlib import _Decompress

FORMAT = "NPZ"
BLOCK = 8 << 20
"""Bytes of pixels that are unpacked at once."""
KEPT_BLOCKS = 2
"""Blocks of an array that stay in memory: threads ask for neighbours, not quite in order."""
KEPT_ARRAYS = 3
"""Arrays whose state stays in memory: a data set's training, validation and test pictures."""
_READ = 1 << 14
_LOCAL_HEADER = struct.Struct("<26xHH")  # APPNOTE 4.3.7: the lengths of name and extra field are its last four bytes
_CHANNELS = 3
_AXES = 4


@dataclass(frozen=True, eq=False)
class _Mark:
    """Where a block begins.

    Args:
        state: The decompressor as it is there; copied, never used itself.
        place: The next packed byte's place in the file.
        checksum: CRC-32 of all that was unpacked before.
    """

    state: _Decompress
    place: int
    checksum: int


class PackedArray:
    """The pictures of one array in an npz file; may be asked by several threads.

    Args:
        file: The npz file.
        array: The array's name.
        most: Largest picture that is read, in pixels.

    Raises:
        DataError: there is no such file or array, it is damaged, is no array of pictures, is packed by another method
            than deflate, or its pictures are too large.
    """

    def __init__(self, file: Path, array: str, most: int) -> None:
        with opened(file) as archive:
            info, head = header(archive, array)
        self._where = f"{file}, {array}"
        whole = head.dtype == "uint8" and len(head.shape) == _AXES and head.shape[-1] == _CHANNELS
        if not whole or not 0 < prod(head.shape[1:-1]) <= most:
            raise DataError(
                f"These are no pictures, (n, height, width, 3) uint8 of 1 to {most:,} pixels: they are {head.shape} "
                f"{head.dtype}.",
                where=self._where,
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise DataError("This array is encrypted or packed in an unknown way.", where=self._where)
        self.shape = head.shape
        self._file, self._info, self._start = file, info, head.start
        self._size = prod(head.shape[1:])
        self._rows = max(BLOCK // self._size, 1)
        self._data = _data_start(file, info)
        self._lock = threading.Lock()
        self._marks: list[_Mark] = []
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def picture(self, number: int) -> bytes:
        """Return one picture's pixels as they are stored, height x width x 3 bytes.

        Args:
            number: Its place in the array, from 0.

        Raises:
            DataError: there is no such picture, or the array is damaged before or in its block. The checksum can only
                be told at the array's end: if it is wrong, the pictures of the last block are refused.
        """
        if number >= self.shape[0]:
            raise DataError(f"There is no picture {number}: the array holds {self.shape[0]:,}.", where=self._where)
        if self._info.compress_type == zipfile.ZIP_STORED:
            with self._file.open("rb") as stored:
                stored.seek(self._data + self._start + number * self._size)
                return stored.read(self._size)
        with self._lock:
            block = self._block(number // self._rows)
        offset = number % self._rows * self._size
        return block[offset : offset + self._size]

    def _block(self, wanted: int) -> bytes:
        if wanted not in self._blocks:
            with self._file.open("rb") as packed:
                if not self._marks:
                    begin = _Mark(zlib.decompressobj(-zlib.MAX_WBITS), self._data, 0)
                    self._marks.append(self._unpacked(packed, begin, self._start)[1])
                for number in range(min(wanted, len(self._marks) - 1), wanted + 1):
                    content, after = self._unpacked(packed, self._marks[number], self._length(number))
                    self._refuse_wrong_checksum(number, after)
                    if number + 1 == len(self._marks):
                        self._marks.append(after)
            self._blocks[wanted] = content
            if len(self._blocks) > KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(wanted)
        return self._blocks[wanted]

    def _length(self, block: int) -> int:
        return min(self._rows, self.shape[0] - block * self._rows) * self._size

    def _unpacked(self, packed: BinaryIO, mark: _Mark, size: int) -> tuple[bytes, _Mark]:
        """Unpack ``size`` bytes from a mark on; return them and the mark after them."""
        state, pieces, missing, waiting = mark.state.copy(), list[bytes](), size, b""
        packed.seek(mark.place)
        try:
            while missing:
                waiting = waiting or packed.read(_READ)
                piece = state.decompress(waiting, missing)
                if not piece and (state.eof or not waiting):
                    raise DataError("The array ends before its last picture.", where=self._where)
                pieces.append(piece)
                missing -= len(piece)
                waiting = state.unconsumed_tail
        except zlib.error as error:
            raise DataError(f"The array is damaged: {error}.", where=self._where) from None
        content = b"".join(pieces)
        return content, _Mark(state, packed.tell() - len(waiting), zlib.crc32(content, mark.checksum))

    def _refuse_wrong_checksum(self, block: int, after: _Mark) -> None:
        last = (block + 1) * self._rows >= self.shape[0]
        if last and after.checksum != self._info.CRC:
            raise DataError("The array's checksum is wrong: some of its pictures are damaged.", where=self._where)


def packed_picture(path: Path, most: int) -> tuple[bytes, tuple[int, ...]] | None:
    """Return the picture that a path names within an npz file; None where it names a file of its own.

    Args:
        path: ``bloodmnist.npz/train_images/17``, or any other.
        most: Largest picture that is read, in pixels.

    Returns:
        Its bytes, row by row, three a pixel (RGB), and its shape (height, width, 3); or None.

    Raises:
        DataError: the array or the picture is not there, or is damaged.
    """
    place = parted(path)
    if place is None or not place.file.is_file():
        return None
    array = _array(place.file, place.array, place.file.stat().st_mtime_ns, most)
    return array.picture(place.number), array.shape[1:]


@lru_cache(maxsize=KEPT_ARRAYS)
def _array(file: Path, array: str, _changed: int, most: int) -> PackedArray:
    """Return an array whose unpacked blocks the next caller finds; a file that was changed is another."""
    return PackedArray(file, array, most)


def _data_start(file: Path, info: zipfile.ZipInfo) -> int:
    """Return where an archive's member begins in the file, after its local header."""
    with file.open("rb") as archive:
        archive.seek(info.header_offset)
        name, extra = _LOCAL_HEADER.unpack(archive.read(_LOCAL_HEADER.size))
        return archive.tell() + int(name) + int(extra)
