from __future__ import annotations

import jinja2
import pytest

from leukoscope.reports.templates import environment, style


def test_values_are_escaped_and_missing_ones_are_an_error() -> None:
    template = environment().from_string("{{ value }}")
    assert template.render(value="<b>") == "&lt;b&gt;"
    with pytest.raises(jinja2.UndefinedError):
        template.render()


def test_style_sheets_stand_one_after_the_other() -> None:
    both = style("page.css", "audit.css")
    assert both == f"{style('page.css')}\n{style('audit.css')}"
    assert ":root" in style("page.css")
