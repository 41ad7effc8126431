"""One patient after the other: nothing of the one before is used for the next, and no work is lost unasked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Visit = Callable[..., Any]
PATIENCE = 3000
EMPTIED = "The facts and the name were those of the pictures before, so they were emptied."


def until(page: Any, expression: str) -> None:
    """Wait; Playwright's own way makes the browser evaluate text, which the page's rules refuse."""
    for _ in range(PATIENCE):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(expression)


def choose(page: Any, *files: Path) -> None:
    page.wait_for_selector("#fact-age")
    page.set_input_files("#files", list(files))
    until(page, "!document.getElementById('files').value")
    page.wait_for_selector("#picked strong")


def answered(page: Any) -> Any:
    page.wait_for_selector("#result-title")
    return page


def labelled(page: Any) -> None:
    page.click("#tiles .tile >> nth=0")
    page.select_option("#own-label", "hem")
    page.keyboard.press("Escape")


def test_facts_and_name_go_with_the_patient(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    page.click("#example")
    answered(page)
    assert (page.input_value("#fact-age"), page.input_value("#patient-name")) == ("61", "Example")
    choose(page, folder / "a1.png")
    assert (page.input_value("#fact-age"), page.input_value("#patient-name")) == ("", "")
    assert page.inner_text(".picked-note") == EMPTIED
    page.fill("#fact-age", "50")
    page.fill("#patient-name", "P1")
    choose(page, folder / "a2.png")
    assert page.input_value("#fact-age") == "50", "pictures chosen anew before an answer are of the same patient"
    page.click("#go")
    assert answered(page).inner_text("#result-title") == "Patient P1"
    choose(page, folder / "a10.png")
    page.wait_for_selector(".picked-note")
    page.click("#go")
    assert answered(page).inner_text("#result-title") == "The patient"
    asked = [json.loads(call.texts["facts"]) for call in diagnosing.asked("/v1/patients")]
    assert asked == [{"age": 61}, {"age": 50}, {}]


def test_facts_go_with_the_patient_though_the_question_failed(
    visit: Visit, diagnosing: Any, folder: Path, fault: Any
) -> None:
    page = visit(diagnosing.url)
    choose(page, folder / "a1.png")
    page.fill("#fact-age", "50")
    page.fill("#patient-name", "P1")
    diagnosing.faults["/v1/patients"] = [fault(503, {"code": "too_long", "what": "It took too long."})]
    page.click("#go")
    page.wait_for_selector("#problem .problem")
    choose(page, folder / "a2.png")
    assert (page.input_value("#fact-age"), page.input_value("#patient-name")) == ("", "")
    assert page.inner_text(".picked-note") == EMPTIED


def test_what_is_chosen_beside_a_question_does_not_disturb_it(visit: Visit, judging: Any, folder: Path) -> None:
    page = visit(judging.url)
    page.wait_for_selector("#ask:not([hidden])")
    page.check("input[name=mode][value=cells]")
    page.set_input_files("#files", [folder / "a1.png"])
    page.wait_for_selector("#picked strong")
    judging.seconds = 1.0
    page.click("#go")
    page.wait_for_selector(".progress")
    page.check("input[name=mode][value=patient]")
    page.check("input[name=mode][value=cells]")
    answered(page)
    assert page.locator("#problem .problem").count() == 0


def test_the_example_ends_a_question_that_is_not_answered_yet(visit: Visit, diagnosing: Any, folder: Path) -> None:
    usual = diagnosing._patient

    def slow(call: Any) -> Any:
        time.sleep(1.0 if len(call.pictures) == 1 else 0.0)
        return usual(call)

    diagnosing._patient = slow
    page = visit(diagnosing.url)
    choose(page, folder / "a1.png")
    page.click("#go")
    page.wait_for_selector(".progress")
    page.click("#example")
    answered(page)
    page.wait_for_timeout(1200)
    assert page.inner_text("#result-title") == "Patient Example"
    assert page.locator("#tiles .tile").count() == 12


def test_labels_are_not_lost_unasked(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page, asked, go = visit(diagnosing.url), list[str](), [False]
    page.on("dialog", lambda one: (asked.append(one.message), one.accept() if go[0] else one.dismiss()))
    page.click("#example")
    answered(page)
    labelled(page)
    page.set_input_files("#files", folder / "a1.png")
    until(page, "!document.getElementById('files').value")
    page.click("#go")
    page.click("#anew")
    page.click("#example")
    assert asked == ["The labels that you gave are not downloaded yet and will be lost. Go on without them?"] * 4
    assert page.locator("#tiles .tile").count() == 12
    assert page.locator(".mark-labelled").count() == 1
    with page.expect_download():
        page.click("#save-table")
    page.click("#anew")
    assert len(asked) == 4, "what was downloaded is not lost"
    page.click("#example")
    answered(page)
    labelled(page)
    go[0] = True
    page.click("#anew")
    assert (len(asked), page.locator("#result section").count()) == (5, 0)


def test_a_zip_that_fails_leaves_the_labels_unsaved(visit: Visit, diagnosing: Any) -> None:
    page, asked = visit(diagnosing.url), list[str]()
    page.on("dialog", lambda one: (asked.append(one.message), one.dismiss()))
    page.click("#example")
    answered(page)
    labelled(page)
    page.evaluate("() => { Blob.prototype.arrayBuffer = () => Promise.reject(new Error('The file is gone.')); }")
    page.click("#save-zip")
    page.wait_for_selector("#corrections .problem")
    said = page.inner_text("#corrections .problem").split("\n")
    assert [line for line in said if line][:2] == ["The labels were not saved.", "The file is gone."]
    page.click("#anew")
    assert len(asked) == 1


def test_the_report_is_saved_though_the_service_is_gone(visit: Visit, diagnosing: Any) -> None:
    page = visit(diagnosing.url)
    page.click("#example")
    answered(page)
    diagnosing.stop()
    with page.expect_download(timeout=20_000) as waiting:
        page.click("#save-report")
    report = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert ".report-research" in report.partition("</style>")[0]


HELD = """() => {
  window.held = [];
  const usual = window.createImageBitmap;
  window.createImageBitmap = async (...all) => {
    await new Promise((resolve) => window.held.push(resolve));
    return usual(...all);
  };
}"""


def test_a_report_that_comes_late_stays_away(visit: Visit, diagnosing: Any) -> None:
    page = visit(diagnosing.url)
    page.evaluate(HELD)
    page.click("#example")
    answered(page)
    until(page, "window.held.length === 12")
    page.click("#anew")
    page.evaluate("window.held.forEach((go) => go())")
    page.wait_for_timeout(300)
    assert page.evaluate("document.getElementById('report').childElementCount") == 0


SLOW_THEN_QUICK = """async ([content, names]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const held = [];
  for (const name of names) {
    const quick = name === names.at(-1);
    const entry = { isFile: true, name, file: (done) => {
      const give = () => done(new File([bytes], name));
      if (quick) give(); else held.push(give);
    } };
    const drop = new Event("drop", { bubbles: true, cancelable: true });
    drop.dataTransfer = { items: [{ kind: "file", webkitGetAsEntry: () => entry }] };
    document.getElementById("drop").dispatchEvent(drop);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  held.forEach((give) => give());
  await new Promise((resolve) => setTimeout(resolve, 100));
}"""


def test_what_was_dropped_last_counts(visit: Visit, diagnosing: Any) -> None:
    page = visit(diagnosing.url)
    page.wait_for_selector("#fact-age")
    page.evaluate(SLOW_THEN_QUICK, ["AAAA", ["slow.png", "quick.tif"]])
    page.click("#go")
    assert answered_or_not(page)
    assert diagnosing.asked("/v1/patients")[0].pictures[0][0] == "picture-0001.tif"


def answered_or_not(page: Any) -> bool:
    page.wait_for_selector("#problem .problem")
    return "quick.tif" in page.inner_text("#problem .where")


def test_pictures_are_let_go_of_when_others_are_chosen(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    choose(page, folder / "a1.png")
    url = page.get_attribute(".strip img", "src")
    choose(page, folder / "a2.png")
    gone = """(url) => new Promise((done) => {
      const image = new Image();
      image.onerror = () => done(true);
      image.onload = () => done(false);
      image.src = url;
    })"""
    assert page.evaluate(gone, url)
