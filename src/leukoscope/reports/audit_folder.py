"""The folder of an audit: the name of everything in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

SHOWN_COLUMNS: dict[str, pl.DataType] = {
    "finding": pl.String(),
    "group": pl.Int64(),
    "place": pl.Int64(),
    "view": pl.String(),
    "id": pl.String(),
    "patient": pl.String(),
    "label": pl.String(),
    "file": pl.String(),
    "problem": pl.String(),
    "shown_under": pl.String(),
    "kind": pl.String(),
    "correlation": pl.Float64(),
    "degrees": pl.Float64(),
    "flipped": pl.Boolean(),
    "beyond": pl.Int64(),
    "width": pl.Int64(),
    "height": pl.Int64(),
    "mode": pl.String(),
}
"""The columns of ``pictures.csv``: a row a thumbnail.

``finding`` is the finding's name in the folder, ``group`` numbers what is shown side by side, ``place`` the pictures of
a group, both from 0; ``view`` is ``as it is`` or ``turned``; ``file`` is relative to the folder, null where the picture
cannot be shown for the reason in ``problem``, stands on the page already (``shown_under`` names the finding) or is one
too many. The others are what the finding's own rows say of it, null where nothing.
"""
AS_IT_IS, TURNED = "as it is", "turned"


@dataclass(frozen=True)
class AuditFolder:
    """Where an audit keeps what.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """Counts and findings, with every row behind them."""
        return self.path / "audit.json"

    @property
    def tables(self) -> Path:
        """The rows behind each finding, a csv each: ``tables/FINDING.TABLE.csv``."""
        return self.path / "tables"

    @property
    def pictures(self) -> Path:
        """Thumbnails of the pictures that findings show."""
        return self.path / "pictures"

    @property
    def shown(self) -> Path:
        """Which thumbnail shows which picture, for which finding, beside which others."""
        return self.path / "pictures.csv"

    @property
    def figures(self) -> Path:
        """Figures of the page, as SVG and PNG."""
        return self.path / "figures"

    @property
    def page(self) -> Path:
        """The page that tells it all."""
        return self.path / "audit.html"

    def table(self, finding: str, name: str) -> Path:
        """Return where the rows of one table of a finding stand.

        Args:
            finding: The finding's name in the folder, as ``finding_names`` gives it.
            name: The table's.
        """
        return self.tables / f"{finding}.{name}.csv"


def finding_names(codes: Iterable[str]) -> list[str]:
    """Return a name for each finding that is unique within its folder: the code, numbered where it comes again.

    Args:
        codes: The findings' codes in the order of ``audit.json``.

    Example:
        >>> finding_names(["unreadable", "shortcut", "shortcut"])
        ['unreadable', 'shortcut', 'shortcut-2']
    """
    seen: Counter[str] = Counter()
    names = []
    for code in codes:
        seen[code] += 1
        names.append(code if seen[code] == 1 else f"{code}-{seen[code]}")
    return names
