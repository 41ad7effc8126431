"""What the search for twins found."""

from __future__ import annotations

import html
from dataclasses import dataclass

import polars as pl

from leukoscope.errors import counted

KIND = "near"
PAIR_SCHEMA: dict[str, pl.DataType] = {
    "id_a": pl.String(),
    "id_b": pl.String(),
    "kind": pl.String(),
    "correlation": pl.Float64(),
    "degrees": pl.Float64(),
    "flipped": pl.Boolean(),
    "overlap": pl.Float64(),
    "shift": pl.Float64(),
}


@dataclass(frozen=True)
class Twins:
    """Confirmed twins: pictures of one and the same cell that are not equal pixel by pixel.

    Args:
        pairs: One row a pair, sorted by ``id_a`` (always the smaller) and ``id_b``: ``kind`` (``near``),
            ``correlation`` of the pixels (0.6 to 1), ``degrees`` by which the second is turned anticlockwise (0 to
            360; after it was mirrored left to right where ``flipped``), ``overlap`` of the two outlines (the share of
            their union that they have in common; null where the background is not black), and ``shift`` of the
            pictures' middles in sides of the picture (null where the background is black). Pairs connect the pictures
            of one cell: of k such pictures there are at most k - 1. Of identical pictures only the first, in the order
            of ids, is in them.
        overlapping: The same columns, of pictures that share a good part of a field, but were taken of two cells of it:
            no twins, and their labels may differ; still one smear, and what a network is trained on in the one it sees
            again in the other. They are not searched for, only told from twins: more of them may be there.
        compared: Pictures whose fingerprints were compared, each set of identical ones once.
        skipped: Pictures without a fingerprint: unreadable, too small, or showing nothing.
        looked_at: Pairs whose pixels were compared.
    """

    pairs: pl.DataFrame
    overlapping: pl.DataFrame
    compared: int
    skipped: int
    looked_at: int

    def __repr__(self) -> str:
        skipped = f", {self.skipped:,} without a fingerprint" if self.skipped else ""
        return (
            f"Twins: {counted(self.pairs.height, 'near pair')} among {self.compared:,} different pictures, "
            f"{counted(self.overlapping.height, 'pair')} of overlapping fields "
            f"({counted(self.looked_at, 'pair')} looked at pixel by pixel{skipped})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>"
