"""Pages of the documentation that are made of the code itself, so that they cannot drift from it.

Sphinx calls ``setup``; before each build the pieces are written to ``reference/generated/`` (which git ignores), and
the pages include them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from generated_pages.audits import copy_pages, page_links
from generated_pages.beside_real import beside_real
from generated_pages.command_line import command_line
from generated_pages.datasets import datasets
from generated_pages.modules import rooms
from generated_pages.recipes import recipes
from generated_pages.settings import settings
from generated_pages.tables import audit_checks, audit_folder, cell_measures, run_folder, scores

__all__ = ["PIECES", "setup", "write_pieces"]

PIECES: dict[str, Callable[[], str]] = {
    "audit-checks": audit_checks,
    "audit-folder": audit_folder,
    "beside-real": beside_real,
    "cell-measures": cell_measures,
    "command-line": command_line,
    "datasets": datasets,
    "recipes": recipes,
    "run-folder": run_folder,
    "scores": scores,
    "settings": settings,
    **page_links(),
    **rooms(),
}
"""Name of the piece to the function that makes it."""


def write_pieces(folder: Path) -> list[Path]:
    """Write every piece to ``folder`` and return the files; one that is unchanged keeps its time, for quick builds."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_written(folder / f"{name}.md", make()) for name, make in PIECES.items()]


def setup(app: Any) -> dict[str, Any]:  # noqa: ANN401 - Sphinx is not there where this is tested
    """Register with Sphinx."""
    app.connect("builder-inited", lambda built: write_pieces(Path(built.srcdir) / "reference" / "generated"))
    app.connect("build-finished", lambda built, failure: None if failure else copy_pages(Path(built.outdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _written(path: Path, text: str) -> Path:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path
