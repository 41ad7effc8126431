"""Getting public data sets: what can be fetched is fetched and checked; for the others, what a person must do."""

from __future__ import annotations

from leukoscope.fetching.fetching import Fetched, fetch
from leukoscope.fetching.source import Source
from leukoscope.fetching.sources import SOURCES, named_source

__all__ = ["SOURCES", "Fetched", "Source", "fetch", "named_source"]
