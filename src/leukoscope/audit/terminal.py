"""An audit for the terminal: the counts, then each finding with its mark, what to do and a few examples."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leukoscope.audit.auditing import Audit
from leukoscope.audit.checks.pairing import cut_correlation
from leukoscope.audit.finding import Finding

EXAMPLES = 3
STYLES = {"note": "cyan", "warning": "yellow", "error": "bold red"}
MARKS = {"note": "i", "warning": "!", "error": "X"}


def as_terminal(found: Audit) -> RenderableType:
    """Return an audit as something that a rich console prints.

    Args:
        found: The audit.
    """
    rows = Table.grid(padding=(0, 1))
    rows.add_column(no_wrap=True)
    rows.add_column()
    for finding in found.worst_first:
        if finding.code != "counts":
            rows.add_row(Text(MARKS[finding.severity], STYLES[finding.severity]), _told(finding))
    return Group(_counts(found), Text(), rows, _verdict(found))


def _counts(found: Audit) -> RenderableType:
    patients = found.counts["patients"]
    table = Table(title=f"Audit of {found.name}", title_justify="left", title_style="bold", show_footer=True)
    table.add_column("class", footer="all usable cells")
    table.add_column("cells", justify="right", footer=f"{found.counts['usable']:,}")
    table.add_column("patients", justify="right", footer="not known" if patients is None else f"{patients:,}")
    by_patient = not any(row["cells"] for row in found.counts["classes"])
    for row in found.counts["classes"]:
        of_class = "" if patients is None else f"{row['own' if by_patient else 'patients']:,}"
        table.add_row(Text(row["title"]), f"{row['cells']:,}", of_class)
    return table


def _told(finding: Finding) -> RenderableType:
    said: list[RenderableType] = [Text(finding.sentence)]
    said += [Text(line, "dim") for line in _examples(finding)]
    said += [Text(f"what to do: {finding.do}", "italic")] if finding.do else []
    return Padding(Group(*said), (0, 0, 1, 0))


def _examples(finding: Finding) -> list[str]:
    rows = finding.table
    if finding.severity == "note" or "id" not in "".join(rows.columns):
        return []
    lines = [f"  {_line(row)}" for row in rows.head(EXAMPLES).iter_rows(named=True)]
    more = rows.height - EXAMPLES
    return [*lines, f"  and {more:,} more; --json lists all"] if more > 0 else lines


def _line(row: dict[str, object]) -> str:
    if "id_a" in row:
        return _pair(row)
    shown = [str(row[key]) for key in ("id", "problem", "remarks") if row.get(key) is not None]
    return ": ".join(shown) + (f": {row['beyond']} px" if "beyond" in row else "")


def _pair(row: dict[str, object]) -> str:
    """Two identical pictures are equal; two of one cell are only alike."""
    correlation = row.get("correlation")
    alike = f" {cut_correlation(correlation)}" if isinstance(correlation, float) else ""
    return f"{row['id_a']} {'~' if row['kind'] == 'near' else '='} {row['id_b']} ({row['kind']}{alike})"


def _verdict(found: Audit) -> Text:
    number = len(found.failures)
    if not number:
        if found.of("shortcuts_not_tried") is not None:
            return Text(
                "Nothing was found that spoils or flatters a score, but shortcuts were not looked for.", "yellow"
            )
        return Text("Nothing was found that spoils or flatters a score.", "green")
    worst = "error" if any(finding.severity == "error" for finding in found.failures) else "warning"
    return Text(f"Findings that need attention: {number}.", STYLES[worst])
