"""Getting one file: in blocks, going on where it stopped, tried again where a connection is cut."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import DataError, counted
from leukoscope.fetching.connection import LONGEST_WAIT, InterruptedTransferError, OutsideRangeError, Patience, connect
from leukoscope.fetching.partial import PARTIAL_CONTENT, Origin, Part, origin_of, resuming_headers
from leukoscope.fetching.source import RemoteFile
from leukoscope.progress import progress

BLOCK = 1 << 16
MEGABYTE = 1_000_000


def download(file: RemoteFile, folder: Path, patience: Patience | None = None) -> Part:
    """Get a file as ``folder/NAME.part``, whole; what an earlier try left there is gone on with.

    Whether the content is right is not looked at here.

    Args:
        file: What to get.
        folder: Where to.
        patience: How long to wait for the server.

    Returns:
        The part, with all its bytes.

    Raises:
        DataError: the server can't be reached, refuses, or breaks off too often; the disk has too little room; the
            file there has another size than the published one.
    """
    patience = patience or Patience()
    folder.mkdir(parents=True, exist_ok=True)
    part = Part(folder / file.name)
    tries = Tries(file.url, patience)
    while not _is_whole(part, file):
        before = part.size
        try:
            _get_rest(file, part, patience)
            break
        except InterruptedTransferError as cut:
            if isinstance(cut, OutsideRangeError):
                part.discard()
            tries.failed(cut, got=part.size - before)
    return part


@dataclass
class Tries:
    """Counts the failures in a row, waits between them, and gives up in time.

    Args:
        where: What is tried.
        patience: How often, and how long to wait.
        sleep: Waits for so many seconds.
    """

    where: str
    patience: Patience
    sleep: Callable[[float], None] = time.sleep
    failures: int = 0
    reached: bool = False

    def failed(self, cut: InterruptedTransferError, got: int = 0) -> None:
        """Wait before the next try.

        Args:
            cut: What happened.
            got: Bytes that came before it did.

        Raises:
            DataError: the server was never reached, or the tries are used up.
        """
        self.reached = self.reached or cut.answered
        if not self.reached:
            raise DataError(
                f"The server can't be reached: {cut.why}.",
                where=self.where,
                do="Check the connection, and whether a proxy is needed (https_proxy=http://…). On a machine without "
                "network: get the file elsewhere, or name a mirror with --from.",
            )
        self.failures = 1 if got >= MEGABYTE else self.failures + 1
        if self.failures >= self.patience.tries:
            raise DataError(
                f"The connection was cut {counted(self.failures, 'time')} in a row: {cut.why}.",
                where=self.where,
                do="Run the same command again: it goes on where it stopped.",
            )
        self.sleep(cut.wait or min(self.patience.wait * 2 ** (self.failures - 1), LONGEST_WAIT))


def refuse_full_disk(needed: int, folder: Path) -> None:
    """Refuse to begin what can't end.

    Args:
        needed: Bytes still to be written.
        folder: Where to.

    Raises:
        DataError: the disk has less room.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(
            f"There is too little room on the disk: {in_words(needed)} are needed, {in_words(free)} are free.",
            where=str(folder),
            do="Free some space, or name another folder with --out.",
        )


def in_words(size: int) -> str:
    """Return a number of bytes as people say it.

    Example:
        >>> in_words(950), in_words(35_461_855), in_words(1_544_000_000)
        ('950 bytes', '35.5 MB', '1.54 GB')
    """
    if size < 10_000:  # noqa: PLR2004 - too few for kilobytes
        return f"{size} bytes"
    for unit, one, digits in (("GB", 10**9, 2), ("MB", 10**6, 1)):
        if size >= one:
            return f"{size / one:.{digits}f} {unit}"
    return f"{size / 1000:.0f} kB"


def _is_whole(part: Part, file: RemoteFile) -> bool:
    origin = part.origin()
    return origin is not None and part.size == origin.size and file.size in {None, origin.size}


def _get_rest(file: RemoteFile, part: Part, patience: Patience) -> None:
    known, offset = part.origin(), part.size
    with connect(file.url, patience, resuming_headers(known, offset)) as answer:
        origin, start = origin_of(file.url, answer.status, answer.headers)
        _refuse_other_size(file, origin)
        if known is None or answer.status != PARTIAL_CONTENT or start != offset or not known.is_same_as(origin):
            part.start(origin)
            if start:  # the rest of another version: of no use, so the next round asks for the whole
                raise OutsideRangeError
        rest = None if origin.size is None else origin.size - part.size
        refuse_full_disk(rest or 0, part.path.parent)
        _write(answer, part, rest)
    if origin.size is not None and part.size < origin.size:
        raise InterruptedTransferError(f"{part.size:,} of {origin.size:,} bytes came", answered=True)


def _write(answer: Any, part: Part, rest: int | None) -> None:  # noqa: ANN401 - what urllib returns
    what = f"{part.target.name}, MB" if not part.size else f"{part.target.name}, the rest, MB"
    # Where the server does not say how much will come there is no time left to tell: a bar of one step.
    total = 1 if rest is None else max(rest // MEGABYTE, 1)
    with progress(what, total) as advance, part.path.open("ab") as written:
        done = 0
        # read1 gives what is there; read would hold back the last bytes before a cut.
        while block := answer.read1(BLOCK):
            written.write(block)
            advance((done + len(block)) // MEGABYTE - done // MEGABYTE if rest is not None else 0)
            done += len(block)


def _refuse_other_size(file: RemoteFile, origin: Origin) -> None:
    if file.size is not None and origin.size is not None and file.size != origin.size:
        raise DataError(
            f"The file there has {origin.size:,} bytes; the published one has {file.size:,}.",
            where=file.url,
            do="Nothing was fetched. Look at the publisher's page, or name another address with --from.",
        )
