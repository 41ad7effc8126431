"""Dark and light, small and large, on paper, and names that would be markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Visit = Callable[..., Any]
EVIL = "<img src=x onerror=alert(1)>.png"
WIDE = "[document.documentElement.scrollWidth, innerWidth]"
# WCAG 2.1's contrast of every text that is on the page, against the first ground that is not clear.
CONTRASTS = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = numbers(colour).slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      const parts = numbers(colour);
      if (parts.length < 4 || parts[3] === 1) return colour;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const words = [...node.childNodes].filter((one) => one.nodeType === 3).map((one) => one.data.trim()).join("");
    if (!words || !node.checkVisibility() || node.closest("svg, :disabled, noscript")) continue;
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) poor.push(`${contrast.toFixed(2)}: ${words.slice(0, 40)}`);
  }
  return poor;
}"""


def answered(visit: Visit, stub: Any, **settings: Any) -> Any:
    page = visit(stub.url, **settings)
    page.click("#example")
    page.wait_for_selector("#result-title")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(visit: Visit, diagnosing: Any, scheme: str) -> None:
    page = answered(visit, diagnosing, color_scheme=scheme)
    page.click(".tile >> nth=0")
    page.select_option("#own-label", "hem")
    page.wait_for_selector("#heat-map")
    assert page.evaluate(CONTRASTS) == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, re.findall(r"\d+", paper))) < 80) == (scheme == "dark")


def test_a_small_screen(visit: Visit, diagnosing: Any) -> None:
    page = visit(diagnosing.url, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    page.wait_for_selector("#ask:not([hidden])")
    page.click("summary")
    assert page.evaluate(WIDE) == [360, 360]
    page.click("#example")
    page.wait_for_selector("#result-title")
    assert page.evaluate(WIDE) == [360, 360]
    page.click(".tile >> nth=1")
    page.wait_for_selector("#heat-map")
    assert page.evaluate(WIDE) == [360, 360]
    inside = page.evaluate(
        "[document.querySelector('.cell-inside').scrollWidth, document.querySelector('.cell-inside').clientWidth]"
    )
    assert inside[0] <= inside[1]
    assert page.locator(".research").is_visible()


def test_a_name_that_would_be_markup(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    cell = (folder / "a1.png").read_bytes()
    page.set_input_files("#files", [{"name": EVIL, "mimeType": "image/png", "buffer": cell}])
    page.wait_for_selector("#picked strong")
    page.fill("#patient-name", "<script>alert(2)</script>")
    page.click("#go")
    page.wait_for_selector("#result-title")
    assert page.inner_text("#result-title") == "Patient <script>alert(2)</script>"
    page.click(".tile")
    page.wait_for_selector("#heat-map")
    assert page.inner_text(".cell-name") == EVIL
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.click("#save-report")
    report = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert "<script" not in report
    assert "<img src=x" not in report
    assert "&lt;img src=x onerror=alert(1)&gt;.png" in report


def test_the_report_stands_alone(visit: Visit, browser: Any, diagnosing: Any, tmp_path: Path) -> None:
    page = answered(visit, diagnosing)
    page.click(".tile >> nth=0")
    page.select_option("#own-label", "hem")
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.click("#save-report")
    assert waiting.value.suggested_filename == "leukoscope-Example.html"
    kept = tmp_path / "report.html"
    waiting.value.save_as(kept)
    context = browser.new_context()
    alone, asked = context.new_page(), list[str]()
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(kept.as_uri())
    said = alone.inner_text("body")
    for words in (
        "Research use only; not a medical device",
        "Patient Example",
        "73\u00a0%",
        "Stated facts: Age 61\u00a0years; Sex not known.",
        "Labels given by a person: drawn_00.png: normal.",
        "These cells are drawn by a program",
        "Area under the ROC curve 0.956 (0.926 to 0.974)",
    ):
        assert words in said
    assert alone.locator("img").count() == 12
    assert all(url.startswith(("file:", "data:")) for url in asked)
    pages = alone.pdf(format="A4").count(b"/Type /Page\n")
    context.close()
    assert pages == 1


def test_print(visit: Visit, diagnosing: Any) -> None:
    page = answered(visit, diagnosing)
    page.wait_for_selector("#report h1", state="attached")
    page.emulate_media(media="print")
    assert page.is_visible("#report")
    assert page.is_hidden("main.screen")
    assert page.is_visible(".report-research")
    assert page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_leakage_is_said_in_red(visit: Visit, diagnosing: Any) -> None:
    diagnosing.bundle["leakage"] = "patients on both sides"
    page = visit(diagnosing.url)
    page.wait_for_selector(".alarm")
    assert page.inner_text(".alarm") == (
        "Leakage: this model's scores are not those on unseen patients. Do not go by them.\n\n"
        "What is known of it: “patients on both sides”"
    )


def test_pictures_are_let_go_of(visit: Visit, diagnosing: Any) -> None:
    page = answered(visit, diagnosing)
    url = page.get_attribute(".tile img", "src")
    assert url.startswith("blob:")
    page.click("#anew")
    gone = """(url) => new Promise((done) => {
      const image = new Image();
      image.onerror = () => done(true);
      image.onload = () => done(false);
      image.src = url;
    })"""
    assert page.evaluate(gone, url)
