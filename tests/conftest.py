"""What holds for all tests."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

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


@contextmanager
def resampling(weights: Callable[..., Any]) -> Iterator[None]:
    """Let ``weights`` stand in for ``evaluation.resampling.replicate_weights`` wherever that is called."""
    with pytest.MonkeyPatch.context() as patch:
        for place in ("missed_at", "missed_pair", "paired", "shares", "spread"):
            patch.setattr(importlib.import_module(f"leukoscope.evaluation.{place}"), "replicate_weights", weights)
        yield


@pytest.fixture(scope="session", autouse=True)
def few_resamples() -> Iterator[None]:
    """Draw 100 resamples for each interval: more take a fifth of a tiny run's time."""
    from leukoscope.evaluation.resampling import replicate_weights  # noqa: PLC0415 - one test starts fast

    def few(units: Any, holding: Any, replicates: int, seed: int) -> Any:
        return replicate_weights(units, holding, min(replicates, 100), seed)

    with resampling(few):
        yield


@pytest.fixture(scope="module", autouse=True)
def all_resamples(request: pytest.FixtureRequest) -> Iterator[None]:
    """Draw as many as are asked for where intervals are what is tested."""
    from leukoscope.evaluation.resampling import replicate_weights  # noqa: PLC0415 - one test starts fast

    if {"comparison", "docs", "evaluation", "real"} & set(request.path.parts):
        with resampling(replicate_weights):
            yield
    else:
        yield


@contextmanager
def without_pages() -> Iterator[None]:
    """Leave the pages of single runs out: other tests look at them, and they take a third of a tiny run's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leukoscope.runs.steps.write_patient_pages", lambda _: None)
        patch.setattr("leukoscope.runs.steps.write_report", lambda _: None)
        yield


@pytest.fixture
def no_pages() -> Iterator[None]:
    with without_pages():
        yield


@pytest.fixture(scope="module")
def no_pages_in_module() -> Iterator[None]:
    with without_pages():
        yield


@pytest.fixture(scope="session")
def quickly() -> Callable[[], AbstractContextManager[None]]:
    """Return ``without_pages``, for what is made once for several tests."""
    return without_pages


@pytest.fixture(scope="module")
def no_sweeping_up() -> Iterator[None]:
    """Leave out the sweep of all memory that statsmodels makes in every correction: a second, after many tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gc.collect", lambda: 0)
        yield


@pytest.fixture(scope="module", autouse=True)
def no_survey(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave the survey of shortcuts out of runs, of which it takes a third; where audits are tested it stays."""
    from leukoscope.audit.shortcuts.survey import Survey  # noqa: PLC0415 - one test starts fast

    with pytest.MonkeyPatch.context() as patch:
        if not {"audit", "docs", "real"} & set(request.path.parts):
            patch.setattr("leukoscope.audit.evidence.survey", lambda *_: Survey())
        yield
