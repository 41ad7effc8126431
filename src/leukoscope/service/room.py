"""How much of uploads lies in memory, all requests together."""

from __future__ import annotations

from leukoscope.service.refusal import busy


class Room:
    """Counts bytes, or pictures; used in the event loop alone.

    Args:
        most: So many at a time.
    """

    def __init__(self, most: int) -> None:
        self.most, self.taken = most, 0

    def take(self, number: int) -> None:
        """Take room for more.

        Raises:
            Refusal: there is no room left.
        """
        if self.taken + number > self.most:
            raise busy("The service is holding as many pictures as its memory allows.")
        self.taken += number

    def give(self, number: int) -> None:
        """Give room back."""
        self.taken -= number
