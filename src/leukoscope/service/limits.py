"""How much a request may hold, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass

from leukoscope.errors import SettingsError

MEGABYTE = 1 << 20
MILLION = 1_000_000
UPLOADS_AT_ONCE = 4
"""So many of the largest uploads may lie in memory together."""
LONGEST = 2
"""A square about a picture may have so many times the pixels that a picture may have: framings make such squares."""
FIELDS = 24
"""Whole fields in one request: each takes about a second."""


@dataclass(frozen=True)
class Limits:
    """What a request may be at most.

    Args:
        megabytes: MiB of its body; of a picture in a zip archive, too.
        pictures: Pictures.
        megapixels: Millions of pixels of one picture, 0.01 to 50.
        seconds: For its body to arrive, and again for its answer to be made.
        queue: Requests that wait for the network, or are before it.

    Raises:
        SettingsError: a value out of range.
    """

    megabytes: int = 200
    pictures: int = 1000
    megapixels: float = 50.0
    seconds: float = 120.0
    queue: int = 64

    def __post_init__(self) -> None:
        bounds = {
            "megabytes": (1, 4096),
            "pictures": (1, 100_000),
            "megapixels": (0.01, 50),
            "seconds": (0.1, 3600),
            "queue": (1, 10_000),
        }
        for name, (least, most) in bounds.items():
            value = getattr(self, name)
            if not least <= value <= most:
                what = f"The limit {name!r} of a service lies between {least:g} and {most:,}, not at {value:g}."
                raise SettingsError(what)

    @property
    def bytes(self) -> int:
        """Of a request's body."""
        return self.megabytes * MEGABYTE

    @property
    def bytes_together(self) -> int:
        """Of all bodies that are in memory at a time."""
        return UPLOADS_AT_ONCE * self.bytes

    def framed_together(self, each: int) -> int:
        """Return how many bytes all framed pictures may take at a time: as many as uploads, or the largest request's.

        Args:
            each: Bytes of one picture in all framings.
        """
        return max(self.bytes_together, self.pictures * each)

    @property
    def pixels(self) -> int:
        """Of one picture."""
        return round(self.megapixels * MILLION)
