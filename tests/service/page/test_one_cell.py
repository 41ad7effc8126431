"""The grid, one cell in full, and what a person says of it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leukoscope.cohort.readers import read_cohort

Visit = Callable[..., Any]


def asked(visit: Visit, stub: Any, folder: Path, **settings: Any) -> Any:
    page = visit(stub.url, **settings)
    page.set_input_files("#folder", folder)
    page.wait_for_selector("#picked strong")
    page.click("#go")
    page.wait_for_selector("#result-title")
    return page


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.title"))


def test_by_keyboard_alone(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = asked(visit, diagnosing, folder)
    for _ in range(30):
        page.keyboard.press("Tab")
        if focused(page):
            break
    assert focused(page) == "P12/a1.png", "the grid is one stop of the Tab key"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "P12/a2.png"
    page.keyboard.press("End")
    assert focused(page) == "P12/broken.png"
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_selector("#heat-map")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#cell-title") == "Cell 2"
    page.wait_for_selector("#heat-map")
    outlined = "getComputedStyle(document.activeElement).outlineStyle"
    page.keyboard.press("Tab")
    assert page.evaluate(outlined) != "none"
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog.cell")
    page.wait_for_selector("[title='P12/a2.png']:focus")  # back to the cell that was looked at last
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "order"


def test_why(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = asked(visit, diagnosing, folder)
    page.click(".tile >> nth=1")
    page.wait_for_selector("#heat-map")
    decoded = "Promise.all([...document.querySelectorAll('dialog img')].map((image) => image.decode()))"
    page.evaluate(decoded)
    said = page.inner_text("dialog.cell")
    assert "Warm places speak for the class." in said
    assert "+0.300 evidence for “leukaemic”" in said
    assert "Its distance is 1.43, and 1.00 is the limit." in said
    assert "The model is not sure enough (89\u00a0% for “leukaemic”). It refers this cell to a person." in said
    assert page.locator("#top-classes li").all_inner_texts() == ["leukaemic\n91\u00a0%", "normal\n9\u00a0%"]
    assert "no picture" in page.inner_text("#nearest")
    assert "distance 0.31" in page.inner_text("#nearest")
    page.select_option("#map-class", "hem")
    page.wait_for_selector("figcaption:has-text('Heat map: normal')")
    page.select_option("#map-method", "occlusion")
    page.wait_for_selector(".asking", state="detached")
    usual = {"method": "grad_cam", "class": "all", "facts": "{}"}
    first, second, third = diagnosing.asked("/v1/explain")
    assert (first.texts, first.pictures[0][0]) == (usual, "picture-0002.png")
    assert second.texts == {"method": "grad_cam", "class": "hem", "facts": "{}"}
    assert third.texts == {"method": "occlusion", "class": "hem", "facts": "{}"}
    page.click("dialog.cell .close")


def test_why_not(visit: Visit, diagnosing: Any, folder: Path, fault: Any) -> None:
    page = asked(visit, diagnosing, folder)
    page.click(".tile.is-unusable")
    assert "This picture cannot be used: It is no picture that can be read." in page.inner_text("dialog.cell")
    assert not diagnosing.asked("/v1/explain"), "nobody asks about what cannot be read"
    page.click("dialog.cell .close")
    diagnosing.faults["/v1/explain"] = [fault(503, {"what": "The service is stopping."})]
    page.click(".tile >> nth=0")
    page.wait_for_selector("dialog.cell .problem")
    assert "The service is starting or stopping." in page.inner_text("dialog.cell .problem")
    page.click("dialog.cell .problem button")
    page.wait_for_selector("#heat-map")


def test_walking_through_the_cells_asks_about_the_one_where_it_ends(
    visit: Visit, diagnosing: Any, folder: Path
) -> None:
    page = asked(visit, diagnosing, folder)
    page.click(".tile >> nth=0")
    page.wait_for_selector("#heat-map")
    page.evaluate(
        """() => { for (let step = 0; step < 3; step += 1) document.querySelector("dialog.cell").dispatchEvent(
          new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })); }"""
    )
    assert page.inner_text("#cell-title") == "Cell 5"
    page.wait_for_selector("#heat-map")
    assert [call.pictures[0][0] for call in diagnosing.asked("/v1/explain")] == ["picture-0001.png", "picture-0005.png"]


def test_a_dialog_speaks_for_itself(visit: Visit, diagnosing: Any, folder: Path) -> None:
    page = asked(visit, diagnosing, folder)
    page.click(".tile >> nth=0")
    page.wait_for_selector("#heat-map")
    assert page.inner_text("dialog.cell .live") == "Heat map for leukaemic shown."
    page.keyboard.press("ArrowRight")
    assert page.inner_text("dialog.cell .live") == "Cell 2, called leukaemic"
    assert "Heat map" not in page.inner_text("#live"), "what lies beneath a dialog is silent"


def labelled(visit: Visit, diagnosing: Any, folder: Path) -> Any:
    page = asked(visit, diagnosing, folder)
    page.fill("#patient-name", "later than the answer")
    page.click(".tile >> nth=0")
    page.select_option("#own-label", "hem")
    page.keyboard.press("Escape")
    page.click(".tile[title='P12/more/b.png']")
    page.select_option("#own-label", "all")
    page.keyboard.press("Escape")
    return page


def test_labels_are_read_as_a_cohort(visit: Visit, diagnosing: Any, folder: Path, tmp_path: Path) -> None:
    page = labelled(visit, diagnosing, folder)
    assert "2\u00a0labels given by you (normal, leukaemic); the model says otherwise of 1." in page.inner_text(
        "#corrections"
    )
    assert page.locator(".mark-labelled").count() == 2
    with page.expect_download() as waiting:
        page.click("#save-table")
    table = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(table)
    assert table.read_text().splitlines() == ["path,patient,label", "P12/a1.png,,hem", "P12/more/b.png,,all"]
    (tmp_path / "P12").symlink_to(folder)
    cohort = read_cohort(table, "table")
    assert cohort.usable.select("path", "label").rows() == [("P12/a1.png", "hem"), ("P12/more/b.png", "all")]
    with page.expect_download() as waiting:
        page.click("#save-zip")
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        assert archive.read("P12/a1.png") == (folder / "a1.png").read_bytes()
        archive.extractall(tmp_path / "unpacked")
    assert read_cohort(tmp_path / "unpacked" / "corrections.csv", "table").usable.height == 2
    page.click("text=Discard")
    assert page.inner_text("#corrections") == ""
    assert page.locator(".mark-labelled").count() == 0


def test_names_that_a_table_must_quote(visit: Visit, diagnosing: Any) -> None:
    page = visit(diagnosing.url)
    names = ["=1+1.png", "../up.png", 'a "b", c.png', "plain.png"]
    made = page.evaluate(
        """async (names) => {
          const { tableOf } = await import("./page/corrections.js");
          const cells = names.map((name, place) => ({ name, place }));
          return tableOf(cells, new Map(cells.map((cell) => [cell.place, "hem"])), "P 1");
        }""",
        names,
    )
    rows = ["./=1+1.png,P 1,hem", "up.png,P 1,hem", '"a ""b"", c.png",P 1,hem', "plain.png,P 1,hem"]
    assert made == "".join(f"{row}\r\n" for row in ["path,patient,label", *rows])
