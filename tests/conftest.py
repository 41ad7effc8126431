"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

# A loaded machine is slow without being wrong; speed is measured in benchmarks/.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def coarse_figures() -> Iterator[None]:
    """Write figures' PNGs at a tenth of their resolution: a third of the time of a tiny run goes into pixels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leukoscope.reports.figures.saving.PNG_DPI", 20)
        yield
