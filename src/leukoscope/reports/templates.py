"""The templates of pages: whatever a table says is escaped, and a name that is not given is an error."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

HERE = Path(__file__).parent


@cache
def environment() -> jinja2.Environment:
    """Return what renders the templates of this folder; each is compiled once."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style(*names: str) -> Markup:
    """Return style sheets of this folder, one after the other, as they stand in a page.

    Args:
        names: The files' names.
    """
    sheets = [(HERE / name).read_text(encoding="utf-8") for name in names]
    return Markup("\n".join(sheets))  # noqa: S704 - our own files, without any value of a table in them
