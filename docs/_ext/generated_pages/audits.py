"""The audits of public data sets: a page of findings in words, and where pictures are at hand one that shows them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from generated_pages.beside_real import REAL
from generated_pages.markdown import plain, table
from leukoscope.cohort.readers import READERS
from leukoscope.reports.audit_counts import class_table
from leukoscope.reports.audit_rows import SEVERITIES, rank, seldom_wanted, short_table
from leukoscope.reports.audit_tables import shown_tables
from leukoscope.reports.audit_titles import finding_title
from leukoscope.reports.words import capitalised

DOCS = Path(__file__).parents[2]
PAGES = DOCS / "reference" / "generated" / "audits"
"""Folders of audits with pictures, one a set; git ignores them, and the build copies them."""
SETS = ("cnmc", "lyon", "pbc", "matek", "segmentation_wbc", "bccd")
"""The sets, each by the name of its folder, which is that of its reader."""
ROWS = 8
DATE = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\b")
SHOWN = """```{{raw}} html
<p><a href="pages/{name}/audit.html"><strong>The audit's page, with the pictures</strong></a></p>
```
"""
NOT_SHOWN = """The pictures are other people's and do not come with Leukoscope. With a copy of the set in `{name}/`,
`leukoscope audit {name} --reader {name} --out audit` writes the page that shows them, `audit/audit.html`.
"""


def page_links(pages: Path = PAGES) -> dict[str, Callable[[], str]]:
    """Return a piece for each set: where its page with pictures is, or how to make it."""
    return {f"audit-page-{name}": partial(_page_link, name, pages) for name in SETS}


def copy_pages(built: Path, pages: Path = PAGES) -> None:
    """Copy the pages with pictures, where there are any, beside the built ones.

    Args:
        built: Folder of the built documentation.
        pages: Folders of audits, one a set.
    """
    for name in SETS:
        if (pages / name / "audit.html").is_file():
            shutil.copytree(pages / name, built / "audits" / "pages" / name, dirs_exist_ok=True)


def at_hand(real: Path = REAL) -> list[str]:
    """Return the sets whose pictures lie beside the project and that there is a reader for."""
    return [name for name in SETS if name in READERS and (real / name).is_dir()]


def findings_page(name: str, record: dict[str, Any]) -> str:
    """Return an audit as a page without pictures.

    Args:
        name: The set's.
        record: What ``audit.json`` holds.
    """
    found = sorted(record["findings"], key=lambda finding: rank(finding["severity"]))
    title, _, more = READERS[name].description.title.partition(": ")
    pieces = [
        f"# {plain(title)}",
        f"{plain(capitalised(more))}." if more else "",
        f"```{{include}} ../reference/generated/audit-page-{name}.md\n```",
        _summary(record, found),
    ]
    for severity in SEVERITIES:
        of_kind = [finding for finding in found if finding["severity"] == severity]
        pieces += [f"## {severity.capitalize()}s"] if of_kind else []
        pieces += [_finding(finding, record["counts"]) for finding in of_kind]
    return "\n\n".join(piece.rstrip() for piece in pieces if piece) + "\n"


def _page_link(name: str, pages: Path) -> str:
    return (SHOWN if (pages / name / "audit.html").is_file() else NOT_SHOWN).format(name=name)


def _summary(record: dict[str, Any], found: list[dict[str, Any]]) -> str:
    counted = class_table(record["counts"])
    rows = [[plain(value) for value in row] for row in counted.rows]
    rows.append([f"**{plain(value)}**" for value in counted.all])
    numbers = [sum(finding["severity"] == severity for finding in found) for severity in SEVERITIES]
    said = ", ".join(
        f"{number} {name if number == 1 else name + 's'}" for name, number in zip(SEVERITIES, numbers, strict=True)
    )
    head = ["Class", *counted.columns]
    return f"{table(head, rows)}\nThe audit of the part at hand found {said}."


def _finding(finding: dict[str, Any], counts: dict[str, Any]) -> str:
    do = f"\n\n*What to do:* {plain(finding['do'])}" if finding["do"] else ""
    tables = "\n".join(_table(name, rows) for name, rows in shown_tables(finding, counts).items())
    return f"### {finding_title(finding['code'])}\n\n{plain(finding['sentence'])}{do}\n\n{tables}"


def _table(name: str, rows: list[Any]) -> str:
    short = short_table(name, rows, ROWS, seldom_wanted(rows) | _dated(rows))
    if not short["columns"]:
        return ""
    more = f"\nand {short['more']:,} more.\n" if short["more"] else ""
    head = [plain(column) for column in short["columns"]]
    return f"{short['title']}:\n\n{table(head, [[plain(value) for value in row] for row in short['rows']])}{more}"


def _dated(rows: list[Any]) -> set[str]:
    """Return the columns with a date in any row: a date of birth is a fact of a person, and stays out of the docs."""
    of_rows = (row.items() for row in rows if isinstance(row, dict))
    return {column for items in of_rows for column, value in items if DATE.search(str(value))}
