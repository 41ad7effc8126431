"""What Prometheus is told: requests, seconds, the line, pictures, batches; of the service alone, not of the process."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

NAME = "leukoscope"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
CELLS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Counts in a registry of its own, so that two services in one process do not mix."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        here = self.registry
        self._requests = Counter(f"{NAME}_requests", "Requests answered.", ["route", "status"], registry=here)
        self._seconds = Histogram(
            f"{NAME}_request_seconds", "Seconds to an answer.", ["route"], buckets=SECONDS, registry=here
        )
        self._pictures = Counter(f"{NAME}_pictures", "Pictures that came.", ["outcome"], registry=here)
        self._batches = Histogram(
            f"{NAME}_batch_cells", "Cells that go through the network together.", buckets=CELLS, registry=here
        )
        self._line = Gauge(
            f"{NAME}_queue_length", "Requests that wait for the network, or are before it.", registry=here
        )
        for outcome in ("read", "unreadable"):
            self._pictures.labels(outcome)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            route: The path as it is declared, never as it was asked for.
            status: Of HTTP.
            seconds: How long the answer took.
        """
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def pictures(self, read: int, unreadable: int) -> None:
        """Count pictures."""
        self._pictures.labels("read").inc(read)
        self._pictures.labels("unreadable").inc(unreadable)

    def batch(self, cells: int) -> None:
        """Count a batch."""
        self._batches.observe(cells)

    def queue_length(self, ask: Callable[[], float]) -> None:
        """Say what is asked for the length of the line whenever someone looks."""
        self._line.set_function(ask)

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self.registry)
