"""Figures and pictures inside the page: nothing is fetched, no id stands twice, colours follow light and dark mode."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from xml.etree import ElementTree as ET

from markupsafe import Markup
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.reports.figures.saving import Drawn
from leukoscope.reports.figures.style import COLOURS, FAINT, INK, LEAK, MUTED, PAPER

PAGE_COLOURS = {
    INK: "var(--ink)",
    FAINT: "var(--line)",
    MUTED: "var(--muted)",
    PAPER: "var(--card)",
    LEAK: "var(--bad)",
}
PAGE_COLOURS |= {colour: f"var(--class-{place})" for place, colour in enumerate(COLOURS)}
LEFT_OUT = {"metadata", "style", "title"}
PAINT = ("fill", "stroke")
LARGEST_PNG = 400_000
WEBP_QUALITY = 86


def inline_svg(drawn: Drawn) -> Markup:
    """Return a saved figure as an ``<svg>`` element for the page.

    Ids get the figure's name in front, namespaces and style sheets go (a style sheet within a page would hold for the
    whole page), and the colours of the house become the page's own.

    Args:
        drawn: The figure; its ``alt`` becomes the element's label.
    """
    root = ET.fromstring(drawn.svg)  # noqa: S314 - our own file, written a moment ago
    _clean(root, f"{drawn.name}-")
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update({"role": "img", "aria-label": drawn.alt})
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - a serialised tree is escaped


def picture_uri(path: Path) -> str:
    """Return a png as a ``data:`` address; a heavy one is packed as WebP so that the page stays light.

    Args:
        path: The png, which itself stays as it is.

    Raises:
        DataError: it cannot be read.
    """
    content, kind = path.read_bytes(), "png"
    if len(content) > LARGEST_PNG:
        content, kind = _as_webp(path), "webp"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def picture_size(path: Path) -> tuple[int, int]:
    """Return width and height of a picture in pixels.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with Image.open(path) as opened:
            return opened.size
    except OSError as error:
        raise DataError(f"This picture of the report cannot be read: {error}.", where=str(path)) from None


def _as_webp(path: Path) -> bytes:
    packed = io.BytesIO()
    try:
        with Image.open(path) as opened:
            opened.save(packed, format="WEBP", quality=WEBP_QUALITY, method=4)
    except OSError as error:
        raise DataError(f"This picture of the report cannot be read: {error}.", where=str(path)) from None
    return packed.getvalue()


def _clean(element: ET.Element, prefix: str) -> None:
    element.tag = _local(element.tag)
    attributes = {_local(name): _exchanged(_local(name), value, prefix) for name, value in element.attrib.items()}
    # A variable is understood in a style alone, not in an attribute of its own.
    painted = [f"{name}: {attributes.pop(name)}" for name in PAINT if "var(" in attributes.get(name, "")]
    if painted:
        attributes["style"] = "; ".join([*painted, *filter(None, [attributes.get("style")])])
    element.attrib.clear()
    element.attrib.update(attributes)
    for child in list(element):
        if _local(child.tag) in LEFT_OUT:
            element.remove(child)
        else:
            _clean(child, prefix)


def _local(name: str) -> str:
    """Return a name without its namespace.

    Example:
        >>> _local("{http://www.w3.org/2000/svg}path")
        'path'
    """
    return name.rpartition("}")[2]


def _exchanged(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name == "href":
        return value.replace("#", f"#{prefix}", 1)
    for own, page in PAGE_COLOURS.items():
        value = value.replace(own, page)
    return value.replace("url(#", f"url(#{prefix}")
