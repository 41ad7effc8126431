"""Small tables of what the library has by name: a run's files, the audit's checks, the scores."""

from __future__ import annotations

import inspect
from pathlib import Path

from generated_pages.markdown import code, plain, prose, table
from leukoscope.audit.checks import CHECKS
from leukoscope.evaluation.names import BINARY_ONLY, OF_ALL, TITLES
from leukoscope.models.measures import DESCRIBED
from leukoscope.reports.audit_folder import AuditFolder
from leukoscope.reports.score_rows import MEANINGS
from leukoscope.runs.folder import RunFolder


def run_folder() -> str:
    """Return the files of a run's folder, from the properties that name them."""
    return _files_of(RunFolder(Path()))


def audit_folder() -> str:
    """Return the files of an audit's folder, from the properties that name them."""
    return _files_of(AuditFolder(Path()))


def audit_checks() -> str:
    """Return the checks of the audit, in their order."""
    rows = [(code(check.__name__), prose((inspect.getdoc(check) or "").partition("\n\n")[0])) for check in CHECKS]
    return table(("check", "what it does"), rows)


def scores() -> str:
    """Return the scores by their names in ``scores.json``."""
    rows = [
        (
            code(name),
            plain(TITLES[name]),
            plain(MEANINGS.get(name, "")) + (" (two classes)" if name in BINARY_ONLY else ""),
        )
        for name in OF_ALL
    ]
    return table(("name", "score", "what it says"), rows)


def cell_measures() -> str:
    """Return the named measures of a cell, as ``model.measures`` takes them: the ten, then the hand-crafted ones."""
    rows = [(code(one.name), plain(one.unit), plain(one.meaning)) for one in DESCRIBED.values()]
    return table(("measure", "unit", "what it says"), rows)


def _files_of(folder: RunFolder | AuditFolder) -> str:
    kind = type(folder)
    members = [name for name, value in vars(kind).items() if isinstance(value, property)]
    rows = [(code(str(getattr(folder, name))), prose(inspect.getdoc(getattr(kind, name)) or "")) for name in members]
    return table(("file", "what it holds"), rows)
