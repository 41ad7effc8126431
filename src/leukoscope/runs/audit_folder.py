"""An audit as a folder: its record, its tables, the pictures it shows, and the page that tells it all."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.audit import Audit
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import SettingsError
from leukoscope.files import replacing_folder, write_json, write_table
from leukoscope.reports import write_audit_page
from leukoscope.reports.audit_folder import AuditFolder, finding_names
from leukoscope.reports.audit_rows import rank
from leukoscope.runs.audit_groups import groups_of
from leukoscope.runs.audit_thumbnails import write_thumbnails
from leukoscope.runs.folder import now, versions


def write_audit(
    found: Audit, cohort: Cohort, pictures: pl.DataFrame, folder: Path | str, *, crop: int | None = None
) -> Path:
    """Write an audit's folder: ``audit.json``, ``tables/``, ``pictures/``, ``pictures.csv`` and ``audit.html``.

    The folder is new, empty, or holds an earlier audit, which is replaced once the new one is whole.

    Args:
        found: The audit.
        cohort: What was audited.
        pictures: The pictures table that the intake made.
        folder: Where to.
        crop: Side in pixels of the centre square that was audited, drawn in where a cell reaches beyond it.

    Returns:
        The page.

    Raises:
        SettingsError: the folder holds something else.
    """
    place = AuditFolder(Path(folder).resolve())
    refuse_other(place)
    names = finding_names(finding.code for finding in found.findings)
    findings = list(zip(names, found.findings, strict=True))
    with replacing_folder(place.path) as path:
        new = AuditFolder(path)
        write_json(new.record, {**found.as_json(), "read": _how_read(cohort)})
        for name, finding in findings:
            for key, table in finding.tables.items():
                write_table(new.table(name, key), _flat(table))
        worst_first = sorted(findings, key=lambda named: rank(named[1].severity))
        write_table(new.shown, write_thumbnails(new, groups_of(worst_first), cohort, pictures, crop=crop))
        write_audit_page(path)
    return place.page


def refuse_other(folder: AuditFolder) -> None:
    """Refuse a folder that holds anything but an earlier audit; one that is new or empty is fine.

    Args:
        folder: The folder.

    Raises:
        SettingsError: it is a file, or holds something else.
    """
    if not folder.path.exists():
        return
    if folder.path.is_dir():
        own = {path.name for path in (folder.record, folder.tables, folder.pictures, folder.shown, folder.figures)}
        held = {entry.name for entry in folder.path.iterdir()}
        if not held or (folder.record.name in held and held <= own | {folder.page.name}):
            return
    what = "This folder is not empty, and holds something else than an audit."
    raise SettingsError(what, where=str(folder.path), do="Name another --out.")


def _how_read(cohort: Cohort) -> dict[str, object]:
    return {"at": now(), "leukoscope": versions()["leukoscope"], "reader": cohort.reader}


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table with lists joined, as a csv can hold them."""
    lists = [name for name, kind in table.schema.items() if isinstance(kind, pl.List)]
    return table.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join("; ") for name in lists)
