"""The public data sets: one file each, in the order in which they are listed."""

from __future__ import annotations

from leukoscope.errors import SettingsError, nearest
from leukoscope.fetching.source import Source
from leukoscope.fetching.sources import all_idb, bccd, bloodmnist, cnmc, lyon, matek, pbc, segmentation_wbc

__all__ = ["SOURCES", "named_source"]

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        bloodmnist.SOURCE,
        pbc.SOURCE,
        cnmc.SOURCE,
        matek.SOURCE,
        lyon.SOURCE,
        all_idb.SOURCE,
        segmentation_wbc.SOURCE,
        bccd.SOURCE,
    )
}


def named_source(name: str) -> Source:
    """Return the source of a name.

    Raises:
        SettingsError: there is none.
    """
    if name not in SOURCES:
        raise SettingsError(f"No data set {name!r} is known.", do=nearest(name, SOURCES))
    return SOURCES[name]
