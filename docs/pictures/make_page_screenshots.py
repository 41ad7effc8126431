"""Take pictures of the service's page while it is used: ``page_*.png``.

    leukoscope train drawn-patients --set drawn.patients=80 --set drawn.cells=16 --set drawn.size=96 \\
        --set drawn.background=smear --set drawn.malignant_share=0.4 --set framing='[{resize: 64}]' \\
        --set model.cut=layer3 --set refer.calibrate=platt --set refer.coverage=0.7 --set stages.0.epochs=20 \\
        --set bag.cells=16 --out runs/drawn
    leukoscope serve runs/drawn/bundle --port 8000
    python docs/pictures/make_page_screenshots.py http://127.0.0.1:8000/

The patients are drawn, as are the page's own example and the fields: no person's cells in the docs.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browser import browser_path
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from leukoscope.drawn import draw_look
from leukoscope.drawn.whole_field import draw_field
from leukoscope.randomness import generator

HERE = Path(__file__).parent
KINDS = ("lymphocyte", "segmented_neutrophil", "monocyte", "lymphocyte")
WIDE, NARROW = {"width": 1180, "height": 900}, {"width": 360, "height": 720}
COLOURS = 256
PATIENCE = 180_000  # ms


def main() -> None:
    """Take the pictures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the page is")
    parser.add_argument("--out", type=Path, default=HERE, help="the folder to write to")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for take in (_light, _error, _fields):
            with _page(browser, asked.url, "light", WIDE) as page:
                take(page, asked.out)
        with _page(browser, asked.url, "dark", WIDE) as page:
            _dark(page, asked.out)
        with _page(browser, asked.url, "light", NARROW) as page:
            _narrow(page, asked.out)
        browser.close()


@contextmanager
def _page(browser: Browser, url: str, colours: str, size: dict[str, int]) -> Iterator[Page]:
    context = browser.new_context(viewport=size, color_scheme=colours, device_scale_factor=1.5)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#ask:not([hidden])")
    yield page
    context.close()


def _light(page: Page, out: Path) -> None:
    _take(page, out / "page_light_form.png")
    _example(page)
    _take(page, out / "page_light_answer.png")
    _why(page)
    page.select_option("#own-label", index=1)
    page.keyboard.press("Escape")
    page.wait_for_timeout(1000)  # the report is made a moment later
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 760, "height": 1000})
    _take(page.locator("#report"), out / "page_report.png")


def _dark(page: Page, out: Path) -> None:
    _example(page)
    _why(page)
    _take(page, out / "page_dark_cell.png")


def _narrow(page: Page, out: Path) -> None:
    _example(page)
    _take(page, out / "page_narrow_answer.png")


def _example(page: Page) -> None:
    page.click("#example")
    page.wait_for_selector("#result-title")
    page.wait_for_timeout(500)


def _why(page: Page) -> None:
    page.click(".tile >> nth=0")
    page.wait_for_selector("#heat-map")
    page.evaluate("Promise.all([...document.querySelectorAll('dialog img')].map((image) => image.decode()))")


def _error(page: Page, out: Path) -> None:
    page.set_input_files("#files", {"name": "cell.png", "mimeType": "image/png", "buffer": b"\x89PNG but no more"})
    page.click("#go:not(:disabled)")
    page.wait_for_selector("#problem .problem")
    _take(page, out / "page_error.png")


def _fields(page: Page, out: Path) -> None:
    pixels = draw_field(KINDS, size=480, look=draw_look(0, "page"), generator=generator(1, "page")).pixels
    with tempfile.TemporaryDirectory() as folder:
        field = Path(folder) / "field.png"
        Image.fromarray(pixels).save(field)
        page.check("input[name=kind][value=fields]")
        page.set_input_files("#files", field)
        page.click("#go:not(:disabled)")
        page.wait_for_selector("#found-title")
        page.wait_for_timeout(300)
    _take(page.locator("#fields-found"), out / "page_fields.png")


def _take(shown: Page | Locator, path: Path) -> None:
    with Image.open(io.BytesIO(shown.screenshot())) as image:
        # As in ``browser.photograph``: a palette makes the file a third as large.
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
