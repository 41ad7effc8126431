"""How long a training still takes, and how to say it."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE = 60
HOUR = 3600


@dataclass
class TimeLeft:
    """Estimates the rest of a training from the pace of the present epoch, or of the former while it is young.

    Args:
        epochs: Epochs of all stages together.
    """

    epochs: int
    epoch: int = 0
    started: float = 0.0
    former: float | None = None

    def begin_epoch(self, epoch: int, now: float) -> None:
        """Start an epoch's clock; ``now`` in seconds."""
        self.epoch, self.started = epoch, now

    def end_epoch(self, now: float) -> float:
        """Stop it, and return the epoch's seconds."""
        self.former = now - self.started
        return self.former

    def seconds(self, share: float, now: float) -> float | None:
        """Return the seconds left with a share (0 to 1) of the present epoch done; None while nothing is known."""
        spent = now - self.started
        # Stages cost differently: once a fifth is done the present epoch knows better than the former.
        own = spent / share if share > 0 else None
        whole = self.former if self.former is not None and share < 0.2 else own  # noqa: PLR2004
        return None if whole is None else max(whole * (self.epochs - self.epoch + 1) - spent, 0.0)


def duration(seconds: float) -> str:
    """Return a span of time in words.

    Example:
        >>> [duration(seconds) for seconds in (7.2, 190, 7300)]
        ['7 s', '3 min', '2 h 2 min']
    """
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / MINUTE)
    return f"{minutes} min" if seconds < HOUR else f"{minutes // MINUTE} h {minutes % MINUTE} min"
