"""A patient by a bundle of cells: a mean of probabilities, in which no cell speaks against anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Visit = Callable[..., Any]
MEAN = "the patient's is the mean of all cells'."


def test_the_numbers_are_the_cells_probabilities(visit: Visit, judging: Any) -> None:
    page = visit(judging.url)
    page.click("#example")
    page.wait_for_selector("#result-title")
    assert page.inner_text("#grid-numbers") == (
        f"The number is the probability of “leukaemic” for this cell by itself; {MEAN}"
    )
    said = [float(words.removesuffix("\u00a0%")) for words in page.locator(".tile .figure").all_inner_texts()]
    assert said == sorted(said, reverse=True)
    assert (said[0], said[-1]) == (90, 20)
    assert page.locator("#order option").all_inner_texts()[0] == "probability of “leukaemic”"
    assert page.locator(".pull").count() == 0, "no bar that would speak for or against"
    page.click(".tile >> nth=0")
    page.wait_for_selector("#heat-map")
    assert page.inner_text(".figure-words") == "90\u00a0% probability of “leukaemic”"
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.click("#save-report")
    report = Path(waiting.value.path()).read_text(encoding="utf-8")
    for words in (page.inner_text("#result"), report.partition("</style>")[2]):
        assert "vidence" not in words
        assert "peak" not in words
    assert "Cells with the highest probability of “leukaemic”" in report


def test_of_many_classes_the_number_is_the_patients_class(visit: Visit, judging: Any) -> None:
    judging.bundle |= {"threshold": None, "band": None}
    judging.bundle["classes"] = [
        {"name": name, "title": name, "positive": False} for name in ("hem", "all", "lymphocyte")
    ]
    page = visit(judging.url)
    page.check("input[name=mode][value=patient]")
    page.click("#example")
    page.wait_for_selector("#result-title")
    assert page.inner_text(".tile >> nth=-1").split() == ["20", "%", "hem"], "called hem, and all has 20 %"
    assert page.get_attribute(".tile >> nth=-1", "aria-label").endswith("probability of “all” 20\u00a0%; called hem")


def test_nothing_is_referred_or_calibrated_that_is_not(visit: Visit, judging: Any) -> None:
    page = visit(judging.url)
    page.click("#example")
    page.wait_for_selector("svg.scale")
    assert page.locator(".scale-band").count() == 0, "the band is of cells"
    assert "Referred from" not in page.get_attribute("svg.scale", "aria-label")
    assert "Each cell's probability is calibrated; their mean is not." in page.inner_text(".answer")


def test_a_probability_that_is_none_is_not_0(visit: Visit, judging: Any) -> None:
    usual = judging._patient

    def none(call: Any) -> Any:
        answer = usual(call)
        answer["patient"]["probabilities"] = {"hem": None, "all": None}
        return answer

    judging._patient = none
    page = visit(judging.url)
    page.click("#example")
    page.wait_for_selector("#result-title")
    assert (page.inner_text("#answer"), page.inner_text("#probability")) == ("No answer", "unknown")
    assert page.inner_text(".why") == "The model gave no number for this patient."
    assert page.locator("svg.scale").count() == 0
    assert page.locator("#result .class-share").all_inner_texts() == ["unknown", "unknown"]
