from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.reports.embedding import inline_svg, picture_size, picture_uri
from leukoscope.reports.figures.saving import Drawn

SVG = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="10pt" viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg">
 <metadata>made by</metadata><style type="text/css">*{stroke: red}</style>
 <defs><path id="p"/><pattern id="h"><rect fill="#d55e00"/></pattern></defs>
 <use xlink:href="#p" style="fill: url(#h); stroke: #1f2328"/>
 <text style="fill: #101418">id="x" &lt;b&gt; #1f2328</text>
</svg>"""


def test_an_inlined_figure_brings_nothing_that_holds_for_the_page() -> None:
    found = str(inline_svg(Drawn("roc", 'A "curve" <script>', SVG, 400)))
    assert not re.search("http|xmlns|xlink|metadata|<style|width=", found)
    assert 'id="roc-p"' in found
    assert 'href="#roc-p"' in found
    assert "url(#roc-h)" in found
    assert 'role="img"' in found
    assert 'aria-label="A &quot;curve&quot; &lt;script&gt;"' in found


def test_colours_of_the_house_become_the_pages_own() -> None:
    found = str(inline_svg(Drawn("roc", "", SVG, 400)))
    assert "stroke: var(--ink)" in found
    # A variable in the attribute itself would be black.
    assert '<rect style="fill: var(--class-1)" />' in found
    assert "fill: #101418" in found
    assert '>id="x" &lt;b&gt; #1f2328<' in found


def picture(path: Path, side: int) -> Path:
    pixels = np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_a_light_picture_stays_as_it_is(tmp_path: Path) -> None:
    path = picture(tmp_path / "light.png", 40)
    uri = picture_uri(path)
    assert uri.startswith("data:image/png;base64,")
    assert base64.b64decode(uri.partition(",")[2]) == path.read_bytes()
    assert picture_size(path) == (40, 40)


def test_a_heavy_picture_is_packed(tmp_path: Path) -> None:
    path = picture(tmp_path / "heavy.png", 500)
    uri = picture_uri(path)
    assert uri.startswith("data:image/webp;base64,")
    assert len(uri) < path.stat().st_size
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as opened:
        assert opened.size == (500, 500)


def test_a_damaged_picture_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wrong.png"
    path.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"This picture of the report cannot be read: cannot identify image file .*"):
        picture_size(path)
