"""What the page says when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Visit = Callable[..., Any]
SAID = {"what": "What it was.", "where": "a1.png", "do": "What to do."}


def chosen(visit: Visit, stub: Any, *files: Any) -> Any:
    page = visit(stub.url)
    page.set_input_files("#files", list(files))
    page.wait_for_selector("#picked strong")
    return page


TITLES = {
    408: "Sending took too long.",
    413: "That is more than the service takes at once.",
    415: "The service cannot use this kind of file.",
    422: "The service cannot use what was sent.",
    429: "The service is busy with other requests.",
    503: "The service is starting or stopping.",
}


@pytest.mark.parametrize("status", TITLES)
def test_the_services_own_words(visit: Visit, diagnosing: Any, folder: Path, fault: Any, status: int) -> None:
    page = chosen(visit, diagnosing, folder / "a1.png")
    diagnosing.faults["/v1/patients"] = [fault(status, SAID)]
    page.click("#go")
    page.wait_for_selector("#problem .problem")
    said = page.inner_text("#problem .problem").split("\n")
    assert [line for line in said if line] == [TITLES[status], "What it was.", "a1.png", "What to do.", "Try again"]
    assert page.evaluate("document.activeElement.className") == "problem"
    page.click("#problem button")
    page.wait_for_selector("#result-title")
    assert page.locator("#problem .problem").count() == 0


CODES = {
    "too_long": (503, ["The answer took too long.", "What it was.", "b.png", "What to do."]),
    "stopping": (503, ["The service is being stopped.", "What it was.", "b.png", "What to do."]),
    "unknown_field": (
        422,
        [
            "The service cannot use what was sent.",
            "What it was.",
            "Load this page again. If it happens again, tell whoever runs the service.",
        ],
    ),
}


@pytest.mark.parametrize("code", CODES)
def test_what_is_said_by_code(visit: Visit, diagnosing: Any, folder: Path, fault: Any, code: str) -> None:
    status, lines = CODES[code]
    page = visit(diagnosing.url)
    page.set_input_files(
        "#files", {"name": "b.png", "mimeType": "image/png", "buffer": (folder / "a1.png").read_bytes()}
    )
    page.wait_for_selector("#picked strong")
    diagnosing.faults["/v1/patients"] = [fault(status, {**SAID, "code": code, "where": "picture-0001.png"})]
    page.click("#go")
    page.wait_for_selector("#problem .problem")
    said = page.inner_text("#problem .problem").split("\n")
    assert [line for line in said if line] == [*lines, "Try again"], "by the picture's name, not its number"


def test_busy_for_a_second_is_waited_for(visit: Visit, diagnosing: Any, folder: Path, fault: Any) -> None:
    page = chosen(visit, diagnosing, folder / "a1.png")
    diagnosing.faults["/v1/patients"] = [fault(429, SAID, {"Retry-After": "1"})]
    page.click("#go")
    page.wait_for_selector("text=The service is busy; trying again in 1 s.")
    page.wait_for_selector("#result-title")
    assert len(diagnosing.asked("/v1/patients")) == 2


def test_a_service_that_is_gone_and_comes_back(visit: Visit, judging: Any, folder: Path) -> None:
    page = chosen(visit, judging, folder / "a1.png")
    port = judging.port
    judging.stop()
    page.click("#go")
    page.wait_for_selector("#problem .problem")
    assert page.inner_text("#problem h3") == "The service cannot be reached."
    judging.start(port)
    page.click("#problem button")
    page.wait_for_selector("#result-title")


def test_too_much_is_refused_before_it_is_sent(visit: Visit, diagnosing: Any, folder: Path) -> None:
    cell = (folder / "a1.png").read_bytes()
    many = [{"name": f"{number}.png", "mimeType": "image/png", "buffer": cell} for number in range(81)]
    page = chosen(visit, diagnosing, *many)
    page.click("#go")
    page.wait_for_selector("#problem .problem")
    assert "These are 81\u00a0pictures; the service takes 80 of one patient." in page.inner_text("#problem")
    page.set_input_files("#files", [{"name": "large.png", "mimeType": "image/png", "buffer": bytes(3_000_000)}])
    page.wait_for_selector("text=1\u00a0picture, 3.0\u00a0MB")
    page.click("#go")
    page.wait_for_selector("text=These are 3 MB; the service takes 2 MB at once.")
    assert not diagnosing.asked("/v1/patients")


def test_one_part_that_cannot_be_read_leaves_the_others(visit: Visit, judging: Any, folder: Path) -> None:
    judging.bundle["limits"]["pictures"] = 2
    page = chosen(visit, judging, *[folder / name for name in ("a1.png", "a2.png", "broken.png")])
    page.check("input[name=mode][value=cells]")
    page.click("#go")
    page.wait_for_selector("#result-title")
    assert page.inner_text(".answer caption") == "2\u00a0cells looked at"
    assert "1\u00a0picture could not be used" in page.inner_text(".answer")
    assert "None of the 1 pictures can be read. broken.png" in page.get_attribute(".tile.is-unusable", "aria-label")


def test_a_part_that_was_answered_is_not_sent_again(visit: Visit, judging: Any, folder: Path, fault: Any) -> None:
    judging.bundle["limits"]["pictures"] = 1
    page = chosen(visit, judging, folder / "a1.png", folder / "a2.png")
    page.check("input[name=mode][value=cells]")
    usual, failed = judging._cells, list[str]()

    def once_broken(call: Any) -> Any:
        if call.pictures[0][0] == "picture-0002.png" and not failed:
            failed.append("once")
            return fault(503, SAID)
        return usual(call)

    judging._cells = once_broken
    page.click("#go")
    page.wait_for_selector("#problem .problem")
    page.click("#problem button")
    page.wait_for_selector("#result-title")
    sent = [call.pictures[0][0] for call in judging.asked("/v1/cells")]
    assert sent == ["picture-0001.png", "picture-0002.png", "picture-0002.png"]


def test_nothing_that_is_a_picture(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    page.set_input_files("#files", folder / "notes.txt")
    page.wait_for_selector("#problem .problem")
    assert page.inner_text("#problem h3") == "There is no picture in what you chose."
    assert "Found, but no pictures by their names: notes.txt." in page.inner_text("#problem")
    assert page.is_disabled("#go")


def test_a_service_that_is_still_loading_is_waited_for(visit: Visit, diagnosing: Any, fault: Any) -> None:
    diagnosing.faults["/v1/bundle"] = [fault(503, SAID)]
    page = visit(diagnosing.url)
    page.wait_for_selector("text=One moment: the service is reading its model.")
    page.wait_for_selector("#ask:not([hidden])")
    assert page.locator("#start-problem .problem").count() == 0


def test_stop(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = chosen(visit, diagnosing, folder / "a1.png")
    diagnosing.seconds = 1.0
    page.click("#go")
    page.wait_for_selector("text=The model looks at the cells.")
    page.click(".progress button")
    page.wait_for_selector("#go:not(:disabled)")
    assert page.inner_text("#live") == "Stopped."
    assert page.locator("#problem .problem").count() == 0


def test_a_patient_takes_a_while(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = chosen(visit, diagnosing, folder / "a1.png")
    diagnosing.seconds = 4.0
    diagnosing.progress = {"step": "looking", "done": 1, "of": 4}
    page.click("#go")
    page.wait_for_selector("text=Looking at 4\u00a0cells: 25\u00a0%")
    diagnosing.progress = {"step": "looking", "done": 3, "of": 4}
    page.wait_for_selector("text=/Looking at 4.cells: 75.%, about [01].s left/")
    page.wait_for_selector("#result-title")
    assert page.locator(".progress").count() == 0
    asked = {call.path for call in diagnosing.calls if call.path.startswith("/v1/progress/")}
    assert len(asked) == 1


def test_the_token_is_asked_for_once_and_kept_in_memory(visit: Visit, diagnosing: Any, folder: Path) -> None:
    diagnosing.token = "open sesame"
    page = visit(diagnosing.url)
    page.wait_for_selector("dialog.token")
    page.fill("#token", "wrong")
    page.click("dialog.token >> text=Go on")
    page.wait_for_selector("text=That token was not accepted.")
    page.fill("#token", "open sesame")
    page.keyboard.press("Enter")
    page.wait_for_selector("#ask:not([hidden])")
    page.set_input_files("#files", folder / "a1.png")
    page.wait_for_selector("#picked strong")
    page.click("#go")
    page.wait_for_selector("#result-title")
    assert page.locator("dialog.token").count() == 0
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    page.reload()
    page.wait_for_selector("dialog.token")
    page.keyboard.press("Escape")
    page.wait_for_selector("#start-problem .problem")
    said = page.inner_text("#start-problem .problem").split("\n")
    assert [line for line in said if line] == [
        "The service asks for its token.",
        "The token is missing.",
        "Ask whoever started the service for the token, then load this page again.",
        "Try again",
    ]


def test_a_token_that_no_request_can_carry(visit: Visit, diagnosing: Any) -> None:
    diagnosing.token = "open sesame"
    page = visit(diagnosing.url)
    page.wait_for_selector("dialog.token")
    page.fill("#token", "open \N{LEFT SINGLE QUOTATION MARK}sesame")
    page.keyboard.press("Enter")
    assert page.inner_text("#token-wrong") == "That holds a sign that no token can have. Copy the token once more."
    page.fill("#token", "open sesame")
    page.keyboard.press("Enter")
    page.wait_for_selector("#ask:not([hidden])")
