"""What size of pictures a bundle expects of single cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leukoscope.bundles.fields import is_ensemble, read_fields
from leukoscope.pictures.framing import CenterCrop, parse_framing


def expected_side(bundle: Path) -> int | None:
    """Return the side in px that a bundle cuts out of the middle of a picture; None where it takes the whole picture.

    The bundle's weights are not read. Of several models together it is the largest side.

    Args:
        bundle: The bundle's folder.

    Raises:
        BundleError: it is no bundle, or damaged.
    """
    sides = [side for framing in _framings(bundle) if (side := _side(framing)) is not None]
    return max(sides, default=None)


def _framings(bundle: Path) -> Iterator[list[dict[str, Any]]]:
    fields = read_fields(bundle)
    if is_ensemble(fields):
        for member in fields["members"]:
            yield from _framings(bundle / member["folder"])
    else:
        yield fields["framing"]


def _side(entries: list[dict[str, Any]]) -> int | None:
    first = next(iter(parse_framing(entries).steps), None)
    return max(first.size) if isinstance(first, CenterCrop) else None
