"""From the folder of an audit to one page that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.files import read_formatted, write_text
from leukoscope.reports.audit_counts import class_table, in_all
from leukoscope.reports.audit_folder import AuditFolder, finding_names
from leukoscope.reports.audit_pictures import Gallery, galleries, read_shown
from leukoscope.reports.audit_rows import SEVERITIES, rank, seldom_wanted, short_table
from leukoscope.reports.audit_tables import shown_tables, tables_of
from leukoscope.reports.audit_titles import finding_title
from leukoscope.reports.embedding import inline_svg
from leukoscope.reports.figures import save_figure, shortcut_bars, shown_statistics
from leukoscope.reports.templates import environment, style
from leukoscope.reports.words import day_of

FORMAT = 1
UNSAID = {"at": "", "leukoscope": ""}
MOST_ROWS = 8
FEWEST_BARS = 2
MEANS = {
    "error": "Each flatters or spoils a score wherever it is not taken care of.",
    "warning": "Each can flatter or spoil a score.",
    "note": "Good to know.",
}


def write_audit_page(folder: Path) -> Path:
    """Write ``audit.html`` (and ``figures/``) from the tables of an audit's folder, and from nothing else.

    The page is one file with its pictures in it: no script, no request to anywhere. Written again from the same tables
    it is byte for byte the same. A table that is not there leaves its part out; only ``audit.json`` must be there.

    Args:
        folder: The audit's folder.

    Returns:
        The page.

    Raises:
        DataError: there is no audit, it is of another format, or a table or a thumbnail is damaged.
    """
    place = AuditFolder(Path(folder))
    record = _record(place)
    titles = {row["class"]: row["title"] for row in record["counts"]["classes"]}
    pictures = galleries(place, read_shown(place), titles)
    write_text(place.page, environment().get_template("audit.html").render(_context(place, record, pictures)))
    return place.page


def _record(folder: AuditFolder) -> dict[str, Any]:
    return read_formatted(folder.record, FORMAT, "audit", do="Name the --out of an audit.")


def _context(folder: AuditFolder, record: dict[str, Any], pictures: dict[str, Gallery]) -> dict[str, Any]:
    names = finding_names(finding["code"] for finding in record["findings"])
    named = sorted(zip(names, record["findings"], strict=True), key=lambda pair: rank(pair[1]["severity"]))
    counts, read = record["counts"], {**UNSAID, **(record.get("read") or {})}
    findings = [_finding(folder, name, finding, pictures.get(name), counts) for name, finding in named]
    return {
        "css": style("page.css", "audit.css"),
        "name": record["cohort"],
        "looked_at": class_table(counts),
        "in_all": in_all(counts),
        "groups": {severity: [found for found in findings if found["severity"] == severity] for severity in SEVERITIES},
        "titles": {found["name"]: found["title"] for found in findings},
        "means": MEANS,
        "read": read,
        "date": day_of(read["at"]),
    }


def _finding(
    folder: AuditFolder, name: str, finding: dict[str, Any], gallery: Gallery | None, counts: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "title": finding_title(finding["code"]),
        "severity": finding["severity"],
        "sentence": finding["sentence"],
        "do": finding["do"] or "",
        "count": finding["count"],
        "gallery": gallery,
        "figure": _figure(folder, name, finding),
        "tables": [
            {**short_table(key, rows, MOST_ROWS, seldom_wanted(rows)), "csv": _link(folder, name, key)}
            for key, rows in shown_tables(finding, counts).items()
        ],
    }


def _link(folder: AuditFolder, name: str, key: str) -> str:
    """Return where the whole table stands, from the page; empty where the folder has no such file."""
    path = folder.table(name, key)
    return path.relative_to(folder.path).as_posix() if path.is_file() else ""


def _figure(folder: AuditFolder, name: str, finding: dict[str, Any]) -> dict[str, Any] | None:
    """Return the bars of a finding that compares statistics by their ``auc``; None where there are not several."""
    shown = shown_statistics(tables_of(finding).get("statistics", []))
    if len(shown) < FEWEST_BARS:
        return None
    said = "; ".join(f"{row['statistic']} {row['auc']:.2f}" for row in shown)
    drawn = save_figure(shortcut_bars(shown), folder.figures, name, f"AUC of each statistic alone: {said}.")
    return {"svg": inline_svg(drawn), "width": drawn.width, "alt": drawn.alt}
