from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from leukoscope.bundles.model_card.markdown import bullets, page, plain, table

HOSTILE = "a|b <script>alert(1)</script> *x* `y` [z](http://w) \\| &lt; # _e_ $1$ ~q~ a_b"


def test_whatever_a_stranger_wrote_is_read_as_they_wrote_it() -> None:
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(table(["n|me"], [[HOSTILE], ["next"]]))
    shown = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"<td>{shown}</td>" in html
    assert "<th>n|me</th>" in html
    assert html.count("<tr>") == 3
    assert "<em>" not in html


@pytest.mark.parametrize("text", ["two\nlines", "two\r\n\tlines", "two\u2028lines", "two\x00 \u202elines"])
def test_a_value_stays_on_one_line(text: str) -> None:
    assert plain(text) == "two lines"


def test_a_list_says_what_is_not_known() -> None:
    assert (
        bullets([("Made by", None), ("", "a line"), ("A*", 3)]) == "- **Made by:** not known\n- a line\n- **A\\*:** 3"
    )


def test_a_page_has_no_holes() -> None:
    assert page(["# a", "", "b"]) == "# a\n\nb\n"
