"""The bundles in an ensemble's folder, and what one types to use them; formatting alone."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from leukoscope.files import read_json
from leukoscope.reports.ensemble_folder import EnsembleFolder

CARD = "bundle.json"
Row = dict[str, Any]


def bundle_rows(folder: Path, record: Row) -> list[Row]:
    """Return the bundles that hold all members and a rule: that of an ensemble's run, and those of single rules.

    Args:
        folder: The ensemble's folder.
        record: ``ensemble.json``.

    Returns:
        ``rule`` (its title), ``link`` (relative to the folder), ``command`` (what is typed beside the folder to call
        pictures); none where no bundle was asked for.

    Raises:
        DataError: a bundle's card is damaged.
    """
    place = EnsembleFolder(Path(folder))
    own = [(place.bundle, None), *((place.rule(name) / "bundle", name) for name in record["rules"])]
    return [_row(place.path, path, name, record) for path, name in own if (path / CARD).is_file()]


def _row(folder: Path, path: Path, rule: str | None, record: Row) -> Row:
    link = path.relative_to(folder)
    name = read_json(path / CARD)["rule"] if rule is None else rule
    typed = shlex.quote(str(Path(folder.resolve().name) / link))
    return {
        "rule": record["rules"][name]["title"],
        "link": f"{link.as_posix()}/",
        "command": f"leukoscope predict {typed} PICTURES --out said.csv",
    }
