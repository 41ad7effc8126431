"""One picture's way through the intake: bytes, hash, pixels, facts, framed pixels; and many of them in parallel."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from leukoscope.errors import DataError
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import Content, decode_content, quiet, read_content
from leukoscope.pictures.facts import Facts, measure
from leukoscope.pictures.framing import Framing
from leukoscope.pictures.measure import Measure, Row
from leukoscope.pictures.recognition import misnamed
from leukoscope.threads import in_threads

AHEAD = 4
"""Readings a worker that may wait."""


@dataclass(frozen=True)
class Request:
    """One picture to read.

    Args:
        id: The cell's.
        path: The file.
        framed: Whether the framed pixels are wanted.
        content: What reads its bytes where it is no file of its own, but lies in an archive; None for the file.
    """

    id: str
    path: Path
    framed: bool
    content: Callable[[], Content] | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """What reading one picture gave.

    Args:
        id: The cell's.
        facts: Of the content alone, whatever the file is called.
        remark: What the file's name brings to the remarks.
        framed: (h, w, 3) uint8; None where it was not wanted, is in the store already, or cannot be read.
        measured: A row of each measure, in their order; rows of nulls where the picture cannot be read.
    """

    id: str
    facts: Facts
    remark: str | None = None
    framed: Pixels | None = None
    measured: tuple[Row, ...] = ()

    def row(self) -> Facts:
        """Return the facts with the remark on the name."""
        if self.remark is None:
            return self.facts
        return replace(self.facts, remarks="; ".join(filter(None, (self.facts.remarks, self.remark))))


@dataclass(frozen=True)
class Known:
    """What need not be found out again.

    Args:
        facts: By SHA-256 of the file; may grow while pictures are read.
        rows: The store's keys; may grow too.
        framing: How pictures are framed; None where no pixels are wanted.
        measures: What else is computed of each picture.
        measured: What is known of it: for each measure, rows by SHA-256 of the file; may grow too.
    """

    facts: Mapping[str, Facts]
    rows: Container[str]
    framing: Framing | None
    measures: tuple[Measure, ...] = ()
    measured: tuple[Mapping[str, Row], ...] = ()

    def rows_of(self, sha256: str) -> tuple[Row | None, ...]:
        """Return the known row of each measure; None where it must be computed."""
        return tuple(rows.get(sha256) for rows in self.measured)

    @property
    def nothing(self) -> tuple[Row, ...]:
        """The rows of a picture that cannot be read."""
        return tuple(measure.nothing for measure in self.measures)


def read_one(request: Request, known: Known) -> Reading:
    """Read one picture; what is wrong with it stands in the facts' ``problem``.

    Args:
        request: The picture.
        known: What need not be found out again.
    """
    try:
        content = read_content(request.path) if request.content is None else request.content()
    except DataError as error:
        return Reading(request.id, Facts(problem=error.what), measured=known.nothing)
    size, sha256 = len(content.data), hashlib.sha256(content.data).hexdigest()
    facts, rows = known.facts.get(sha256), known.rows_of(sha256)
    if facts is not None and facts.problem is not None:
        return Reading(request.id, facts, _remark(request, facts), measured=known.nothing)
    wanted = request.framed and sha256 not in known.rows
    measured = tuple(row for row in rows if row is not None)
    if facts is not None and not wanted and len(measured) == len(known.measures):
        return Reading(request.id, facts, _remark(request, facts), measured=measured)
    try:
        decoded = decode_content(content)
    except DataError as error:
        facts = Facts(bytes=size, sha256=sha256, problem=error.what)
        return Reading(request.id, facts, measured=known.nothing)
    facts = facts or measure(decoded, size, sha256)
    framed = known.framing.apply(decoded.pixels) if wanted and known.framing is not None else None
    pairs = zip_longest(known.measures, rows)
    measured = tuple(one.take(decoded.pixels, facts) if row is None else row for one, row in pairs)
    return Reading(request.id, facts, _remark(request, facts), framed, measured)


def read_all(requests: Iterable[Request], known: Known, workers: int | None = None) -> Generator[Reading]:
    """Read pictures in threads and give the readings in the order of the requests.

    At most ``AHEAD`` readings a worker wait, so that memory does not grow with the cohort. Decoding, hashing and
    resizing run outside of Python's global lock.

    Args:
        requests: The pictures.
        known: What need not be found out again.
        workers: Threads; one a core where None.
    """
    # One filter for all threads: entering it in each would not be safe.
    with quiet():
        yield from in_threads(lambda request: read_one(request, known), requests, ahead=AHEAD, workers=workers)


def _remark(request: Request, facts: Facts) -> str | None:
    return None if facts.format is None else misnamed(request.path.suffix, facts.format)
