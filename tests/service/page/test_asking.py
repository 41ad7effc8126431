"""From pictures and facts to an answer."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

Visit = Callable[..., Any]
FOLDER = ["P12/a1.png", "P12/a2.png", "P12/a10.png", "P12/broken.png", "P12/more/b.png", "P12/more/c.tif"]
NUMBERS = [f"picture-000{number}.{'tif' if number == 6 else 'png'}" for number in range(1, 7)]


def ask(page: Any) -> None:
    page.click("#go")
    page.wait_for_selector("#result-title")


def titles(page: Any) -> Any:
    return page.locator("#tiles .tile").evaluate_all("(all) => all.map((one) => one.title)")


def test_a_patient_by_a_folder_and_facts(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    assert page.inner_text(".research") == "Research use only; not a medical device"
    assert page.inner_text("#title") == "What do this patient's cells say?"
    assert page.is_disabled("#go")
    page.set_input_files("#folder", folder)
    page.wait_for_selector("#picked strong")
    assert page.inner_text("#picked strong").startswith("6\u00a0pictures")
    assert "1\u00a0file left out" in page.inner_text("#picked")
    page.fill("#patient-name", "Alpha")
    page.fill("#fact-age", "61,5")
    page.select_option("#fact-sex", label="F")
    ask(page)

    sent = diagnosing.asked("/v1/patients")[0]
    assert [name for name, _ in sent.pictures] == NUMBERS
    assert json.loads(sent.texts["facts"]) == {"age": 61.5, "sex": "F"}
    assert "Alpha" not in str(sent.texts), "the name stays on the page"
    assert page.inner_text("#result-title") == "Patient Alpha"
    assert page.inner_text("#answer") == "leukaemic"
    assert page.inner_text("#probability") == "73\u00a0%"
    assert (
        page.inner_text(".why")
        == "The probability of “leukaemic”, 73\u00a0%, reaches the operating point of 48\u00a0%."
    )
    assert page.get_attribute("svg.scale", "aria-label") == (
        "Probability of leukaemic: 73\u00a0%. Range 61\u00a0% to 82\u00a0%. Operating point 48\u00a0%. "
        "Referred from 31\u00a0% to 60\u00a0%."
    )
    assert "Range 61 to 82\u00a0% (95\u00a0%)" in page.inner_text(".answer")
    assert "5\u00a0cells looked at; 1\u00a0picture could not be used" in page.inner_text(".answer")
    assert "Age: 91 lies beyond" in page.inner_text(".answer .remarks")
    assert page.evaluate("document.activeElement.id") == "result-title"
    assert page.inner_text("#live") == "Answer: leukaemic. Probability of “leukaemic”: 73\u00a0%."
    assert titles(page)[:3] + titles(page)[3:][-1:] == [*FOLDER[:3], FOLDER[3]]
    tiles = page.locator(".tile .figure").all_inner_texts()
    assert tiles == ["+0.400", "+0.300", "+0.200", "+0.100", "0", "not usable"], "by evidence, unreadable ones last"
    loaded = "[...document.querySelectorAll('.tile img')].map((image) => image.decode().then(() => image.naturalWidth))"
    assert page.evaluate(f"Promise.all({loaded})") == [32, 32, 32, 32], "the TIFF and the broken one have a number"


def test_cells_in_a_zip_are_unpacked_here_and_sent_in_parts(visit: Visit, judging: Any, folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(70):
            archive.write(folder / "a1.png", f"P1/{number}.png", zipfile.ZIP_STORED if number % 2 else None)
        archive.writestr("README.txt", "no picture")
        archive.writestr("__MACOSX/P1/._1.png", "no picture either")
    page = visit(judging.url)
    page.check("input[name=mode][value=cells]")
    assert page.is_hidden("#facts")
    page.set_input_files("#files", {"name": "P1.zip", "mimeType": "application/zip", "buffer": packed.getvalue()})
    page.wait_for_selector("#picked strong")
    ask(page)
    parts = judging.asked("/v1/cells")
    assert [len(part.pictures) for part in parts] == [64, 6]
    assert parts[0].pictures[2] == ("picture-0003.png", (folder / "a1.png").read_bytes()), "unpacked to what was packed"
    assert parts[1].pictures[0][0] == "picture-0065.png"
    assert page.inner_text(".answer caption") == "70\u00a0cells looked at"
    assert page.locator(".counts td").all_inner_texts() == ["23", "33\u00a0%", "47", "67\u00a0%"]
    page.click("text=Referred 2")
    assert page.locator(".tile").count() == 2
    page.click(".chip:has-text('normal')")
    assert page.locator(".tile").count() == 23
    page.select_option("#order", label="order given")
    assert page.locator(".tile").first.get_attribute("title") == "P1/2.png"


def test_a_zip_that_the_browser_cannot_unpack_goes_as_it_is(visit: Visit, diagnosing: Any) -> None:
    page = visit(diagnosing.url)
    page.set_input_files("#files", {"name": "odd.zip", "mimeType": "application/zip", "buffer": b"no zip at all"})
    page.wait_for_selector("#picked strong")
    assert "this browser cannot unpack it, so it is sent as it is, with the file names in it" in page.inner_text(
        "#picked"
    )
    page.click("#go")
    page.wait_for_selector("#problem .problem")
    assert diagnosing.asked("/v1/patients")[0].pictures == [("picture-0001.zip", b"no zip at all")]
    assert page.inner_text("#problem h3") == "The service cannot use what was sent."


DROP = """([names, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const file = (name) => ({ isFile: true, name, file: (done) => done(new File([bytes], name)) });
  const folder = { isDirectory: true, name: "P7", createReader: () => {
    const waiting = names.map(file);
    return { readEntries: (done) => done(waiting.splice(0, 2)) };
  } };
  const drop = new Event("drop", { bubbles: true, cancelable: true });
  drop.dataTransfer = { items: [{ kind: "file", webkitGetAsEntry: () => folder }] };
  document.getElementById("drop").dispatchEvent(drop);
  return drop.defaultPrevented;
}"""


def test_a_dropped_folder_is_read_to_its_end(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    content = base64.b64encode((folder / "a1.png").read_bytes()).decode()
    page.wait_for_selector("#fact-age")  # by then the page listens
    assert page.evaluate(DROP, [[f"{number}.png" for number in range(5)], content]), "the browser must not open it"
    page.wait_for_selector("#picked strong")
    ask(page)
    assert len(diagnosing.asked("/v1/patients")[0].pictures) == 5
    assert titles(page) == [f"P7/{number}.png" for number in range(5)]


def test_the_example_is_one_click_away(visit: Visit, diagnosing: Any) -> None:
    page = visit(diagnosing.url)
    page.click("#example")
    page.wait_for_selector("#result-title")
    assert page.locator(".tile").count() == 12
    assert json.loads(diagnosing.asked("/v1/patients")[0].texts["facts"]) == {"age": 61}
    assert "These cells are drawn by a program: they are of no person." in page.inner_text("#result .remarks >> nth=-1")
    page.click("#anew")
    assert page.locator("#result section").count() == 0
    assert page.input_value("#fact-age") == ""
    assert page.is_disabled("#go")


WRONG = {
    "old": "“old” is no number. Write it like 7.5.",
    "NaN": "“NaN” is no number. Write it like 7.5.",
    "7,500": "“7,500” is no number. Write it like 7.5.",
    "610": "This should be 0 to 120 years. Is the unit right?",
}


def test_a_fact_that_cannot_be_is_not_sent(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    page.set_input_files("#files", folder / "a1.png")
    page.wait_for_selector("#picked strong")
    for typed, said in WRONG.items():
        page.fill("#fact-age", typed)
        page.click("#go")
        assert page.inner_text("#fact-age-wrong") == said
        assert page.evaluate("document.activeElement.id") == "fact-age"
    assert not diagnosing.asked("/v1/patients")
    page.fill("#fact-age", "61")
    ask(page)


def test_a_referred_patient_gets_no_answer(visit: Visit, diagnosing: Any) -> None:
    usual = diagnosing._patient

    def referred(call: Any) -> Any:
        answer = usual(call)
        answer["patient"] |= {"referred": True, "band": "hem or all", "probabilities": {"hem": 0.52, "all": 0.48}}
        return answer

    diagnosing._patient = referred
    page = visit(diagnosing.url)
    page.click("#example")
    page.wait_for_selector("#result-title")
    assert page.inner_text("#answer") == "No answer: refer to a further test"
    assert page.inner_text(".why") == (
        "The probability of “leukaemic” is 48\u00a0%; “normal” and “leukaemic” both remain possible with the promised "
        "reliability. A further test should decide."
    )


def test_fields_to_cells_to_patient(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    page.check("input[name=kind][value=fields]")
    assert page.inner_text("#go") == "Find the cells"
    page.set_input_files("#files", [folder / "a1.png", folder / "a2.png"])
    page.wait_for_selector("#picked strong")
    page.click("#go")
    page.wait_for_selector("#found-title")
    assert page.inner_text("#found-title") == "4\u00a0cells found in 2\u00a0fields"
    assert page.locator("svg.boxes rect").count() == 4
    page.click(".cut-out .tile >> nth=1")
    assert page.inner_text("#use-cells") == "Go on with 3\u00a0cells"
    page.click("#use-cells")
    assert page.evaluate("document.activeElement.id") == "patient-name"
    assert page.inner_text("#go") == "Ask the model"
    ask(page)
    assert titles(page) == ["a1_01.png", "a2_01.png", "a2_02.png"]


def test_fields_of_one_name_each_have_their_own_cells(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = visit(diagnosing.url)
    page.check("input[name=kind][value=fields]")
    cell = (folder / "a1.png").read_bytes()
    page.set_input_files("#files", [{"name": "x.png", "mimeType": "image/png", "buffer": cell}] * 2)
    page.wait_for_selector("#picked strong")
    page.click("#go")
    page.wait_for_selector("#found-title")
    assert page.locator("#fields-found h3").all_inner_texts() == ["x.png", "x_2.png"]
    assert page.locator(".cut-out").evaluate_all("(all) => all.map((one) => one.children.length)") == [2, 2]
    page.click("#use-cells")
    ask(page)
    assert titles(page) == ["x_01.png", "x_02.png", "x_2_01.png", "x_2_02.png"]


def test_fields_in_a_zip_that_the_service_unpacks(visit: Visit, diagnosing: Any) -> None:
    usual = diagnosing.answer_fields

    def unpacked(call: Any) -> Any:
        return usual(replace(call, pictures=[("S/1.png", b""), ("S/2.png", b"")]))

    diagnosing.answer_fields = unpacked
    page = visit(diagnosing.url)
    page.check("input[name=kind][value=fields]")
    page.set_input_files("#files", {"name": "odd.zip", "mimeType": "application/zip", "buffer": b"no zip at all"})
    page.wait_for_selector("#picked strong")
    page.click("#go")
    page.wait_for_selector("#found-title")
    assert page.inner_text("#found-title") == "4\u00a0cells found in 2\u00a0fields"
    assert page.locator("#fields-found h3").all_inner_texts() == ["S/1.png", "S/2.png"]
    assert page.locator(".cut-out .tile").count() == 4
    assert page.inner_text("#fields-found .hint >> nth=0") == (
        "The field lies in a zip that this browser cannot unpack; the boxes lie where the cells are."
    )


def test_two_pictures_of_one_name(visit: Visit, diagnosing: Any) -> None:
    page = visit(diagnosing.url)
    names = ["1.png", "a/1.png", "1.png", "1_2.png", "plain", "plain"]
    made = page.evaluate(
        """async (names) => {
          const { unlike } = await import("./page/files.js");
          return unlike(names.map((name) => ({ name }))).map((one) => one.name);
        }""",
        names,
    )
    assert made == ["1.png", "a/1.png", "1_3.png", "1_2.png", "plain", "plain_2"]
